/** A program that prints how long it took from start() to its first result; its argument is the number of workers. */
import { StreamingContext, avg, count, memory, stddev, tumbling } from '../../../dist/node.js'

const ROWS = 1000

const context = new StreamingContext({ batchInterval: 0, workers: Number(process.argv[2]) })
const source = memory({ schema: { sensor: 'utf8', at: 'timestamp', value: 'f64' } })
let n = 0
const first = new Promise(resolve => {
  context.source(source)
    .withWatermark('at', 0)
    .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
    .aggregate(r => ({ n: count(), mean: avg(r.value), sd: stddev(r.value) }))
    .forEachBatch(batch => {
      for (const row of batch) n += Number(row.n)
      if (batch.numRows > 0) resolve(undefined)
    })
})
/** The last row ends the window of the others. */
const timeOf = i => i === ROWS - 1 ? 5000 : i % 1000
const rows = Array.from({ length: ROWS }, (_, i) => ({ sensor: `s-${i % 10}`, at: timeOf(i), value: i / 7 }))
const startMs = performance.now()
await context.start()
await source.push(rows)
await first
const ms = performance.now() - startMs
await context.stop()
process.stdout.write(JSON.stringify({ checksum: String(n), ms }))
