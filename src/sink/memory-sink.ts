/**
 * The sink that keeps what it gets: for tests, notebooks and small results.
 * Invariant: a batch that is written again replaces what it wrote before.
 */
import type { Batch } from '../data/batch.js'
import type { BatchInfo, Sink } from './sink.js'

export interface MemorySinkOptions {
  /** Rows kept at most; the oldest batches go first. Default 1,000,000. */
  readonly rowsMax?: number
}

export interface WrittenBatch<Row> extends BatchInfo {
  readonly batch: Batch<Row>
}

export interface MemorySink<Row> extends Sink<Row> {
  /** All rows so far, in order; in mode `complete` those of the last batch. A fresh array. */
  readonly rows: Row[]
  /** The batches that had rows, in order; in mode `complete` the last one. */
  readonly batches: readonly WrittenBatch<Row>[]
  clear(): void
}

/**
 * Collects result rows.
 * @example
 * const sink = memorySink<{ sensor: string; n: number }>()
 * stream.to(sink)
 * await context.processAllAvailable()
 * console.table(sink.rows)
 */
export function memorySink<Row = Record<string, unknown>>({ rowsMax = 1_000_000 }: MemorySinkOptions = {}): MemorySink<Row> {
  let batches: WrittenBatch<Row>[] = []
  return {
    name: 'memorySink()',
    get rows() {
      return batches.flatMap(written => written.batch.toRows())
    },
    get batches() {
      return [...batches]
    },
    clear() {
      batches = []
    },
    write(batch, info) {
      const kept = info.mode === 'complete' ? [] : batches.filter(written => written.batchId < info.batchId)
      batches = batch.numRows > 0 || info.mode === 'complete' ? [...kept, { ...info, batch }] : kept
      let rows = batches.reduce((sum, written) => sum + written.batch.numRows, 0)
      while (rows > rowsMax && batches.length > 1) rows -= batches.shift()!.batch.numRows
    },
  }
}
