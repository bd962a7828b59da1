/** W1 where memory is shared with the workers, and where blocks are transferred, as on a page that is not isolated. */
import { ReadingColumns } from '../data/readings.mjs'
import { millraceName } from '../harness/millrace.mjs'
import { sensorWindows } from './w1/by-millrace.mjs'

const BATCH_ROWS = 10_000

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const columns = new ReadingColumns(bench.size(10_000_000, 200_000))
  const name = (/** @type {number} */ workers, /** @type {string} */ transport) => `${millraceName(workers)}, ${transport}`
  const result = await bench.compare({
    title: `W1, shared memory and transfer, ${BATCH_ROWS / 1000} k rows a push`,
    amount: columns.rows,
    beforeRound: round => columns.moveTo(round),
    contenders: [1, 2].flatMap(workers => ['shared', 'transfer'].map(blockTransport => ({
      name: name(workers, blockTransport),
      prepare: () => sensorWindows(workers, columns, BATCH_ROWS, { blockTransport }),
    }))),
  })
  for (const workers of [1, 2]) {
    const [shared, transfer] = ['shared', 'transfer'].map(transport => result.ms(name(workers, transport)))
    bench.measured(`transport/${workers}`, shared && transfer && transfer / shared)
  }
}
