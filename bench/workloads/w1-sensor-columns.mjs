/**
 * W1: readings of 1,000 sensors pushed as columns; count, sum, mean, min, max and standard deviation per sensor and second.
 * Against loops over typed arrays, as good as one can write them, and C. The stream of a context runs on from round to round.
 */
import { ReadingColumns } from '../data/readings.mjs'
import { byMillrace, millraceName } from '../harness/millrace.mjs'
import { byC } from '../harness/native.mjs'
import { byHand } from '../harness/window-contenders.mjs'
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
    const work = { data: columns, batchRows, newSums: (/** @type {ReadingColumns} */ data) => new SensorWindowSums(data) }
    const result = await bench.compare({
      title: `W1: ${columns.rows / 1e6} M readings of 1,000 sensors in columns, ${batchRows / 1000} k rows a push`,
      amount: columns.rows,
      beforeRound: round => columns.moveTo(round),
      contenders: [
        ...Object.entries(IN_ORDER_LOOPS).map(([name, loop]) => byHand(`by hand, in order, ${name}`, loop, work)),
        byHand(OUT_OF_ORDER, outOfOrderLoop, work),
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
