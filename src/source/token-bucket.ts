/**
 * Rows per second, kept by a token bucket: a block may be taken while there are tokens, and may leave a debt that later tokens
 * pay.
 * Invariant: over any stretch of T seconds at most `rate · (T + 1)` rows and one block are taken.
 */

export class TokenBucket {
  readonly ratePerSecond: number
  #tokens = 1
  #filledAtMs: number

  constructor(ratePerSecond: number, nowMs: number) {
    this.ratePerSecond = ratePerSecond
    this.#filledAtMs = nowMs
  }

  /** Whether rows may be taken at `nowMs`. */
  hasTokens(nowMs: number): boolean {
    const gained = (nowMs - this.#filledAtMs) / 1000 * this.ratePerSecond
    this.#tokens = Math.min(Math.max(1, this.ratePerSecond), this.#tokens + gained)
    this.#filledAtMs = nowMs
    return this.#tokens >= 1
  }

  spend(rows: number): void {
    this.#tokens -= rows
  }

  /** Milliseconds until there are tokens again. */
  waitMs(): number {
    return Math.max(0, Math.ceil((1 - this.#tokens) / this.ratePerSecond * 1000))
  }
}
