/**
 * The ports through which the engine touches the world: clock, timers and storage. Platforms supply them, tests and the
 * entry for tests supply manual ones. Nothing else in `src/` reads a clock or sets a timer.
 */

/** A timer that can be called off; calling it off after it fired does nothing. */
export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Epoch milliseconds, UTC: batch times and everything a user sees. */
  now(): number
  /** Monotonic milliseconds, with a fraction: durations only. */
  elapsedMs(): number
  /** Calls `callback` once, not before `delayMs` have passed. */
  setTimer(delayMs: number, callback: () => void): Timer
}

/**
 * Durable bytes by name, for the batch log and checkpoints. `write` is atomic: a reader sees the old value or the new one.
 * Keys are slash-separated paths such as `offsets/12`.
 */
export interface Storage {
  read(key: string): Promise<Uint8Array | null>
  write(key: string, bytes: Uint8Array): Promise<void>
  remove(key: string): Promise<void>
  /** Keys that start with `prefix`, in lexical order. */
  list(prefix: string): Promise<readonly string[]>
}
