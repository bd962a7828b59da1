/**
 * Where a remote replay is now: the last reported position, run on by the speed until the next report comes.
 */
import { HOUR_MS } from '../sensors.js'

const RUN_ON_MAX_MS = 400

export class PositionClock {
  hoursPerSecond: number
  #positionMs: number
  #isRunning = false
  #reportedAtMs = performance.now()

  constructor(positionMs: number, hoursPerSecond: number) {
    this.#positionMs = positionMs
    this.hoursPerSecond = hoursPerSecond
  }

  report(positionMs: number): void {
    this.#isRunning = positionMs !== this.#positionMs
    this.#positionMs = positionMs
    this.#reportedAtMs = performance.now()
  }

  nowMs(): number {
    if (!this.#isRunning) return this.#positionMs
    const passedMs = Math.min(performance.now() - this.#reportedAtMs, RUN_ON_MAX_MS)
    return this.#positionMs + passedMs / 1_000 * this.hoursPerSecond * HOUR_MS
  }
}
