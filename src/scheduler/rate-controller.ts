/**
 * Back-pressure: how many rows per second a source may put into a batch, from how fast its last batches were processed. A PID
 * controller with the gains of Spark's PIDRateEstimator (semantics: rows that waited count against the rate, errors do not
 * oscillate).
 * Invariant: pure; the first batch with rows only seeds it.
 */

const PROPORTIONAL = 1
const INTEGRAL = 0.2
const DERIVATIVE = 0
const RATE_MIN = 100
const SECOND_MS = 1000

/** What one completed batch showed. */
export interface RateSample {
  /** Time at which the batch was done; later than that of the sample before. */
  readonly completedMs: number
  readonly numRows: number
  readonly processingMs: number
  /** How long the batch waited between its batch time and its start. */
  readonly schedulingDelayMs: number
}

interface RateState {
  readonly rowsPerSecond: number
  readonly error: number
  readonly completedMs: number
  readonly isSeed: boolean
}

export class RateController {
  readonly #batchIntervalMs: number
  #state: RateState | null = null

  /** @param batchIntervalMs greater than 0: without an interval there is no rate to hold. */
  constructor(batchIntervalMs: number) {
    this.#batchIntervalMs = batchIntervalMs
  }

  /** Takes a batch into account; batches without rows or without duration say nothing about speed. */
  update(sample: RateSample): void {
    if (sample.numRows <= 0 || sample.processingMs <= 0) return
    if (this.#state && sample.completedMs <= this.#state.completedMs) return
    this.#state = nextRate(this.#state, sample, this.#batchIntervalMs)
  }

  /** Rows per second, or null while there is no estimate. */
  get rowsPerSecond(): number | null {
    return this.#state && !this.#state.isSeed ? this.#state.rowsPerSecond : null
  }
}

function nextRate(state: RateState | null, sample: RateSample, batchIntervalMs: number): RateState {
  const { completedMs, numRows, processingMs, schedulingDelayMs } = sample
  const processedPerSecond = (numRows / processingMs) * SECOND_MS
  if (!state) return { rowsPerSecond: processedPerSecond, error: 0, completedMs, isSeed: true }
  const error = state.rowsPerSecond - processedPerSecond
  const waiting = (schedulingDelayMs * processedPerSecond) / batchIntervalMs
  const slope = (error - state.error) / ((completedMs - state.completedMs) / SECOND_MS)
  const rowsPerSecond = Math.max(RATE_MIN, state.rowsPerSecond - PROPORTIONAL * error - INTEGRAL * waiting - DERIVATIVE * slope)
  return { rowsPerSecond, error, completedMs, isSeed: false }
}
