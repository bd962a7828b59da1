/**
 * The hand-fed source: a program pushes rows, columns or text, and waits where the engine is behind.
 * Invariant: pushes enter in the order they were made; what was pushed before the context started enters when it starts. A push
 * that is rejected has left no row behind, but for one whose rows themselves were refused.
 */
import { MillraceError } from '../base/errors.js'
import { sourceParts, type SourceOptions } from './options.js'
import { copyPayload, countRows, pushPayload, type Payload } from './payload.js'
import type { Intake, Source, SourceSchema } from './source.js'

export interface MemorySource<S extends SourceSchema = SourceSchema> extends Source<S> {
  /**
   * Pushes a row, an array of rows, columns, bytes or text; resolves when the engine has accepted it, which is its
   * back-pressure. Text holds whole records; bytes may be cut anywhere (a `json` document is one push). Before the context
   * starts, pushes are kept, and resolve while fewer than `queuedRowsMax` rows wait. `transfer: true`: the engine takes the
   * buffers of columns and bytes; do not touch them again.
   * @throws (rejects) MillraceError BAD_RECORD when the data do not fit the schema and `onBadRecord` is `fail`, or columns
   *   differ in length;
   *   INVALID_STATE after `end`, after the context stopped, or when too many pushes wait because none is awaited.
   */
  push(payload: Payload<S>, options?: { readonly transfer?: boolean }): Promise<void>
  /** No more will be pushed. */
  end(): void
}

/** Pushes that may wait at once; who awaits each never has more than one. */
const WAITING_PUSHES_MAX = 100_000

interface WaitingPush {
  /** It was taken in when it came, and just does not resolve yet. */
  readonly isIn: boolean
  readonly payload: unknown
  readonly rows: number
  readonly transfer: boolean
  resolve(): void
  reject(error: unknown): void
}

/**
 * A source that the program feeds.
 * @example
 * const source = memory({ schema: { sensor: 'utf8', at: 'timestamp', value: 'f64' } })
 * await source.push({ sensor: 'a', at: Date.now(), value: 20.5 })
 * await source.push({ sensor: ['a', 'b'], at: Float64Array.of(0, 1), value: Float64Array.of(1, 2) })
 * source.end()
 */
export function memory<const S extends SourceSchema>(options: SourceOptions<S>): MemorySource<S> {
  const parts = sourceParts(options, { name: 'memory()', format: 'rows', canPause: true })
  const feed = new Feed(parts)
  return {
    ...parts,
    push(payload, { transfer = false } = {}) {
      const pushed = feed.push(payload, transfer)
      // Who does not await its pushes is not to be ended by an unhandled rejection because the context stopped first.
      if (feed.isClosed) pushed.catch(() => {})
      return pushed
    },
    end: () => feed.end(),
    start: intake => feed.start(intake),
  }
}

class Feed {
  readonly #parts: Omit<Source, 'start'>
  #intake: Intake | null = null
  #waiting: WaitingPush[] = []
  #waitingRows = 0
  #state: 'open' | 'ended' | 'closed' = 'open'
  #isPumping = false

  constructor(parts: Omit<Source, 'start'>) {
    this.#parts = parts
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  start(intake: Intake): { close(): void } {
    if (this.#intake) throw this.#stateError('already feeds a context; make one source for each')
    this.#intake = intake
    void this.#pump()
    return { close: () => this.#close() }
  }

  async push(payload: unknown, transfer: boolean): Promise<void> {
    if (this.#state !== 'open') {
      throw this.#stateError(`takes no more data: ${this.#state === 'ended' ? 'end() was called' : 'its context has stopped'}`)
    }
    if (this.#intake && this.#waiting.length === 0) {
      const { hasRoom } = this.#intake
      pushPayload(this.#intake, this.#parts, payload, { transfer, text: 'message' })
      // The first one that finds no room is let in all the same: whoever awaits its pushes waits without a copy being kept.
      if (!hasRoom) await this.#wait({ isIn: true, payload: null, rows: 0, transfer })
      return
    }
    if (this.#waiting.length >= WAITING_PUSHES_MAX) {
      throw this.#stateError(`has ${this.#waiting.length} pushes waiting; await each push, or set overflow: 'dropOldest'`)
    }
    const rows = countRows(this.#parts, payload)
    await this.#wait({ isIn: false, payload: transfer ? payload : copyPayload(payload), rows, transfer })
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    if (this.#intake && this.#waiting.length === 0) this.#intake.end()
  }

  /** Before the start a push resolves as soon as it is within the limit; it is still pushed when its turn comes. */
  #wait(push: Omit<WaitingPush, 'resolve' | 'reject'>): Promise<void> {
    const pushed = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ ...push, resolve, reject })
      this.#waitingRows += push.rows
      if (!this.#intake && this.#waitingRows <= this.#parts.limits.queuedRowsMax) resolve()
      void this.#pump()
    })
    pushed.catch(() => {})
    return pushed
  }

  async #pump(): Promise<void> {
    const intake = this.#intake
    if (!intake || this.#isPumping) return
    this.#isPumping = true
    while (this.#waiting.length > 0) {
      try {
        await intake.ready()
      } catch (error) {
        this.#rejectWaiting(error)
        break
      }
      this.#pushFirst(intake)
    }
    this.#isPumping = false
    if (this.#state === 'ended') intake.end()
  }

  #pushFirst(intake: Intake): void {
    const first = this.#waiting.shift()
    if (!first) return
    this.#waitingRows -= first.rows
    try {
      if (!first.isIn) pushPayload(intake, this.#parts, first.payload, { transfer: first.transfer, text: 'message' })
      first.resolve()
    } catch (error) {
      first.reject(error)
    }
  }

  #close(): void {
    this.#state = 'closed'
    this.#rejectWaiting(this.#stateError('takes no more data: its context has stopped'))
  }

  #stateError(what: string): MillraceError {
    return new MillraceError('INVALID_STATE', `Source ${this.#parts.name} ${what}.`)
  }

  #rejectWaiting(error: unknown): void {
    for (const push of this.#waiting.splice(0)) {
      if (push.isIn) push.resolve()
      else push.reject(error)
    }
    this.#waitingRows = 0
  }
}
