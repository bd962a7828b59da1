/** Readings of 1,000 sensors in the order of time: as columns (W1) and as NDJSON text (W3, E1). */
import { random } from '../harness/random.mjs'

export const EVENT_START_MS = 1_700_000_000_000
export const SENSORS = 1000

/**
 * 1,000,000 rows per second of event time. A portion follows the one before in time, with a window's width of silence between, in
 * which one closing row can lie that ends every window of the portion.
 */
export class ReadingColumns {
  static WINDOW_MS = 1000
  static ROWS_PER_MS = 1000

  /** @param {number} rows a whole number of windows */
  constructor(rows) {
    const next = random(0x9e3779b9)
    this.rows = rows
    this.sensor = new Int32Array(rows)
    this.at = new Float64Array(rows)
    this.value = new Float64Array(rows)
    this.startMs = EVENT_START_MS
    for (let i = 0; i < rows; i++) {
      this.sensor[i] = next() % SENSORS
      this.at[i] = EVENT_START_MS + Math.floor(i / ReadingColumns.ROWS_PER_MS)
      this.value[i] = 20 + (next() / 2 ** 32) * 10
    }
  }

  get endMs() {
    return this.startMs + Math.ceil(this.rows / ReadingColumns.ROWS_PER_MS / ReadingColumns.WINDOW_MS) * ReadingColumns.WINDOW_MS
  }

  /** Moves the times to portion number `round`, in place. @param {number} round */
  moveTo(round) {
    const spanMs = this.endMs - this.startMs + ReadingColumns.WINDOW_MS
    const by = EVENT_START_MS + round * spanMs - this.startMs
    for (let i = 0; i < this.rows; i++) this.at[i] += by
    this.startMs += by
  }

  /** @param {number} from @param {number} to */
  slice(from, to) {
    return { sensor: this.sensor.subarray(from, to), at: this.at.subarray(from, to), value: this.value.subarray(from, to) }
  }

  /** One row in the silence after the portion. */
  closingRow() {
    return { sensor: Int32Array.of(0), at: Float64Array.of(this.endMs), value: Float64Array.of(0) }
  }
}
