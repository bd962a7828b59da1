/**
 * Gives the thread back now and then: a source that always has the next piece at hand would otherwise keep it until the queue
 * is full.
 */
import type { Clock } from '../base/ports.js'
import { pauseFor } from './pause.js'

/** Work between two breaths, in ms: well below what a person notices in a page. */
const WORK_MS = 8

export class Breath {
  readonly #clock: Clock
  #sinceMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.elapsedMs()
  }

  /** Resolves at once, or, after some work, in a task of its own. */
  async take(): Promise<void> {
    if (this.#clock.elapsedMs() - this.#sinceMs < WORK_MS) return
    await pauseFor(this.#clock, 0)
    this.#sinceMs = this.#clock.elapsedMs()
  }
}
