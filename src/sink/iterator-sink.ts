/**
 * The sink behind `for await (const batch of stream)`: batches wait in a short queue until the reader asks.
 * Invariant: when `batchesQueuedMax` batches wait, the next write waits too, and with it the engine.
 */
import type { Batch } from '../data/batch.js'
import { OncePerBatch } from './once-per-batch.js'
import type { BatchInfo, Sink } from './sink.js'

export interface IteratorSinkOptions {
  /** Batches that wait for the reader at most; default 8. */
  readonly batchesQueuedMax?: number
}

interface Reader<Row> {
  resolve(result: IteratorResult<Batch<Row>, undefined>): void
  reject(error: unknown): void
}

/** A sink to write to and an iterator to read from. Leaving the loop closes the iterator; later batches are let go. */
export class IteratorSink<Row> implements Sink<Row>, AsyncIterableIterator<Batch<Row>> {
  readonly name = 'iterator()'
  readonly #queuedMax: number
  readonly #once = new OncePerBatch()
  #queue: Batch<Row>[] = []
  #readers: Reader<Row>[] = []
  #writers: (() => void)[] = []
  #end: { readonly error: unknown } | null = null

  constructor({ batchesQueuedMax = 8 }: IteratorSinkOptions = {}) {
    this.#queuedMax = Math.max(1, batchesQueuedMax)
  }

  /** Batches without rows are not handed on. */
  async write(batch: Batch<Row>, info: BatchInfo): Promise<void> {
    if (this.#end || this.#once.isTaken(info)) return
    this.#once.take(info)
    if (batch.numRows === 0) return
    const reader = this.#readers.shift()
    if (reader) return reader.resolve({ done: false, value: batch })
    this.#queue.push(batch)
    if (this.#queue.length >= this.#queuedMax) await new Promise<void>(resolve => this.#writers.push(resolve))
  }

  /** What waits can still be read; then the loop ends, or throws `error`. */
  close(error?: unknown): void {
    this.#end ??= { error }
    this.#releaseWriters()
    for (const reader of this.#readers.splice(0)) this.#finish(reader)
  }

  next(): Promise<IteratorResult<Batch<Row>, undefined>> {
    const batch = this.#queue.shift()
    if (this.#queue.length < this.#queuedMax) this.#releaseWriters()
    if (batch) return Promise.resolve({ done: false, value: batch })
    return new Promise((resolve, reject) => {
      if (this.#end) this.#finish({ resolve, reject })
      else this.#readers.push({ resolve, reject })
    })
  }

  return(): Promise<IteratorResult<Batch<Row>, undefined>> {
    this.#queue = []
    this.close()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #finish(reader: Reader<Row>): void {
    const error = this.#end?.error
    if (error === undefined) return reader.resolve({ done: true, value: undefined })
    this.#end = { error: undefined }
    reader.reject(error)
  }

  #releaseWriters(): void {
    for (const resolve of this.#writers.splice(0)) resolve()
  }
}
