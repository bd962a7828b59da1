/**
 * Measures the page's own thread: the time between frames (requestAnimationFrame) and tasks over 50 ms (PerformanceObserver
 * `longtask`).
 * Invariant: nothing is allocated per frame.
 */
const SPAN_SECONDS = 30
const HIDDEN_GAP_MS = 1_000

export class Smoothness {
  /** Worst frame of each of the last `SPAN_SECONDS` seconds, a ring by second. */
  readonly #worst = new Float64Array(SPAN_SECONDS)
  readonly #longTasks = new Float64Array(SPAN_SECONDS)
  readonly canSeeLongTasks: boolean
  longestTaskMs = 0
  #second = 0
  #frameAtMs = 0
  #sumMs = 0
  #frames = 0

  constructor() {
    this.canSeeLongTasks = PerformanceObserver.supportedEntryTypes.includes('longtask')
    requestAnimationFrame(nowMs => this.#frame(nowMs))
  }

  /** Counts from now on: what came before is the page's own start. */
  startCounting(): void {
    this.#worst.fill(0)
    if (!this.canSeeLongTasks) return
    new PerformanceObserver(entries => {
      for (const entry of entries.getEntries()) {
        this.#turnTo(Math.floor(performance.now() / 1_000))
        const slot = this.#second % SPAN_SECONDS
        this.#longTasks[slot] = (this.#longTasks[slot] ?? 0) + 1
        this.longestTaskMs = Math.max(this.longestTaskMs, entry.duration)
      }
    }).observe({ type: 'longtask' })
  }

  /** Mean time between frames since the last call, ms. */
  takeMeanFrameMs(): number | null {
    const mean = this.#frames === 0 ? null : this.#sumMs / this.#frames
    this.#sumMs = 0
    this.#frames = 0
    return mean
  }

  /** Worst time between two frames in the last half minute, ms. */
  get worstFrameMs(): number {
    return this.#worst.reduce((worst, value) => Math.max(worst, value), 0)
  }

  /** Tasks over 50 ms in the last half minute. */
  get longTasks(): number {
    return this.#longTasks.reduce((sum, value) => sum + value, 0)
  }

  #frame(nowMs: number): void {
    const passedMs = nowMs - this.#frameAtMs
    // A hidden page draws no frames: that is no stutter.
    if (this.#frameAtMs > 0 && passedMs < HIDDEN_GAP_MS) {
      this.#turnTo(Math.floor(nowMs / 1_000))
      const slot = this.#second % SPAN_SECONDS
      this.#worst[slot] = Math.max(this.#worst[slot] ?? 0, passedMs)
      this.#sumMs += passedMs
      this.#frames += 1
    }
    this.#frameAtMs = nowMs
    requestAnimationFrame(next => this.#frame(next))
  }

  #turnTo(second: number): void {
    const skipped = Math.min(second - this.#second, SPAN_SECONDS)
    for (let step = 1; step <= skipped; step++) {
      this.#worst[(this.#second + step) % SPAN_SECONDS] = 0
      this.#longTasks[(this.#second + step) % SPAN_SECONDS] = 0
    }
    if (second > this.#second) this.#second = second
  }
}
