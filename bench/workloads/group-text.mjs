/**
 * Group by text, 1,000 and 100,000 distinct; count, sum, min, max, mean. Pushed as arrays of strings, and as codes into an
 * array of strings, which a program has that reads Arrow or Parquet. Against a Map of objects over the same strings.
 */
import { millraceName } from '../harness/millrace.mjs'
import { groupsByMillrace } from './groups/by-millrace.mjs'
import { groupsByMap, KeyedValues } from './groups/keyed-values.mjs'

const YARDSTICK = 'by hand, Map of objects'

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  for (const distinct of bench.size([1000, 100_000], [100, 5_000])) {
    const data = new KeyedValues(bench.size(2_000_000, 100_000), distinct)
    const dictionary = Array.from({ length: distinct }, (_, key) => `device-${String(key).padStart(6, '0')}`)
    const keys = Array.from(data.key, key => dictionary[key])
    const number = (/** @type {string} */ key) => Number(key.slice(-3))
    const strings = (/** @type {number} */ from, /** @type {number} */ to) => keys.slice(from, to)
    const codes = (/** @type {number} */ from, /** @type {number} */ to) => ({ values: data.key.subarray(from, to), dictionary })
    /** @param {typeof strings | typeof codes} pushed @param {string} as */
    const contenders = (pushed, as) => [0, 1, 2].map(workers => ({
      name: `${millraceName(workers)}, ${as}`,
      prepare: () => groupsByMillrace(workers, 'utf8', data, pushed, number),
    }))
    const result = await bench.compare({
      title: `Group by ${distinct.toLocaleString('en')} texts: ${data.rows / 1e6} M rows; count, sum, min, max, mean`,
      amount: data.rows,
      beforeRound: round => data.moveTo(round),
      contenders: [
        { name: YARDSTICK, prepare: () => ({ run: () => groupsByMap(keys, data, number) }) },
        ...contenders(strings, 'strings'),
        ...contenders(codes, 'codes'),
      ],
    })
    const size = distinct >= 100_000 ? '100k' : '1k'
    for (const as of ['strings', 'codes']) {
      bench.measured(`group-text/${size}/${as}`, result.ratio(`${millraceName(1)}, ${as}`, result.ms(YARDSTICK)))
    }
  }
}
