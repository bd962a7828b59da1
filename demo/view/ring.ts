/**
 * The last N points of a line, oldest first, in two arrays that are allocated once: what charts keep, however long the page
 * stays open.
 */
export class PointRing {
  readonly #xs: Float64Array
  readonly #ys: Float64Array
  #start = 0
  length = 0

  constructor(readonly capacity: number) {
    this.#xs = new Float64Array(capacity)
    this.#ys = new Float64Array(capacity)
  }

  push(x: number, y: number): void {
    const slot = (this.#start + this.length) % this.capacity
    this.#xs[slot] = x
    this.#ys[slot] = y
    if (this.length < this.capacity) this.length += 1
    else this.#start = (this.#start + 1) % this.capacity
  }

  x(index: number): number {
    return this.#xs[(this.#start + index) % this.capacity] ?? Number.NaN
  }

  y(index: number): number {
    return this.#ys[(this.#start + index) % this.capacity] ?? Number.NaN
  }

  /** The largest x that was pushed last, or −∞ when empty. */
  get lastX(): number {
    return this.length === 0 ? -Infinity : this.x(this.length - 1)
  }

  /** Index of the first point at or after `x`; points are pushed in order of x. */
  firstAtOrAfter(x: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.x(middle) < x) low = middle + 1
      else high = middle
    }
    return low
  }

  clear(): void {
    this.length = 0
    this.#start = 0
  }
}
