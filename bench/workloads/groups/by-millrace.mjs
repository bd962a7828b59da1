/** Group by key and second through the public API: count, sum, min, max, avg. */
import { avg, count, max, min, sum, tumbling } from '../../../dist/node.js'
import { startStream } from '../../harness/millrace.mjs'
import { GroupSums } from './keyed-values.mjs'

/**
 * @template T
 * @param {number} workers @param {'i32' | 'utf8'} type @param {import('./keyed-values.mjs').KeyedValues} data
 * @param {(from: number, to: number) => T} keys as they are pushed @param {(key: never) => number} number
 */
export async function groupsByMillrace(workers, type, data, keys, number) {
  let sums = new GroupSums(0)
  const stream = await startStream({
    workers,
    source: { schema: { key: type, value: 'f64', at: 'timestamp' } },
    build: rows => rows
      .withWatermark('at', 0)
      .groupBy(r => ({ key: r.key, window: tumbling(r.at, '1 s') }))
      .aggregate(r => ({ n: count(), total: sum(r.value), low: min(r.value), high: max(r.value), mean: avg(r.value) })),
    onBatch: batch => sums.addBatch(batch, number),
  })
  return {
    async run() {
      sums = new GroupSums(data.startMs)
      await stream.push(data.slices(keys))
      return sums.toString()
    },
    stop: stream.stop,
  }
}
