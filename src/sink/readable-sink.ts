/**
 * The sink behind `toReadableStream()`: an iterator sink whose reader is a web stream.
 */
import type { Batch } from '../data/batch.js'
import { IteratorSink, type IteratorSinkOptions } from './iterator-sink.js'
import type { Sink } from './sink.js'

/** A sink to write to and the stream that it fills. Cancelling the stream lets later batches go; a failed job errors it. */
export function readableStreamSink<Row>(
  options: IteratorSinkOptions = {},
): { readonly sink: Sink<Row>; readonly stream: ReadableStream<Batch<Row>> } {
  const sink = new IteratorSink<Row>(options)
  const stream = new ReadableStream<Batch<Row>>({
    async pull(controller) {
      const { done, value } = await sink.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await sink.return()
    },
  }, { highWaterMark: 0 })
  return { sink, stream }
}
