/** Adds up the result rows of W1: what every contender hands its results to. */
import { ReadingColumns } from '../../data/readings.mjs'
import { checksum } from '../../harness/checksum.mjs'

export class SensorWindowSums {
  #startMs
  #endMs
  #rows = 0
  #n = 0
  #nByWindow = 0
  #nBySensor = 0
  #total = 0
  #mean = 0
  #low = 0
  #high = 0
  #sd = 0

  /** @param {ReadingColumns} columns rows outside of its portion are left out */
  constructor({ startMs, endMs }) {
    this.#startMs = startMs
    this.#endMs = endMs
  }

  /**
   * @param {number} windowMs start @param {number} sensor @param {number} n @param {number} total @param {number} mean
   * @param {number} low @param {number} high @param {number} sd of the sample
   */
  add(windowMs, sensor, n, total, mean, low, high, sd) {
    if (windowMs < this.#startMs || windowMs >= this.#endMs) return
    this.#rows++
    this.#n += n
    this.#nByWindow += n * (1 + (windowMs - this.#startMs) / ReadingColumns.WINDOW_MS)
    this.#nBySensor += n * sensor
    this.#total += total
    this.#mean += mean
    this.#low += low
    this.#high += high
    this.#sd += sd
  }

  /** @param {import('../../../dist/types/src/data/batch.js').Batch} batch */
  addBatch(batch) {
    const [windows, sensors, ns, totals, means, lows, highs, sds] =
      ['window.start', 'sensor', 'n', 'total', 'mean', 'low', 'high', 'sd'].map(name => batch.column(name))
    for (let i = 0; i < batch.numRows; i++) {
      this.add(windows.at(i), sensors.at(i), Number(ns.at(i)), totals.at(i), means.at(i), lows.at(i), highs.at(i), sds.at(i))
    }
  }

  toString() {
    return checksum({
      rows: this.#rows, n: this.#n, nByWindow: this.#nByWindow, nBySensor: this.#nBySensor, total: this.#total, mean: this.#mean,
      low: this.#low, high: this.#high, sd: this.#sd,
    })
  }
}
