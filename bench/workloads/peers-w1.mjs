/** W1 against packages: those that run in a page, and Polars, which does not. On fewer rows, since the slowest takes long. */
import { ReadingColumns } from '../data/readings.mjs'
import { byMillrace, millraceName } from '../harness/millrace.mjs'
import { PEERS } from '../peers/index.mjs'
import { sensorWindows } from './w1/by-millrace.mjs'
import { SensorWindowSums } from './w1/sensor-window-sums.mjs'

const BATCH_ROWS = 10_000

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const columns = new ReadingColumns(bench.size(2_000_000, 20_000))
  const result = await bench.compare({
    title: `W1 against packages: ${columns.rows / 1e6} M readings, ${BATCH_ROWS / 1000} k rows a push`,
    amount: columns.rows,
    beforeRound: round => columns.moveTo(round),
    contenders: [
      byMillrace(1, () => sensorWindows(1, columns, BATCH_ROWS)),
      ...PEERS.map(({ name, sensorWindows: load }) => ({
        name,
        async prepare() {
          const peer = await load()
          return { run: () => portion(peer, columns) }
        },
      })),
    ],
  })
  const pageMs = result.fastest(name => PEERS.some(peer => peer.name === name && peer.isPagePackage))
  bench.measured('peers-w1/page', result.ratio(millraceName(1), pageMs))
  bench.measured('peers-w1/polars', result.ratio(millraceName(1), result.ms('nodejs-polars')))
}

/**
 * A push never crosses the edge of a window in these data, so a peer is told when one closes.
 * @param {import('../peers/index.mjs').WindowPeer} peer @param {ReadingColumns} columns
 */
async function portion(peer, columns) {
  const sums = new SensorWindowSums(columns)
  const { WINDOW_MS } = ReadingColumns
  for (let from = 0; from < columns.rows; from += BATCH_ROWS) {
    const to = Math.min(columns.rows, from + BATCH_ROWS)
    await peer.take(columns.slice(from, to))
    const windowMs = Math.floor(columns.at[from] / WINDOW_MS) * WINDOW_MS
    const isLast = to === columns.rows || columns.at[to] >= windowMs + WINDOW_MS
    if (isLast) await peer.close((...figures) => sums.add(windowMs, ...figures))
  }
  return sums.toString()
}
