/**
 * Readings of 1,000 sensors as NDJSON text in the order of time: W3 and E1. A tidy line is `{"sensor":"s-0123","t":1700000000000,
 * "value":12.3456}` on one line, 53 bytes; untidy ones have their keys in any order, nulls, spaces and escapes.
 */
import { random } from '../harness/random.mjs'
import { SENSORS } from './readings.mjs'
import { EVENT_START_MS } from './windowed-columns.mjs'

const T_DIGITS = 13
const ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

/**
 * 100,000 rows per second of event time. A portion follows the one before in time, with ten seconds of silence between, in which
 * a closing line can lie that ends every window of the portion.
 */
export class ReadingLines {
  static ROWS_PER_MS = 100
  static SILENCE_MS = 10_000

  /** Where the digits of each line's time stand. @type {Int32Array} */
  #digits
  #round = 0

  /** @param {number} rows @param {'tidy' | 'untidy'} [kind] */
  constructor(rows, kind = 'tidy') {
    const next = random(0x1234567)
    const write = kind === 'tidy' ? tidyLine : untidyLine
    this.rows = rows
    this.#digits = new Int32Array(rows)
    const lines = new Array(rows)
    let bytes = 0
    for (let i = 0; i < rows; i++) {
      const sensor = `s-${String(next() % SENSORS).padStart(4, '0')}`
      const value = ((next() % 1_000_000) / 10_000).toFixed(4)
      const line = write(sensor, this.#timeOf(i, 0), value, next)
      this.#digits[i] = bytes + line.indexOf('"t":') + 4
      lines[i] = line
      bytes += line.length
    }
    this.bytes = Buffer.from(lines.join(''), 'latin1')
  }

  /** Moves the times to portion number `round`, in place. @param {number} round */
  moveTo(round) {
    this.#round = round
    for (let i = 0; i < this.rows; i++) this.bytes.latin1Write(String(this.#timeOf(i, round)), this.#digits[i], T_DIGITS)
  }

  /** A line in the silence after the portion. */
  closingLine() {
    return Buffer.from(tidyLine('s-0000', this.#timeOf(this.rows - 1, this.#round) + ReadingLines.SILENCE_MS, '50.0000'))
  }

  get megabytes() {
    return Math.round(this.bytes.length / 1e6)
  }

  get startMs() {
    return this.#timeOf(0, this.#round)
  }

  /** @param {number} i @param {number} round */
  #timeOf(i, round) {
    const { ROWS_PER_MS, SILENCE_MS } = ReadingLines
    const spanMs = Math.ceil(this.rows / ROWS_PER_MS / SILENCE_MS) * SILENCE_MS + 2 * SILENCE_MS
    return EVENT_START_MS + round * spanMs + Math.floor(i / ROWS_PER_MS)
  }
}

/** @param {string} sensor @param {number} t @param {string} value */
function tidyLine(sensor, t, value) {
  return `{"sensor":"${sensor}","t":${t},"value":${value}}\n`
}

/**
 * One value in eight is null, one sensor in eight is written with an escape, one line in eight has spaces.
 * @param {string} sensor @param {number} t @param {string} value @param {() => number} next
 */
function untidyLine(sensor, t, value, next) {
  const chance = next()
  const name = (chance >>> 8) % 8 === 0 ? sensor.replace('s', '\\u0073') : sensor
  const pairs = [`"sensor":"${name}"`, `"t":${t}`, `"value":${(chance >>> 12) % 8 === 0 ? 'null' : value}`]
  const order = ORDERS[(chance >>> 16) % ORDERS.length]
  return `{${order.map(i => pairs[i]).join((chance >>> 20) % 8 === 0 ? ' , ' : ',')}}\n`
}
