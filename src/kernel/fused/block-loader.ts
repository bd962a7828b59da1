/**
 * Takes fused blocks into a wasm kernel set: compiles each once and puts it into the kernels' table, where the interpreter calls
 * it.
 * Invariant: a host that refuses to compile (a content security policy, an isolate) is asked once; nothing else changes then.
 */

/** Entries that an instruction's operand can name. */
const ENTRIES_MAX = 65_536

export class BlockLoader {
  readonly #memory: WebAssembly.Memory
  readonly #table: WebAssembly.Table
  /** Table entries by the module's bytes. */
  readonly #entries = new Map<string, number>()
  #isRefused = false

  constructor(memory: WebAssembly.Memory, table: WebAssembly.Table) {
    this.#memory = memory
    this.#table = table
  }

  /** The table entry of a module's function `f0`; null where the host refuses. */
  load(bytes: Uint8Array<ArrayBuffer>): number | null {
    const key = String.fromCharCode(...bytes)
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    if (this.#isRefused || this.#table.length >= ENTRIES_MAX) return null
    try {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.#memory } })
      const entry = this.#table.grow(1)
      this.#table.set(entry, instance.exports['f0'] as CallableFunction)
      this.#entries.set(key, entry)
      return entry
    } catch {
      this.#isRefused = true
      return null
    }
  }
}
