/**
 * Columns in the order of time, a portion a round. A portion follows the one before in time, with a window's width of silence
 * between, in which one closing row can lie that ends every window of the portion.
 */
import { random } from '../harness/random.mjs'

export const EVENT_START_MS = 1_700_000_000_000

/** @typedef {Int32Array | Float64Array} Values */

/** @template {Record<string, Values>} C the columns beside the times */
export class WindowedColumns {
  /**
   * @param {object} shape
   * @param {C} shape.columns of equal length, a whole number of windows: filled here, row by row
   * @param {number} shape.seed
   * @param {(columns: C, i: number, next: () => number) => void} shape.fillRow
   * @param {number} shape.windowMs
   * @param {number} shape.rowsPerMs of event time
   */
  constructor({ columns, seed, fillRow, windowMs, rowsPerMs }) {
    const next = random(seed)
    this.rows = Object.values(columns)[0].length
    this.columns = columns
    this.at = new Float64Array(this.rows)
    this.startMs = EVENT_START_MS
    this.windowMs = windowMs
    this.rowsPerMs = rowsPerMs
    for (let i = 0; i < this.rows; i++) {
      fillRow(columns, i, next)
      this.at[i] = EVENT_START_MS + Math.floor(i / rowsPerMs)
    }
  }

  get endMs() {
    return this.startMs + Math.ceil(this.rows / this.rowsPerMs / this.windowMs) * this.windowMs
  }

  /** Moves the times to portion number `round`, in place. @param {number} round */
  moveTo(round) {
    const by = EVENT_START_MS + round * (this.endMs - this.startMs + this.windowMs) - this.startMs
    for (let i = 0; i < this.rows; i++) this.at[i] += by
    this.startMs += by
  }

  /** Views on rows `[from, to)`. @param {number} from @param {number} to @returns {C & { at: Float64Array }} */
  slice(from, to) {
    const parts = Object.entries(this.columns).map(([name, values]) => [name, values.subarray(from, to)])
    return { ...Object.fromEntries(parts), at: this.at.subarray(from, to) }
  }

  /** The portion, cut into pushes. @param {number} rows of a push */
  *pushes(rows) {
    for (let from = 0; from < this.rows; from += rows) yield this.slice(from, Math.min(this.rows, from + rows))
  }
}
