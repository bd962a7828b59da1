/**
 * Events of 10,000 advertisements of 100 campaigns in the order of time, as columns (W2): views, clicks, purchases. 100,000
 * rows per second of event time; portions as in ReadingColumns.
 */
import { random } from '../harness/random.mjs'
import { EVENT_START_MS } from './readings.mjs'

export const ADS = 10_000
export const CAMPAIGNS = 100
export const VIEW = 0

export class AdEvents {
  static WINDOW_MS = 10_000
  static ROWS_PER_MS = 100

  /** @param {number} rows */
  constructor(rows) {
    const next = random(0x51ed270b)
    this.rows = rows
    this.ad = new Int32Array(rows)
    this.kind = new Int32Array(rows)
    this.at = new Float64Array(rows)
    this.startMs = EVENT_START_MS
    for (let i = 0; i < rows; i++) {
      this.ad[i] = next() % ADS
      this.kind[i] = next() % 3
      this.at[i] = EVENT_START_MS + Math.floor(i / AdEvents.ROWS_PER_MS)
    }
    /** By advertisement. */
    this.campaign = Int32Array.from({ length: ADS }, (_, ad) => Math.floor((ad * 7919 % ADS) / (ADS / CAMPAIGNS)))
  }

  get endMs() {
    return this.startMs + Math.ceil(this.rows / AdEvents.ROWS_PER_MS / AdEvents.WINDOW_MS) * AdEvents.WINDOW_MS
  }

  /** Moves the times to portion number `round`, in place. @param {number} round */
  moveTo(round) {
    const by = EVENT_START_MS + round * (this.endMs - this.startMs + AdEvents.WINDOW_MS) - this.startMs
    for (let i = 0; i < this.rows; i++) this.at[i] += by
    this.startMs += by
  }

  /** @param {number} from @param {number} to */
  slice(from, to) {
    return { ad: this.ad.subarray(from, to), kind: this.kind.subarray(from, to), at: this.at.subarray(from, to) }
  }

  /** One row in the silence after the portion, which ends its windows. */
  closingRow() {
    return { ad: Int32Array.of(0), kind: Int32Array.of(VIEW), at: Float64Array.of(this.endMs) }
  }
}
