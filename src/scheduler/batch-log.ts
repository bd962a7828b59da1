/**
 * The write-ahead log of batches: what a batch is going to read before it runs (`offsets/N`), and that its results are out
 * (`commits/N`). A batch exists from its offsets entry on and counts from its commit on.
 * Invariant: entries are written in batch order; those of the last BATCHES_RETAINED batches stay.
 */
import type { Storage } from '../base/ports.js'
import type { OperatorWatermarks } from '../plan/task.js'
import type { SourceRange } from './block-tracker.js'

export const BATCHES_RETAINED = 100
const FORMAT_VERSION = 1

/** What batch N reads and by which times; a re-run uses the same. */
export interface OffsetsEntry {
  readonly batchId: number
  readonly batchTimeMs: number
  readonly sources: readonly SourceRange[]
  readonly watermarks: Readonly<Record<number, OperatorWatermarks>>
}

export class BatchLog {
  readonly #storage: Storage
  readonly #encoder = new TextEncoder()

  constructor(storage: Storage) {
    this.#storage = storage
  }

  async logOffsets(entry: OffsetsEntry): Promise<void> {
    await this.#write(`offsets/${entry.batchId}`, { ...entry, watermarks: encodeWatermarks(entry.watermarks) })
  }

  /** The batch's results are with the sinks. Entries that have become old are removed. */
  async logCommit(batchId: number): Promise<void> {
    await this.#write(`commits/${batchId}`, { batchId })
    const old = batchId - BATCHES_RETAINED
    if (old < 0) return
    await this.#storage.remove(`offsets/${old}`)
    await this.#storage.remove(`commits/${old}`)
  }

  #write(key: string, entry: object): Promise<void> {
    return this.#storage.write(key, this.#encoder.encode(JSON.stringify({ formatVersion: FORMAT_VERSION, ...entry })))
  }
}

/** JSON has no infinities; they are written as text. */
function encodeWatermarks(watermarks: OffsetsEntry['watermarks']): Record<string, Record<string, number | string>> {
  const encode = (ms: number): number | string => (Number.isFinite(ms) ? ms : String(ms))
  return Object.fromEntries(Object.entries(watermarks).map(([id, { lateWatermarkMs, closeWatermarkMs }]) =>
    [id, { lateWatermarkMs: encode(lateWatermarkMs), closeWatermarkMs: encode(closeWatermarkMs) }]))
}
