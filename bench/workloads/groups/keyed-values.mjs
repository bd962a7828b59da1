/** Values under keys in random order, and what all contenders of a grouping hand their results to. */
import { EVENT_START_MS } from '../../data/windowed-columns.mjs'
import { checksum } from '../../harness/checksum.mjs'
import { random } from '../../harness/random.mjs'

export const WINDOW_MS = 1000
export const BATCH_ROWS = 100_000

/** A portion is one window; the next round's is the next but one, since the row that closes this one opens the next. */
export class KeyedValues {
  /** @param {number} rows @param {number} distinct */
  constructor(rows, distinct) {
    const next = random(0x2545f491)
    this.rows = rows
    this.distinct = distinct
    /** Which of the distinct keys. */
    this.key = new Int32Array(rows)
    this.value = new Float64Array(rows)
    this.at = new Float64Array(rows)
    this.startMs = EVENT_START_MS
    for (let i = 0; i < rows; i++) {
      this.key[i] = next() % distinct
      this.value[i] = (next() / 2 ** 32) * 100
    }
  }

  /** @param {number} round */
  moveTo(round) {
    this.startMs = EVENT_START_MS + round * 2 * WINDOW_MS
    this.at.fill(this.startMs)
  }

  /** Slices of columns, then the closing row. @template T @param {(from: number, to: number) => T} keys */
  *slices(keys) {
    for (let from = 0; from < this.rows; from += BATCH_ROWS) {
      const to = Math.min(this.rows, from + BATCH_ROWS)
      yield { key: keys(from, to), value: this.value.subarray(from, to), at: this.at.subarray(from, to) }
    }
    yield { key: keys(0, 1), value: Float64Array.of(0), at: Float64Array.of(this.startMs + WINDOW_MS) }
  }
}

export class GroupSums {
  #startMs
  #rows = 0
  #n = 0
  #keys = 0
  #total = 0
  #low = 0
  #high = 0
  #mean = 0

  /** @param {number} startMs of the window that counts */
  constructor(startMs) {
    this.#startMs = startMs
  }

  /**
   * @param {number} key a number that tells keys apart @param {number} n @param {number} total @param {number} low
   * @param {number} high
   */
  add(key, n, total, low, high, mean = total / n) {
    this.#rows++
    this.#n += n
    this.#keys += n * (key % 1000)
    this.#total += total
    this.#low += low
    this.#high += high
    this.#mean += mean
  }

  /**
   * @param {import('../../../dist/types/src/data/batch.js').Batch} batch
   * @param {(key: never) => number} number of a key
   */
  addBatch(batch, number) {
    const [windows, keys, ns, totals, lows, highs, means] =
      ['window.start', 'key', 'n', 'total', 'low', 'high', 'mean'].map(name => batch.column(name))
    for (let i = 0; i < batch.numRows; i++) {
      if (windows.at(i) !== this.#startMs) continue
      this.add(number(keys.at(i)), Number(ns.at(i)), totals.at(i), lows.at(i), highs.at(i), means.at(i))
    }
  }

  toString() {
    const [rows, n, keys, total, low, high, mean] =
      [this.#rows, this.#n, this.#keys, this.#total, this.#low, this.#high, this.#mean]
    return checksum({ rows, n, keys, total, low, high, mean })
  }
}

/**
 * By hand: a Map of objects.
 * @template K @param {readonly K[] | Int32Array} keys @param {KeyedValues} data @param {(key: K) => number} number
 */
export function groupsByMap(keys, { value, startMs }, number) {
  /** @type {Map<K, { n: number, total: number, low: number, high: number }>} */
  const groups = new Map()
  for (let i = 0; i < keys.length; i++) {
    const key = /** @type {K} */ (keys[i])
    const x = value[i]
    const group = groups.get(key)
    if (group) {
      group.n++
      group.total += x
      if (x < group.low) group.low = x
      if (x > group.high) group.high = x
    } else {
      groups.set(key, { n: 1, total: x, low: x, high: x })
    }
  }
  const sums = new GroupSums(startMs)
  for (const [key, { n, total, low, high }] of groups) sums.add(number(key), n, total, low, high)
  return sums.toString()
}
