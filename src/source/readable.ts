/**
 * Anything that can be iterated or read as a stream: rows, arrays of rows, columns, bytes or text, one after the other.
 * Invariant: the next item is asked for only when the queue has room, so that back-pressure reaches whoever produces.
 */
import type { MillraceError } from '../base/errors.js'
import { describeValue } from '../data/value-check.js'
import { Breath } from './breath.js'
import { invalid, sourceParts, type DecodeOption, type SourceOptions, type SourceParts } from './options.js'
import { pushDecoded, pushPayloads, type Payload } from './payload.js'
import type { Intake, Source, SourceSchema } from './source.js'

export type ReadableInput<T> = ReadableStream<T> | AsyncIterable<T> | Iterable<T>

/** Items of an iterable that are pushed together. */
const ITEMS_AT_A_TIME = 512

/**
 * A source over a stream or an iterable; it ends when that ends. Bytes and text may be cut anywhere; for the format `json` each
 * item is a document.
 * @example
 * const body = response.body.pipeThrough(new DecompressionStream('gzip'))
 * readable(body, { format: 'ndjson', schema: { sensor: 'utf8', value: 'f64' } })
 */
export function readable<const S extends SourceSchema, T = Payload<S>>(
  input: ReadableInput<T>, options: SourceOptions<S> & DecodeOption<S, T>,
): Source<S> {
  const parts = sourceParts(options, { name: 'readable()', format: 'rows', canPause: true })
  const push = pusherOf(parts, options.decode)
  return {
    ...parts,
    start(intake) {
      const reader = readerOf(input, parts.name)
      void pump(intake, reader, push)
      return { close: () => reader.close() }
    },
  }
}

interface ReadResult<T> {
  readonly done?: boolean | undefined
  readonly value?: T | undefined
}

/** Reads items one by one; a stream is read by a reader, which all browsers have, and not by async iteration. */
interface Reader<T> {
  next(): Promise<ReadResult<T>> | ReadResult<T>
  /** Whether items are at hand without waiting. */
  readonly isSync: boolean
  close(): void
}

function readerOf<T>(input: ReadableInput<T>, name: string): Reader<T> {
  const quietly = (closing: unknown): void => void Promise.resolve(closing).catch(() => {})
  if (typeof (input as ReadableStream<T>)?.getReader === 'function') {
    const reader = (input as ReadableStream<T>).getReader()
    return { next: () => reader.read(), isSync: false, close: () => quietly(reader.cancel()) }
  }
  const iterable = input as Partial<AsyncIterable<T> & Iterable<T>> | null | undefined
  const isSync = typeof iterable?.[Symbol.asyncIterator] !== 'function'
  const isText = typeof input === 'string'
  const iterator = iterable?.[Symbol.asyncIterator]?.() ?? (isText ? undefined : iterable?.[Symbol.iterator]?.())
  if (!iterator) throw notReadable(name, input)
  return { next: () => iterator.next(), isSync, close: () => quietly(iterator.return?.()) }
}

function notReadable(name: string, input: unknown): MillraceError {
  return invalid(name, `${describeValue(input)} is not a ReadableStream, an async iterable or an iterable`)
}

/** Pushes items that came together. */
type Push = (intake: Intake, items: readonly unknown[]) => void

function pusherOf<S extends SourceSchema, T>(parts: SourceParts<S>, decode: ((item: T) => unknown) | undefined): Push {
  if (!decode) return (intake, items) => pushPayloads(intake, parts, items, { text: 'stream' })
  return (intake, items) => {
    for (const item of items) pushDecoded(intake, item as T, decode)
  }
}

async function pump<T>(intake: Intake, reader: Reader<T>, push: Push): Promise<void> {
  const breath = new Breath(intake.clock)
  try {
    for (let isDone = false; !isDone;) {
      await intake.ready()
      const items: unknown[] = []
      do {
        const result = reader.isSync ? reader.next() as ReadResult<T> : await reader.next()
        isDone = result.done === true
        if (!isDone) items.push(result.value)
      } while (reader.isSync && !isDone && items.length < ITEMS_AT_A_TIME)
      push(intake, items)
      await breath.take()
    }
    intake.end()
  } catch (error) {
    intake.fail(error)
    reader.close()
  }
}
