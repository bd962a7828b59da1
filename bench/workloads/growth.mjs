/**
 * How cost grows: with the number of keys, of panes of a sliding window, of columns of which two are used. A step that is worse
 * than linear shows as a growth above 1: so many times the time as the size, per row of the input.
 */
import { avg, count, max, sliding, tumbling } from '../../dist/node.js'
import { EVENT_START_MS } from '../data/windowed-columns.mjs'
import { digits } from '../harness/bench.mjs'
import { startStream } from '../harness/millrace.mjs'
import { random } from '../harness/random.mjs'
import { median } from '../harness/statistics.mjs'

const BATCH_ROWS = 50_000
const WORKERS = 1

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  await keys(bench)
  await panes(bench)
  await columns(bench)
}

/** @param {import('../harness/bench.mjs').Bench} bench */
async function keys(bench) {
  const rows = bench.size(4_000_000, 100_000)
  const sizes = bench.size([1000, 10_000, 100_000, 1_000_000], [100, 1000])
  const times = await timesBySize(bench, sizes, async distinct => {
    const next = random(0x85ebca6b)
    const key = Int32Array.from({ length: rows }, () => Math.imul(next() % distinct, 0x9e3779b1))
    const value = Float64Array.from({ length: rows }, (_, i) => i)
    return windowed(rows, { key: 'i32', value: 'f64' }, { key, value }, 1000, stream => stream
      .groupBy(r => ({ key: r.key, window: tumbling(r.at, '1 s') }))
      .aggregate(r => ({ n: count(), mean: avg(r.value), high: max(r.value) })))
  })
  report(bench, 'keys', `Keys: ${rows / 1e6} M rows, group by one sparse integer and second`, sizes, times)
}

/** @param {import('../harness/bench.mjs').Bench} bench */
async function panes(bench) {
  const rows = bench.size(1_000_000, 50_000)
  const sizes = bench.size([1, 6, 12, 60], [1, 6])
  const times = await timesBySize(bench, sizes, async perWindow => {
    const next = random(0xc2b2ae35)
    const key = Int32Array.from({ length: rows }, () => next() % 1000)
    const value = Float64Array.from({ length: rows }, (_, i) => i)
    // The rows of a round lie in ten slides.
    return windowed(rows, { key: 'i32', value: 'f64' }, { key, value }, 10_000, stream => stream
      .groupBy(r => ({ key: r.key, window: perWindow === 1 ? tumbling(r.at, '1 s') : sliding(r.at, `${perWindow} s`, '1 s') }))
      .aggregate(r => ({ n: count(), mean: avg(r.value), high: max(r.value) })))
  })
  report(bench, 'panes', `Panes: ${rows / 1e6} M rows over 10 s, 1,000 keys, windows of so many slides of 1 s`, sizes, times)
}

/** @param {import('../harness/bench.mjs').Bench} bench */
async function columns(bench) {
  const rows = bench.size(200_000, 20_000)
  const sizes = bench.size([10, 100, 1000], [10, 50])
  const times = await timesBySize(bench, sizes, async width => {
    const shared = Float64Array.from({ length: rows }, (_, i) => i % 1000)
    const names = Array.from({ length: width }, (_, i) => `c${i}`)
    const schema = Object.fromEntries(names.map(name => [name, 'f64']))
    return windowed(rows, schema, Object.fromEntries(names.map(name => [name, shared])), 1000, stream => stream
      .groupBy(r => ({ key: r.c0.cast('i32'), window: tumbling(r.at, '1 s') }))
      .aggregate(r => ({ n: count(), mean: avg(r.c1), high: max(r.c1) })))
  })
  report(bench, 'columns', `Columns: ${rows / 1e6} M rows of so many columns, two of them used`, sizes, times)
}

/**
 * Medians by size.
 * @param {import('../harness/bench.mjs').Bench} bench @param {readonly number[]} sizes
 * @param {(size: number) => Promise<{ run(round: number): Promise<void>, stop(): unknown }>} prepare
 */
async function timesBySize(bench, sizes, prepare) {
  const streams = []
  for (const size of sizes) streams.push(await prepare(size))
  const timesMs = sizes.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round <= bench.rounds; round++) {
    for (const [i, stream] of streams.entries()) {
      const startMs = performance.now()
      await stream.run(round)
      if (round > 0) timesMs[i].push(performance.now() - startMs)
    }
  }
  for (const stream of streams) await stream.stop()
  return timesMs.map(median)
}

/**
 * Each round's rows lie in `spanMs` of event time, each in the order of time.
 * @param {number} rows @param {Record<string, string>} schema @param {Record<string, ArrayLike<number>>} data @param {number}
 * spanMs
 * @param {(stream: never) => never} build
 */
async function windowed(rows, schema, data, spanMs, build) {
  const at = new Float64Array(rows)
  let results = 0
  const stream = await startStream({
    workers: WORKERS,
    source: { schema: { ...schema, at: 'timestamp' } },
    build: source => build(source.withWatermark('at', 0)),
    onBatch(batch) { results += batch.numRows },
  })
  const slice = (/** @type {number} */ from, /** @type {number} */ to) => ({
    ...Object.fromEntries(Object.entries(data).map(([name, values]) => [name, values.subarray(from, to)])),
    at: at.subarray(from, to),
  })
  return {
    /** @param {number} round */
    async run(round) {
      const startMs = EVENT_START_MS + round * spanMs
      for (let i = 0; i < rows; i++) at[i] = startMs + Math.floor(i * spanMs / rows)
      const slices = []
      for (let from = 0; from < rows; from += BATCH_ROWS) slices.push(slice(from, Math.min(rows, from + BATCH_ROWS)))
      await stream.push(slices)
    },
    stop: stream.stop,
  }
}

/**
 * @param {import('../harness/bench.mjs').Bench} bench @param {string} id @param {string} title @param {readonly number[]} sizes
 * @param {readonly number[]} times
 */
function report(bench, id, title, sizes, times) {
  const growths = sizes.map((size, i) => i === 0 ? 0 : (times[i] / times[i - 1]) / (size / sizes[i - 1]))
  bench.table({
    title,
    head: ['', 'ms', 'against the first', 'growth'],
    rows: sizes.map((size, i) =>
      [size.toLocaleString('en'), digits(times[i]), `×${digits(times[i] / times[0])}`, i === 0 ? '' : digits(growths[i])]),
  })
  bench.measured(`growth/${id}`, Math.max(...growths))
}
