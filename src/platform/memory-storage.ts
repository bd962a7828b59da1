/**
 * Storage in memory, for tests.
 */
import type { Storage } from '../base/ports.js'

export class MemoryStorage implements Storage {
  readonly #entries = new Map<string, Uint8Array>()

  async read(key: string): Promise<Uint8Array | null> {
    return this.#entries.get(key)?.slice() ?? null
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    this.#entries.set(key, bytes.slice())
  }

  async remove(key: string): Promise<void> {
    this.#entries.delete(key)
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...this.#entries.keys()].filter(key => key.startsWith(prefix)).sort()
  }
}
