/** Waiting for a time that may be cut short. */
import type { Clock } from '../base/ports.js'

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function pauseFor(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const onAbort = (): void => {
      timer.cancel()
      resolve()
    }
    const timer = clock.setTimer(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
