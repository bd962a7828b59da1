/**
 * Sinks made of a function of the user's, called on the scheduler's thread: behind `forEachBatch` and `forEachRow`.
 * Invariant: the function sees each batch once in this process; the batch counts when the promise it returns has resolved.
 */
import type { Batch } from '../data/batch.js'
import { OncePerBatch } from './once-per-batch.js'
import type { BatchInfo, Sink } from './sink.js'

export type BatchFunction<Row> = (batch: Batch<Row>, info: BatchInfo) => unknown
export type RowFunction<Row> = (row: Row, info: BatchInfo) => unknown

/** Calls `onBatch` with each batch that has rows. */
export function batchFunctionSink<Row>(onBatch: BatchFunction<Row>): Sink<Row> {
  const once = new OncePerBatch()
  return {
    name: `forEachBatch(${onBatch.name})`,
    async write(batch, info) {
      if (once.isTaken(info)) return
      if (batch.numRows > 0) await onBatch(batch, info)
      once.take(info)
    },
  }
}

/** Calls `onRow` with each row, one after the other; a promise that it returns is awaited before the next row. */
export function rowFunctionSink<Row>(onRow: RowFunction<Row>): Sink<Row> {
  const once = new OncePerBatch()
  return {
    name: `forEachRow(${onRow.name})`,
    async write(batch, info) {
      if (once.isTaken(info)) return
      for (const row of batch) {
        const result = onRow(row, info)
        if (isThenable(result)) await result
      }
      once.take(info)
    },
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
