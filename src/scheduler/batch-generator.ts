/**
 * Decides when a batch is made: at multiples of the batch interval while data waits, or as soon as it can begin where there is no
 * interval or a source is full; a batch without rows only when the watermark can close something. An overrun makes one batch of
 * all that waits, not one per missed interval.
 * Invariants: pure `(event, facts) → actions`; a timer is asked for only when something is to happen then: nothing polls;
 * batch times never go back.
 */

/**
 * What has happened. `changed`: data arrived or a batch completed. `timer`: the one asked for fired. `drain`: what has been
 * received is wanted now, whatever the interval.
 */
export type GeneratorEvent = 'changed' | 'timer' | 'drain'

/** How things stand when the event is handled. */
export interface GeneratorFacts {
  readonly nowMs: number
  /** Rows wait that belong to no batch. */
  readonly hasData: boolean
  /** A source is held up until a batch takes what waits. */
  readonly isFull: boolean
  /** Batches made and not completed, the running ones included. */
  readonly batchesInFlight: number
  /** A batch with rows that is made now begins at once, */
  readonly canBegin: boolean
  /** and no other is being read. */
  readonly isReady: boolean
  /** A batch without rows would close windows. */
  readonly canClose: boolean
  /** When an idle timeout passes next. */
  readonly nextIdleMs: number | null
}

export type GeneratorAction =
  /** `limited`: the rate controllers' limits hold. */
  | { readonly kind: 'makeBatch'; readonly batchTimeMs: number; readonly limited: boolean }
  /** Replaces the timer that was asked for before; null calls it off. */
  | { readonly kind: 'setTimer'; readonly atMs: number | null }

export interface GeneratorOptions {
  readonly batchIntervalMs: number
  /** Batches that may wait behind the running one. */
  readonly maxBatchesQueued: number
}

export class BatchGenerator {
  readonly #options: GeneratorOptions
  /** Latest batch time given out. */
  #batchTimeMs: number
  /** A tick passed while data waited and the queue was full. */
  #isOverdue = false
  #isDraining = false

  constructor(options: GeneratorOptions, startMs: number) {
    this.#options = options
    this.#batchTimeMs = startMs
  }

  on(event: GeneratorEvent, facts: GeneratorFacts): GeneratorAction[] {
    if (event === 'drain') this.#isDraining = true
    const actions: GeneratorAction[] = []
    const timeMs = this.#dueTime(event, facts)
    const waits = facts.hasData && timeMs === null
    if (timeMs !== null) {
      actions.push({ kind: 'makeBatch', batchTimeMs: timeMs, limited: !this.#isDraining })
      this.#batchTimeMs = timeMs
      this.#isOverdue = false
    }
    if (timeMs !== null || !facts.hasData) this.#isDraining = false
    actions.push({ kind: 'setTimer', atMs: this.#nextTimer(facts, waits) })
    return actions
  }

  /** The batch time of a batch to be made now, or null. */
  #dueTime(event: GeneratorEvent, facts: GeneratorFacts): number | null {
    const { batchIntervalMs, maxBatchesQueued } = this.#options
    const nowMs = Math.max(facts.nowMs, this.#batchTimeMs)
    const isIdle = facts.batchesInFlight === 0
    if (!facts.hasData) return isIdle && facts.canClose ? nowMs : null
    if (facts.isFull) return facts.canBegin ? nowMs : null
    if (batchIntervalMs === 0) return facts.isReady ? nowMs : null
    const tickMs = Math.floor(facts.nowMs / batchIntervalMs) * batchIntervalMs
    const isTick = event === 'timer' && tickMs > this.#batchTimeMs
    if (!isTick && !this.#isOverdue && !this.#isDraining) return null
    if (facts.batchesInFlight > maxBatchesQueued) {
      this.#isOverdue = true
      return null
    }
    return isTick ? tickMs : nowMs
  }

  /** @param waits data waits and no batch was made of it. */
  #nextTimer({ nowMs, batchesInFlight, nextIdleMs, hasData, isFull }: GeneratorFacts, waits: boolean): number | null {
    const { batchIntervalMs } = this.#options
    if (batchIntervalMs === 0) return batchesInFlight === 0 && !hasData ? nextIdleMs : null
    if (!waits) return nextIdleMs
    if (this.#isOverdue || isFull) return null
    return (Math.floor(Math.max(nowMs, this.#batchTimeMs) / batchIntervalMs) + 1) * batchIntervalMs
  }
}
