/**
 * W3: NDJSON bytes → columns → count and sum; every column is read by the query, so that none is skipped. On lines that all look
 * alike, and on untidy ones: keys in any order, nulls, spaces, escapes. Against JSON.parse per line and a byte parser in
 * JavaScript.
 */
import { StreamingContext, count, countIf, max, memory, sum } from '../../dist/node.js'
import { ReadingLines } from '../data/reading-lines.mjs'
import { checksum } from '../harness/checksum.mjs'
import { byMillrace, millraceName } from '../harness/millrace.mjs'
import { byteParser } from './w3/byte-parser.mjs'

const CHUNK_BYTES = 262_144
const SENSOR = 's-0007'
const YARDSTICK = 'by hand, split + JSON.parse per line'

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  for (const kind of /** @type {const} */ (['tidy', 'untidy'])) {
    const lines = new ReadingLines(bench.size(2_000_000, 20_000), kind)
    const result = await bench.compare({
      title: `W3: ${kind} lines (${lines.rows / 1e6} M, ${lines.megabytes} MB), ${CHUNK_BYTES / 1024} KiB a push; in bytes`,
      amount: lines.bytes.length,
      unit: 'bytes',
      beforeRound: round => lines.moveTo(round),
      contenders: [
        { name: YARDSTICK, prepare: () => ({ run: () => parsedPerLine(lines) }) },
        { name: 'by hand, parser of bytes', prepare: () => ({ run: () => parsedByBytes(lines) }) },
        ...[0, 1, 2].map(workers => byMillrace(workers, () => decoded(workers, lines))),
      ],
    })
    const ms = result.ms(millraceName(1))
    bench.measured(`w3/${kind}`, ms && lines.bytes.length / ms / 1e6)
    bench.measured(`w3/json-parse/${kind}`, result.ratio(millraceName(1), result.ms(YARDSTICK)))
  }
}

/** Columns of one chunk are filled, then read, as a program would that has something to do with them. */
class ColumnSums {
  rows = 0
  total = 0
  last = 0
  ofSensor = 0

  /**
   * @param {number} n @param {Int32Array} sensor codes @param {Float64Array} t @param {Float64Array} value NaN is null
   * @param {number} code
   */
  addColumns(n, sensor, t, value, code) {
    this.rows += n
    for (let i = 0; i < n; i++) {
      if (value[i] === value[i]) this.total += value[i]
      if (t[i] > this.last) this.last = t[i]
      if (sensor[i] === code) this.ofSensor++
    }
  }

  /** @param {number} startMs */
  checksum(startMs) {
    const { rows, total, last, ofSensor } = this
    return checksum({ rows, total, last: last - startMs, ofSensor })
  }
}

class Columns {
  #room = 1 << 16
  sensor = new Int32Array(this.#room)
  t = new Float64Array(this.#room)
  value = new Float64Array(this.#room)
  rows = 0
  /** @type {Map<string, number>} */
  codes = new Map()
  sums = new ColumnSums()

  /** @param {number} code @param {number} t @param {number} value */
  push(code, t, value) {
    const i = this.rows++
    this.sensor[i] = code
    this.t[i] = t
    this.value[i] = value
    if (this.rows === this.#room) this.flush()
  }

  /** @param {string} text */
  code(text) {
    let code = this.codes.get(text)
    if (code === undefined) this.codes.set(text, code = this.codes.size)
    return code
  }

  flush() {
    this.sums.addColumns(this.rows, this.sensor, this.t, this.value, this.codes.get(SENSOR) ?? -1)
    this.rows = 0
  }
}

/** @param {ReadingLines} lines */
function parsedPerLine({ bytes, startMs }) {
  const decoder = new TextDecoder()
  const columns = new Columns()
  let rest = ''
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    const texts = (rest + decoder.decode(bytes.subarray(from, from + CHUNK_BYTES), { stream: true })).split('\n')
    rest = texts.pop() ?? ''
    for (const text of texts) {
      const { sensor, t, value } = JSON.parse(text)
      columns.push(columns.code(sensor), t, value ?? NaN)
    }
  }
  columns.flush()
  return columns.sums.checksum(startMs)
}

/** @param {ReadingLines} lines */
function parsedByBytes({ bytes, startMs }) {
  const columns = new Columns()
  const parse = byteParser(columns)
  for (let from = 0; from < bytes.length;) {
    // Whole lines only, as a reader that keeps the rest of a chunk would see them.
    const end = from + CHUNK_BYTES >= bytes.length ? bytes.length : bytes.lastIndexOf(10, from + CHUNK_BYTES) + 1
    parse(bytes.subarray(from, end))
    from = end
  }
  columns.flush()
  return columns.sums.checksum(startMs)
}

/** @param {number} workers @param {ReadingLines} lines */
async function decoded(workers, lines) {
  const context = new StreamingContext({ workers })
  const readings = memory({ schema: { sensor: 'utf8', t: 'timestamp', value: 'f64' }, format: 'ndjson' })
  const before = { rows: 0, total: 0, ofSensor: 0 }
  const now = { rows: 0, total: 0, last: 0, ofSensor: 0 }
  context.source(readings)
    .aggregate(r => ({ n: count(), total: sum(r.value), last: max(r.t), ofSensor: countIf(r.sensor.eq(SENSOR)) }))
    .forEachRow(({ n, total, last, ofSensor }) => Object.assign(now,
      { rows: Number(n), total: total ?? 0, last: last ?? 0, ofSensor: Number(ofSensor) }), { mode: 'update' })
  await context.start()
  return {
    async run() {
      for (let from = 0; from < lines.bytes.length; from += CHUNK_BYTES) {
        await readings.push(lines.bytes.subarray(from, from + CHUNK_BYTES))
      }
      await context.processAllAvailable()
      const { rows, total, last, ofSensor } = now
      const sums = {
        rows: rows - before.rows,
        total: total - before.total,
        last: last - lines.startMs,
        ofSensor: ofSensor - before.ofSensor,
      }
      Object.assign(before, now)
      return checksum(sums)
    },
    stop: () => context.stop(),
  }
}
