/** W1 through the public API, as a user would: each push is awaited. */
import { avg, count, max, min, stddev, sum, tumbling } from '../../../dist/node.js'
import { startStream } from '../../harness/millrace.mjs'
import { SensorWindowSums } from './sensor-window-sums.mjs'

/**
 * @param {number} workers @param {import('../../data/readings.mjs').ReadingColumns} columns @param {number} batchRows
 * @param {Record<string, unknown>} [options] of the context
 */
export async function sensorWindows(workers, columns, batchRows, options = {}) {
  let sums = new SensorWindowSums(columns)
  const stream = await startStream({
    workers,
    options,
    source: { schema: { sensor: 'i32', at: 'timestamp', value: 'f64' } },
    build: rows => rows
      .withWatermark('at', 0)
      .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
      .aggregate(r => ({
        n: count(), total: sum(r.value), mean: avg(r.value), low: min(r.value), high: max(r.value), sd: stddev(r.value),
      })),
    onBatch: batch => sums.addBatch(batch),
  })
  return {
    async run() {
      sums = new SensorWindowSums(columns)
      await stream.push(slices(columns, batchRows))
      return sums.toString()
    },
    stop: stream.stop,
  }
}

/** @param {import('../../data/readings.mjs').ReadingColumns} columns @param {number} batchRows */
function* slices(columns, batchRows) {
  yield* columns.pushes(batchRows)
  yield columns.closingRow()
}
