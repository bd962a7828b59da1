/**
 * The contract of sinks: where result batches leave. The engine calls `write` once per batch and output, in batch order, and
 * again with the same id after a recovery: a sink is idempotent by batchId.
 */
import type { Batch } from '../data/batch.js'
import type { OutputMode } from '../data/output-mode.js'

export interface BatchInfo {
  readonly batchId: number
  /** The batch's processing time, epoch ms; the same on a re-run. */
  readonly time: number
  readonly mode: OutputMode
}

export interface Sink<Row = unknown> {
  readonly name: string
  /** Called before the first batch. */
  open?(): void | Promise<void>
  /**
   * Takes one batch; the batch counts once the promise resolves. Batches without rows are written too, so that a sink can
   * see time pass.
   */
  write(batch: Batch<Row>, info: BatchInfo): void | Promise<void>
  /** Called once when the context stops; `error` is set when the job failed. */
  close?(error?: unknown): void | Promise<void>
}
