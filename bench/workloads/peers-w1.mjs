/** W1 against packages. On fewer rows, since the slowest takes long. */
import { ReadingColumns } from '../data/readings.mjs'
import { againstPackages } from '../peers/against-packages.mjs'
import { sensorWindows } from './w1/by-millrace.mjs'
import { SensorWindowSums } from './w1/sensor-window-sums.mjs'

const BATCH_ROWS = 10_000

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const readings = new ReadingColumns(bench.size(2_000_000, 20_000))
  await againstPackages(bench, {
    id: 'peers-w1',
    title: `W1 against packages: ${readings.rows / 1e6} M readings`,
    work: { data: readings, batchRows: BATCH_ROWS, newSums: data => new SensorWindowSums(data) },
    millrace: () => sensorWindows(1, readings, BATCH_ROWS),
    loaderOf: peer => peer.sensorWindows,
  })
}
