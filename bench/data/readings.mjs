/** Readings of 1,000 sensors, as columns (W1): 1,000,000 rows per second of event time, windows of a second. */
import { WindowedColumns } from './windowed-columns.mjs'

export const SENSORS = 1000

/** @extends {WindowedColumns<{ sensor: Int32Array, value: Float64Array }>} */
export class ReadingColumns extends WindowedColumns {
  static WINDOW_MS = 1000

  /** @param {number} rows a whole number of windows */
  constructor(rows) {
    super({
      columns: { sensor: new Int32Array(rows), value: new Float64Array(rows) },
      seed: 0x9e3779b9,
      fillRow({ sensor, value }, i, next) {
        sensor[i] = next() % SENSORS
        value[i] = 20 + (next() / 2 ** 32) * 10
      },
      windowMs: ReadingColumns.WINDOW_MS,
      rowsPerMs: 1000,
    })
    this.sensor = this.columns.sensor
    this.value = this.columns.value
  }

  closingRow() {
    return { sensor: Int32Array.of(0), at: Float64Array.of(this.endMs), value: Float64Array.of(0) }
  }
}
