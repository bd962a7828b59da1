/**
 * The kernels by themselves, as far as that goes through the public API: on this thread, one job each that is nearly all
 * decoding, expression, grouping, merging or selecting. The SIMD build, the scalar build and the twin, against the same by hand.
 */
import { count, max, sum, tumbling } from '../../dist/node.js'
import { ReadingColumns } from '../data/readings.mjs'
import { EVENT_START_MS } from '../data/windowed-columns.mjs'
import { ReadingLines } from '../data/reading-lines.mjs'
import { checksum } from '../harness/checksum.mjs'
import { startStream } from '../harness/millrace.mjs'

const BATCH_ROWS = 100_000
const CHUNK_BYTES = 1 << 20
const COLUMNS = { schema: { sensor: 'i32', at: 'timestamp', value: 'f64' } }

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const columns = new ReadingColumns(bench.size(2_000_000, 20_000))
  const lines = new ReadingLines(bench.size(500_000, 5_000))
  await compare(bench, 'Decode NDJSON', lines.rows, () => decodedByHand(lines), {
    source: { schema: { sensor: 'utf8', t: 'timestamp', value: 'f64' }, format: 'ndjson' },
    slices: () => chunks(lines.bytes),
    build: rows => rows.aggregate(r => ({ n: count(), total: sum(r.value), last: max(r.t) })),
    names: ['n', 'total', 'last'],
  })
  await compare(bench, 'Expression: ((x − 25) / 2.9)² + x', columns.rows, () => expressionByHand(columns), {
    source: COLUMNS,
    slices: () => slices(columns),
    build: rows => rows.aggregate(r => ({ n: count(), total: sum(r.value.sub(25).div(2.9).pow(2).add(r.value)) })),
    names: ['n', 'total'],
  })
  await compare(bench, 'Select: x > 29, one in ten', columns.rows, () => selectedByHand(columns), {
    source: COLUMNS,
    slices: () => slices(columns),
    build: rows => rows.filter(r => r.value.gt(29)).aggregate(r => ({ n: count(), total: sum(r.value) })),
    names: ['n', 'total'],
  })
  await compare(bench, 'Group: 1,000 integers, count and sum', columns.rows, () => groupedByHand(columns, 1), grouped(columns, 1))
  await compare(bench, 'Merge: each row a group of its own per ms, count and sum', columns.rows,
    () => groupedByHand(columns, 1000), grouped(columns, 1000))
}

/**
 * @typedef {object} Job
 * @property {Parameters<typeof startStream>[0]['source']} source
 * @property {() => Iterable<unknown>} slices
 * @property {Parameters<typeof startStream>[0]['build']} build
 * @property {readonly string[]} names of the result columns, which are added up
 *
 * @param {import('../harness/bench.mjs').Bench} bench @param {string} title @param {number} rows @param {() => string} byHand
 * @param {Job} job
 */
async function compare(bench, title, rows, byHand, job) {
  const byKernels = (/** @type {string} */ kernels) => ({
    name: kernels === 'reference' ? 'the twin' : `kernels, ${kernels}`,
    prepare: () => ({ run: () => once(kernels, job) }),
  })
  await bench.compare({
    title: `Kernels: ${title}`,
    amount: rows,
    contenders: [{ name: 'by hand', prepare: () => ({ run: byHand }) }, ...['simd', 'scalar', 'reference'].map(byKernels)],
  })
}

/**
 * A context a round, so that every round meets the same times; only the work is timed.
 * @param {string} kernels @param {Job} job
 */
async function once(kernels, { source, build, slices, names }) {
  const sums = names.map(() => 0)
  const last = names.map(() => 0)
  let isWindowed = false
  const stream = await startStream({
    workers: 0,
    options: { kernels },
    source,
    build,
    onBatch(batch) {
      const views = names.map(name => batch.column(name))
      isWindowed ||= batch.columnNames.includes('window')
      for (let i = 0; i < batch.numRows; i++) {
        for (const [k, view] of views.entries()) {
          last[k] = Number(view.at(i))
          sums[k] += last[k]
        }
      }
    },
  })
  const startMs = performance.now()
  await stream.push(slices())
  const ms = performance.now() - startMs
  await stream.stop()
  const values = isWindowed ? sums : last
  return { checksum: checksum(Object.fromEntries(names.map((name, k) => [name, values[k]]))), ms }
}

/** @param {ReadingColumns} columns @param {number} windowsPerSecond */
function grouped(columns, windowsPerSecond) {
  return {
    source: COLUMNS,
    slices: function* () {
      yield* slices(columns)
      yield columns.closingRow()
    },
    build: rows => rows
      .withWatermark('at', 0)
      .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, `${1000 / windowsPerSecond} ms`) }))
      .aggregate(r => ({ n: count(), total: sum(r.value) })),
    names: ['n', 'total'],
  }
}

/** @param {ReadingColumns} columns */
function* slices(columns) {
  for (let from = 0; from < columns.rows; from += BATCH_ROWS) yield columns.slice(from, from + BATCH_ROWS)
}

/** @param {Uint8Array} bytes */
function* chunks(bytes) {
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) yield bytes.subarray(from, from + CHUNK_BYTES)
}

/** @param {ReadingLines} lines */
function decodedByHand({ bytes }) {
  let n = 0
  let total = 0
  let last = 0
  for (const line of bytes.toString('latin1').split('\n')) {
    if (line === '') continue
    const { t, value } = JSON.parse(line)
    n++
    total += value
    if (t > last) last = t
  }
  return checksum({ n, total, last })
}

/** @param {ReadingColumns} columns */
function expressionByHand({ value }) {
  let total = 0
  for (let i = 0; i < value.length; i++) {
    const z = (value[i] - 25) / 2.9
    total += z * z + value[i]
  }
  return checksum({ n: value.length, total })
}

/** @param {ReadingColumns} columns */
function selectedByHand({ value }) {
  let n = 0
  let total = 0
  for (let i = 0; i < value.length; i++) {
    if (value[i] > 29) {
      n++
      total += value[i]
    }
  }
  return checksum({ n, total })
}

/** Windows in order, sensors dense. @param {ReadingColumns} columns @param {number} windowsPerSecond */
function groupedByHand({ sensor, at, value }, windowsPerSecond) {
  const widthMs = 1000 / windowsPerSecond
  const counts = new Float64Array(1000)
  const totals = new Float64Array(1000)
  let n = 0
  let total = 0
  let window = -1
  const close = () => {
    for (let k = 0; k < counts.length; k++) {
      n += counts[k]
      total += totals[k]
    }
    counts.fill(0)
    totals.fill(0)
  }
  for (let i = 0; i < sensor.length; i++) {
    const w = Math.floor((at[i] - EVENT_START_MS) / widthMs)
    if (w !== window) {
      close()
      window = w
    }
    counts[sensor[i]]++
    totals[sensor[i]] += value[i]
  }
  close()
  return checksum({ n, total })
}
