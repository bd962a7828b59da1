/**
 * A clock that stands still until it is told to go on: for tests, and for the simulator of failures.
 * Invariant: timers fire in the order of their times, those of one time in the order in which they were set.
 */
import type { Clock, Timer } from '../base/ports.js'

interface PendingTimer {
  readonly atMs: number
  readonly callback: () => void
}

/**
 * @example
 * const clock = new ManualClock(0)
 * clock.setTimer(250, () => ticks++)
 * clock.advance(250)
 */
export class ManualClock implements Clock {
  readonly #startMs: number
  #elapsedMs = 0
  #timers: PendingTimer[] = []

  /** @param startMs epoch ms at which it stands first. */
  constructor(startMs = 0) {
    this.#startMs = startMs
  }

  now(): number {
    return this.#startMs + this.#elapsedMs
  }

  elapsedMs(): number {
    return this.#elapsedMs
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer: PendingTimer = { atMs: this.#elapsedMs + Math.max(0, delayMs), callback }
    const later = this.#timers.findIndex(other => other.atMs > timer.atMs)
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer)
    return { cancel: () => void (this.#timers = this.#timers.filter(other => other !== timer)) }
  }

  /** Timers that wait. */
  get numTimers(): number {
    return this.#timers.length
  }

  /** Goes on by `ms`, firing what falls due on the way, each at its time. */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms
    for (let next = this.#timers[0]; next && next.atMs <= untilMs; next = this.#timers[0]) {
      this.#timers.shift()
      this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs)
      next.callback()
    }
    this.#elapsedMs = untilMs
  }
}
