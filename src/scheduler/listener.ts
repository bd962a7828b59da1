/**
 * What can be observed of a running query: typed events, given to listeners in the order in which things happened.
 * Invariant: the engine never waits for a listener, and an error of one reaches neither the engine nor the other listeners;
 * it is thrown on a microtask of its own, as an EventTarget would report it.
 */
import type { SourceEvent } from '../source/source.js'
import type { BadRecord, Capabilities } from '../plan/task.js'
import type { SourceRange } from './block-tracker.js'
import type { StreamingQueryProgress } from './progress.js'

/** Events by type; see also {@link ListenerEvent}. */
export interface ListenerEvents {
  /** The workers are up and the sources are open. */
  readonly started: { readonly capabilities: Capabilities }
  /** A batch was made and waits for the batches before it. */
  readonly batchSubmitted: { readonly batchId: number; readonly batchTimeMs: number; readonly sources: readonly SourceRange[] }
  readonly batchStarted: { readonly batchId: number; readonly batchTimeMs: number; readonly schedulingDelayMs: number }
  /** The sinks have the batch's results and its commit is logged. */
  readonly batchCompleted: { readonly batchId: number; readonly progress: StreamingQueryProgress }
  readonly stageCompleted: {
    readonly batchId: number
    readonly stageId: number
    readonly numTasks: number
    /** Of its call: where there is one worker, several stages may share it. */
    readonly durationMs: number
  }
  /** Tasks of one worker and stage failed; they are tried again up to `taskAttempts` times. */
  readonly taskFailed: {
    readonly batchId: number
    readonly stageId: number
    readonly taskIndexes: readonly number[]
    readonly slot: number
    readonly attempt: number
    readonly error: unknown
  }
  /** A worker ended; a new one has taken its place. */
  readonly workerLost: { readonly slot: number; readonly error: unknown }
  /** Records that could not be decoded: once a batch and source; at most the kept ones are listed, all are counted. */
  readonly badRecords: {
    readonly batchId: number
    readonly source: string
    readonly numBadRecords: number
    readonly records: readonly BadRecord[]
  }
  readonly sourceEvent: { readonly source: string; readonly event: SourceEvent }
  /** Rows that a source's overflow policy dropped since the last batch. */
  readonly rowsDropped: { readonly source: string; readonly numRows: number }
  readonly stopped: object
  readonly failed: { readonly error: unknown }
}

export type ListenerEventType = keyof ListenerEvents

/** Any event, told apart by its `type`. */
export type ListenerEvent = { [T in ListenerEventType]: { readonly type: T } & ListenerEvents[T] }[ListenerEventType]

/** Events that an iterator may be behind by; the oldest are dropped beyond it. */
const ITERATOR_EVENTS_MAX = 1024

export class ListenerBus {
  readonly #listeners = new Map<ListenerEventType, Set<(event: never) => void>>()
  readonly #streams = new Set<EventQueue>()

  /** Calls `listener` with each event of the type from now on; gives the function that ends it. */
  on<T extends ListenerEventType>(type: T, listener: (event: ListenerEvents[T] & { readonly type: T }) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** Whether anybody is told of such events. */
  isHeard(type: ListenerEventType): boolean {
    return this.#streams.size > 0 || (this.#listeners.get(type)?.size ?? 0) > 0
  }

  post<T extends ListenerEventType>(type: T, details: ListenerEvents[T]): void {
    const event = { type, ...details }
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(event as never)
      } catch (error) {
        queueMicrotask(() => { throw error })
      }
    }
    for (const stream of this.#streams) stream.push(event as unknown as ListenerEvent)
  }

  /** Every event from now on; ends after `stopped` or `failed`. */
  async *events(): AsyncGenerator<ListenerEvent, void, undefined> {
    const queue = new EventQueue()
    this.#streams.add(queue)
    try {
      for (;;) {
        const event = await queue.next()
        yield event
        if (event.type === 'stopped' || event.type === 'failed') return
      }
    } finally {
      this.#streams.delete(queue)
    }
  }
}

class EventQueue {
  readonly #events: ListenerEvent[] = []
  #wake: (() => void) | null = null

  push(event: ListenerEvent): void {
    this.#events.push(event)
    if (this.#events.length > ITERATOR_EVENTS_MAX) this.#events.shift()
    this.#wake?.()
  }

  async next(): Promise<ListenerEvent> {
    while (this.#events.length === 0) {
      await new Promise<void>(resolve => { this.#wake = resolve })
    }
    return this.#events.shift()!
  }
}
