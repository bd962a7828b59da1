/**
 * The clock of the host: real time and real timers.
 */
import type { Clock } from '../base/ports.js'

/** Longest delay that timers of all hosts keep; a longer one fires early. */
const TIMER_MS_MAX = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(delayMs)), TIMER_MS_MAX))
    return { cancel: () => clearTimeout(timer) }
  },
}
