/**
 * Ten minutes at 500,000 rows a second: 10,000 keys, sliding windows of 60 s every second. Memory of the process is to be flat
 * after the first minute: within 5 % of its mean. Run by name only: `npm run bench -- soak`.
 */
import { avg, count, max, sliding } from '../../dist/node.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { EVENT_START_MS } from '../data/windowed-columns.mjs'
import { digits } from '../harness/bench.mjs'
import { startStream } from '../harness/millrace.mjs'
import { random } from '../harness/random.mjs'

const ROWS_PER_MS = 500
const TICK_MS = 20
const KEYS = 10_000
const WORKERS = 1
const MEBIBYTE = 2 ** 20

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const seconds = bench.size(Number(process.env.SOAK_SECONDS ?? 600), 3)
  const settledMs = bench.size(Math.min(60, seconds / 5), 1) * 1000
  let results = 0
  const stream = await startStream({
    workers: WORKERS,
    source: { schema: { key: 'i32', at: 'timestamp', value: 'f64' } },
    build: rows => rows
      .withWatermark('at', '1 s')
      .groupBy(r => ({ key: r.key, window: sliding(r.at, '60 s', '1 s') }))
      .aggregate(r => ({ n: count(), mean: avg(r.value), high: max(r.value) })),
    onBatch(batch) { results += batch.numRows },
  })
  const { samples, rows, behindMs } = await feed(stream, seconds * 1000)
  await stream.stop()
  const settled = samples.filter(({ ms }) => ms >= settledMs).map(({ bytes }) => bytes)
  const mean = settled.reduce((total, bytes) => total + bytes, 0) / settled.length
  const deviation = Math.max(...settled.map(bytes => Math.abs(bytes - mean))) / mean * 100
  bench.table({
    title: `Soak: ${seconds} s at 0.5 M rows/s, 10 k keys, windows of 60 s every second, ${WORKERS} worker`,
    head: ['', ''],
    rows: [
      ['rows in', rows.toLocaleString('en')],
      ['rows out', results.toLocaleString('en')],
      ['memory after the first minute, mean', `${digits(mean / MEBIBYTE)} MiB`],
      ['… smallest', `${digits(Math.min(...settled) / MEBIBYTE)} MiB`],
      ['… largest', `${digits(Math.max(...settled) / MEBIBYTE)} MiB`],
      ['furthest from the mean', `${digits(deviation)} %`],
      ['furthest behind the clock', `${digits(behindMs)} ms`],
      ['every tenth of the time, MiB', tenths(samples.map(({ bytes }) => Math.round(bytes / MEBIBYTE))).join(' ')],
    ],
  })
  bench.measured('soak/memory', deviation)
}

/** @param {{ push(slices: Iterable<unknown>): Promise<void> }} stream @param {number} lengthMs */
async function feed(stream, lengthMs) {
  const next = random(0x27d4eb2f)
  const tickRows = ROWS_PER_MS * TICK_MS
  // Every key once a push, in an order that is no key's own: 7919 is prime, so it shares no factor with KEYS.
  const key = Int32Array.from({ length: tickRows }, (_, i) => i * 7919 % KEYS)
  const value = Float64Array.from({ length: tickRows }, () => next() / 2 ** 32)
  const at = new Float64Array(tickRows)
  const samples = []
  const startMs = performance.now()
  let behindMs = 0
  let ticks = 0
  for (; ticks * TICK_MS < lengthMs; ticks++) {
    for (let i = 0; i < tickRows; i++) at[i] = EVENT_START_MS + ticks * TICK_MS + Math.floor(i / ROWS_PER_MS)
    await stream.push([{ key, at, value }])
    const elapsedMs = performance.now() - startMs
    if (ticks * TICK_MS % 1000 === 0) samples.push({ ms: elapsedMs, bytes: process.memoryUsage.rss() })
    const aheadMs = (ticks + 1) * TICK_MS - elapsedMs
    behindMs = Math.max(behindMs, -aheadMs)
    if (aheadMs > 1) await sleep(aheadMs)
  }
  return { samples, rows: ticks * tickRows, behindMs }
}

/** @param {readonly number[]} values */
const tenths = values =>
  Array.from({ length: 11 }, (_, i) => values[Math.min(values.length - 1, Math.floor(i * values.length / 10))])
