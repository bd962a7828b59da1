/**
 * The workloads through the public API: pushed batch by batch with back-pressure, as a user would.
 */
import { StreamingContext, avg, count, max, memory, min, stddev, sum, tumbling } from '../dist/node.js'
import { Checksum } from './workloads.mjs'

/**
 * W1: columns in.
 * @param {ReturnType<import('./workloads.mjs').sensorColumns>} columns
 * @param {number} batchRows
 * @param {number} workers
 */
export async function sensorsByMillrace({ sensor, at, value }, batchRows, workers) {
  const context = new StreamingContext({ batchInterval: 0, workers })
  const readings = memory({ schema: { sensor: 'i32', at: 'timestamp', value: 'f64' } })
  const checksum = new Checksum()
  context.source(readings)
    .withWatermark('at', 0)
    .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
    .aggregate(r => ({
      n: count(), total: sum(r.value), mean: avg(r.value), low: min(r.value), high: max(r.value), sd: stddev(r.value),
    }))
    .forEachBatch(batch => {
      for (const { n, total, mean, low, high, sd } of batch) checksum.add({ n, total, mean, low, high, sd: sd ?? 0 })
    })
  await context.start()
  const run = async () => {
    for (let from = 0; from < sensor.length; from += batchRows) {
      const to = from + batchRows
      await readings.push({ sensor: sensor.subarray(from, to), at: at.subarray(from, to), value: value.subarray(from, to) })
    }
    readings.end()
    await context.processAllAvailable()
    return checksum.toString()
  }
  return { run, stop: () => context.stop() }
}

/** E1: NDJSON bytes in. @param {Uint8Array} bytes @param {number} chunkBytes @param {number} workers */
export async function linesByMillrace(bytes, chunkBytes, workers) {
  const context = new StreamingContext({ batchInterval: 0, workers })
  const readings = memory({ schema: { sensor: 'utf8', at: 'timestamp', value: 'f64' }, format: 'ndjson' })
  const checksum = new Checksum()
  context.source(readings)
    .withWatermark('at', 0)
    .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
    .aggregate(r => ({ n: count(), mean: avg(r.value) }))
    .forEachBatch(batch => {
      for (const { n, mean } of batch) checksum.add({ n, mean })
    })
  await context.start()
  const run = async () => {
    for (let from = 0; from < bytes.length; from += chunkBytes) await readings.push(bytes.subarray(from, from + chunkBytes))
    readings.end()
    await context.processAllAvailable()
    return checksum.toString()
  }
  return { run, stop: () => context.stop() }
}
