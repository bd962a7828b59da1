/**
 * Rows per second, kept by a token bucket.
 * Invariant: between two fillings T seconds apart at most `rate · max(1, T)` rows are taken.
 */

export class TokenBucket {
  ratePerSecond: number
  #tokens = 1
  #filledAtMs: number

  constructor(ratePerSecond: number, sinceMs: number) {
    this.ratePerSecond = ratePerSecond
    this.#filledAtMs = sinceMs
  }

  /** Adds the tokens of the time since the last filling; what was not used is kept for a second at most. */
  fill(nowMs: number): void {
    const gained = (nowMs - this.#filledAtMs) / 1000 * this.ratePerSecond
    this.#tokens = Math.min(this.#tokens + gained, Math.max(1, gained, this.ratePerSecond))
    this.#filledAtMs = nowMs
  }

  /** Whether rows may be taken. */
  get hasTokens(): boolean {
    return this.#tokens >= 1
  }

  /** Rows that may be taken. */
  get wholeTokens(): number {
    return Math.floor(this.#tokens)
  }

  spend(rows: number): void {
    this.#tokens -= rows
  }

  /** Milliseconds until there are tokens again. */
  waitMs(): number {
    return Math.max(0, Math.ceil((1 - this.#tokens) / this.ratePerSecond * 1000))
  }
}
