/** Group by 100,000 integer keys spread over all of 32 bits; count, sum, min, max, mean. Against a Map of objects. */
import { byMillrace, millraceName } from '../harness/millrace.mjs'
import { groupsByMillrace } from './groups/by-millrace.mjs'
import { groupsByMap, KeyedValues } from './groups/keyed-values.mjs'

const YARDSTICK = 'by hand, Map of objects'
/** Odd, so that different keys stay different. */
const SPREAD = 0x9e3779b1

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const data = new KeyedValues(bench.size(4_000_000, 100_000), bench.size(100_000, 5_000))
  const keys = data.key.map(key => Math.imul(key, SPREAD))
  const number = (/** @type {number} */ key) => Math.abs(key)
  const result = await bench.compare({
    title: `Group by ${data.distinct / 1000} k sparse integers: ${data.rows / 1e6} M rows; count, sum, min, max, mean`,
    amount: data.rows,
    beforeRound: round => data.moveTo(round),
    contenders: [
      { name: YARDSTICK, prepare: () => ({ run: () => groupsByMap(keys, data, number) }) },
      ...[0, 1, 2].map(workers => byMillrace(workers,
        () => groupsByMillrace(workers, 'i32', data, (from, to) => keys.subarray(from, to), number))),
    ],
  })
  bench.measured('group-integers/1', result.ratio(millraceName(1), result.ms(YARDSTICK)))
}
