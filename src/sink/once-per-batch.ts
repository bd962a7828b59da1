/**
 * The part of a sink that makes it idempotent where its effect cannot be undone: a batch that was taken once is not taken
 * again.
 */
import type { BatchInfo } from './sink.js'

export class OncePerBatch {
  #lastBatchId = -1

  /** Whether the batch has been taken before; batches come in order. */
  isTaken(info: BatchInfo): boolean {
    return info.batchId <= this.#lastBatchId
  }

  /** Notes that the batch has been taken in full. */
  take(info: BatchInfo): void {
    this.#lastBatchId = info.batchId
  }
}
