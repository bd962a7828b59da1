/**
 * From push to the output function: batches of 1,000 rows, one at a time, a few ms apart; averages per sensor and second in
 * update mode, so that each batch has a result.
 */
import { StreamingContext, avg, count, memory, tumbling } from '../../dist/node.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { ReadingColumns } from '../data/readings.mjs'
import { digits } from '../harness/bench.mjs'
import { millraceName } from '../harness/millrace.mjs'
import { quantile } from '../harness/statistics.mjs'

const BATCH_ROWS = 1000
const PAUSE_MS = 2
const QUANTILES = [0.5, 0.9, 0.99, 0.999, 1]

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const batches = bench.size(3000, 20)
  const columns = new ReadingColumns(batches * BATCH_ROWS)
  const rows = []
  for (const workers of [0, 1, 2]) {
    const latencies = await latenciesOf(workers, columns, batches)
    const [p50, , p99] = QUANTILES.map(q => quantile(latencies, q))
    const id = workers === 0 ? 'inline' : `workers/${workers}`
    bench.measured(`latency/p50/${id}`, p50)
    bench.measured(`latency/p99/${id}`, p99)
    rows.push([millraceName(workers), ...QUANTILES.map(q => digits(quantile(latencies, q)))])
  }
  bench.table({
    title: `Latency in ms, push to output function: ${batches} batches of ${BATCH_ROWS} rows, ${PAUSE_MS} ms apart`,
    head: ['', ...QUANTILES.map(q => q === 1 ? 'longest' : `p${q * 100}`)],
    rows,
  })
}

/** The first tenth warms up. @param {number} workers @param {ReadingColumns} columns @param {number} batches */
async function latenciesOf(workers, columns, batches) {
  const context = new StreamingContext({ batchInterval: 0, workers })
  const readings = memory({ schema: { sensor: 'i32', at: 'timestamp', value: 'f64' } })
  let arrived = () => {}
  context.source(readings)
    .withWatermark('at', 0)
    .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
    .aggregate(r => ({ n: count(), mean: avg(r.value) }))
    .forEachBatch(() => arrived(), { mode: 'update' })
  await context.start()
  const latencies = []
  for (let i = 0; i < batches; i++) {
    const result = new Promise(resolve => { arrived = () => resolve(performance.now()) })
    const startMs = performance.now()
    await readings.push(columns.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS))
    latencies.push(await result - startMs)
    await sleep(PAUSE_MS)
  }
  await context.stop()
  return latencies.slice(Math.floor(batches / 10))
}
