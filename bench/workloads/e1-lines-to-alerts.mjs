/**
 * E1: NDJSON bytes → z = (value − 50) / 28.8675 → rows with |z| > 1 → count, sum, smallest, largest per sensor and 10 s. Against
 * what one writes without an engine: split at line feeds, JSON.parse, a Map per window.
 */
import { StreamingContext, count, max, memory, min, sum, tumbling } from '../../dist/node.js'
import { ReadingLines } from '../data/reading-lines.mjs'
import { checksum } from '../harness/checksum.mjs'
import { byMillrace, millraceName } from '../harness/millrace.mjs'

const CHUNK_BYTES = 262_144
const WINDOW_MS = 10_000
const MEAN = 50
const SD = 28.8675
const LIMIT = 1
const YARDSTICK = 'by hand, split + JSON.parse + Map'

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const rows = bench.size(2_000_000, 20_000)
  const lines = new ReadingLines(rows)
  const result = await bench.compare({
    title: `E1: readings as NDJSON (${rows / 1e6} M lines, ${lines.megabytes} MB), ${CHUNK_BYTES / 1024} KiB a push`,
    amount: rows,
    beforeRound: round => lines.moveTo(round),
    contenders: [
      { name: YARDSTICK, prepare: () => ({ run: () => byHand(lines.bytes) }) },
      ...[0, 1, 2].map(workers => byMillrace(workers, () => alerts(workers, lines))),
    ],
  })
  for (const workers of [1, 2]) {
    const ms = result.ms(millraceName(workers))
    bench.measured(`e1/rate/${workers}`, ms && rows / ms / 1000)
    bench.measured(`e1/by-hand/${workers}`, result.ratio(millraceName(workers), result.ms(YARDSTICK)))
  }
}

class AlertSums {
  #rows = 0
  #n = 0
  #total = 0
  #low = 0
  #high = 0
  #sensors = 0

  /** @param {string} sensor @param {number} n @param {number} total @param {number} low @param {number} high */
  add(sensor, n, total, low, high) {
    this.#rows++
    this.#n += n
    this.#total += total
    this.#low += low
    this.#high += high
    this.#sensors += n * Number(sensor.slice(2))
  }

  toString() {
    const [rows, n, total, low, high, sensors] = [this.#rows, this.#n, this.#total, this.#low, this.#high, this.#sensors]
    return checksum({ rows, n, total, low, high, sensors })
  }
}

/** @param {Uint8Array} bytes */
function byHand(bytes) {
  const decoder = new TextDecoder()
  const sums = new AlertSums()
  /** @type {Map<string, { n: number, total: number, low: number, high: number }>} */
  let groups = new Map()
  let endMs = -1
  const close = () => {
    for (const [sensor, { n, total, low, high }] of groups) sums.add(sensor, n, total, low, high)
    groups = new Map()
  }
  let rest = ''
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    const lines = (rest + decoder.decode(bytes.subarray(from, from + CHUNK_BYTES), { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const { sensor, t, value } = JSON.parse(line)
      if (t >= endMs) {
        close()
        endMs = (Math.floor(t / WINDOW_MS) + 1) * WINDOW_MS
      }
      if (Math.abs((value - MEAN) / SD) <= LIMIT) continue
      const group = groups.get(sensor)
      if (group) {
        group.n++
        group.total += value
        if (value < group.low) group.low = value
        if (value > group.high) group.high = value
      } else {
        groups.set(sensor, { n: 1, total: value, low: value, high: value })
      }
    }
  }
  close()
  return sums.toString()
}

/** @param {number} workers @param {ReadingLines} lines */
async function alerts(workers, lines) {
  const context = new StreamingContext({ workers })
  const readings = memory({ schema: { sensor: 'utf8', t: 'timestamp', value: 'f64' }, format: 'ndjson' })
  let sums = new AlertSums()
  context.source(readings)
    .withWatermark('t', 0)
    .with(r => ({ z: r.value.sub(MEAN).div(SD) }))
    .filter(r => r.z.abs().gt(LIMIT))
    .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.t, '10 s') }))
    .aggregate(r => ({ n: count(), total: sum(r.value), low: min(r.value), high: max(r.value) }))
    .forEachBatch(batch => {
      const [windows, sensors, ns, totals, lows, highs] =
        ['window.start', 'sensor', 'n', 'total', 'low', 'high'].map(name => batch.column(name))
      for (let i = 0; i < batch.numRows; i++) {
        // The closing line of the portion before.
        if (windows.at(i) < lines.startMs) continue
        sums.add(sensors.at(i), Number(ns.at(i)), totals.at(i), lows.at(i), highs.at(i))
      }
    })
  await context.start()
  return {
    async run() {
      sums = new AlertSums()
      for (let from = 0; from < lines.bytes.length; from += CHUNK_BYTES) {
        await readings.push(lines.bytes.subarray(from, from + CHUNK_BYTES))
      }
      await readings.push(lines.closingLine())
      await context.processAllAvailable()
      return sums.toString()
    },
    stop: () => context.stop(),
  }
}
