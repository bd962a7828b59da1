/**
 * W1: readings of 1,000 sensors pushed as columns; count, sum, mean, min, max and standard deviation per sensor and second.
 * Against loops over typed arrays, as good as one can write them, and C. The stream of a context runs on from round to round.
 */
import { ReadingColumns } from '../data/readings.mjs'
import { byMillrace, millraceName } from '../harness/millrace.mjs'
import { byC } from '../harness/native.mjs'
import { sensorWindows } from './w1/by-millrace.mjs'
import { SensorWindowSums } from './w1/sensor-window-sums.mjs'
import { IN_ORDER_LOOPS, outOfOrderLoop } from './w1/loops.mjs'

const OUT_OF_ORDER = 'by hand, rows out of order allowed'
const WORKERS = [0, 1, 2]

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const columns = new ReadingColumns(bench.size(10_000_000, 200_000))
  for (const batchRows of bench.size([10_000, 100_000], [10_000])) {
    const c = byC('w1.c', columns.rows)
    const result = await bench.compare({
      title: `W1: ${columns.rows / 1e6} M readings of 1,000 sensors in columns, ${batchRows / 1000} k rows a push`,
      amount: columns.rows,
      beforeRound: round => columns.moveTo(round),
      contenders: [
        ...Object.entries(IN_ORDER_LOOPS).map(([name, loop]) => byHand(`by hand, in order, ${name}`, loop, columns, batchRows)),
        byHand(OUT_OF_ORDER, outOfOrderLoop, columns, batchRows),
        c,
        ...WORKERS.map(workers => byMillrace(workers, () => sensorWindows(workers, columns, batchRows))),
      ],
    })
    if (batchRows !== 10_000) continue
    const inOrderMs = result.fastest(name => name.startsWith('by hand, in order'))
    for (const workers of [1, 2]) {
      bench.measured(`w1/in-order/${workers}`, result.ratio(millraceName(workers), inOrderMs))
      bench.measured(`w1/out-of-order/${workers}`, result.ratio(millraceName(workers), result.ms(OUT_OF_ORDER)))
    }
    bench.measured('w1/c/1', result.ratio(millraceName(1), result.ms(c.name)))
  }
}

/**
 * @param {string} name @param {import('./w1/loops.mjs').Loop} loop @param {ReadingColumns} columns @param {number} batchRows
 * @returns {import('../harness/bench.mjs').Contender}
 */
const byHand = (name, loop, columns, batchRows) => ({
  name,
  prepare: () => ({
    run() {
      const sums = new SensorWindowSums(columns)
      const { take, end } = loop(sums)
      for (let from = 0; from < columns.rows; from += batchRows) {
        const { sensor, at, value } = columns.slice(from, from + batchRows)
        take(sensor, at, value)
      }
      end()
      return sums.toString()
    },
  }),
})
