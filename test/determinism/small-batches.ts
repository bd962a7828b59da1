/**
 * Work in batches that are small against its windows, so that most close none: tumbling and overlapping windows, an aggregate on
 * top of another, one that is put out as it changes, pauses, late rows.
 */
import * as api from 'millrace'
import { OutputHash } from '../support/output-hash.js'
import type { OnBatch, Variant } from './workload.js'

const BATCHES = 70
const ROWS = 60
const START_MS = 1_700_000_000_000
/** Event time of a batch; every so many batches nothing happens for longer. */
const STEP_MS = 130
const PAUSE_MS = 3000
const PAUSE_BATCHES = 17

/** What came out of each output in each batch, as one hash; how many batches ran the first stage that keeps state. */
export async function runSmallBatches({ workers, ...variant }: Variant, onBatch: OnBatch = () => {}) {
  const context = new api.StreamingContext({ batchInterval: '1 h', workers, partitions: 3, ...variant })
  const source = api.memory({ schema: { key: 'utf8', at: 'timestamp', value: 'f64' } })
  const hashes: Record<string, OutputHash> = {}
  const into = (name: string) => {
    const hash = hashes[name] = new OutputHash()
    return (batch: Iterable<object>, { batchId }: { batchId: number }): void =>
      hash.addRows(batchId, batch as Iterable<Record<string, unknown>>)
  }
  const readings = context.source(source).withWatermark('at', 200)
  const seconds = readings.groupBy(r => ({ key: r.key, window: api.tumbling(r.at, '1 s') }))
    .aggregate(r => ({ n: api.count(), total: api.sum(r.value), first: api.first(r.value), last: api.last(r.value) }))
  seconds.forEachBatch(into('seconds'))
  seconds.groupBy(r => ({ window: api.tumbling(r.window.start, '4 s') }))
    .aggregate(r => ({ total: api.sum(r.total), key: api.maxBy(r.key, r.total) }))
    .forEachBatch(into('chained'))
  readings.groupBy(r => ({ key: r.key, window: api.sliding(r.at, '4 s', '500 ms') }))
    .aggregate(r => ({ mean: api.avg(r.value), sd: api.stddev(r.value) }))
    .forEachBatch(into('sliding'))
  readings.groupBy(r => ({ window: api.tumbling(r.at, '2 s') }))
    .aggregate(r => ({ n: api.count(), total: api.sum(r.value) }))
    .forEachBatch(into('updates'), { mode: 'update' })
  const figures = { workersLost: 0, stagesRun: 0, late: 0, stateRows: NaN }
  context.on('workerLost', () => void figures.workersLost++)
  context.on('batchStarted', ({ batchId }) => onBatch(batchId))
  context.on('stageCompleted', ({ numTasks }) => { if (numTasks > 0) figures.stagesRun++ })
  context.on('batchCompleted', ({ progress }) => {
    figures.late += progress.rows.late
    figures.stateRows = progress.stateOperators.reduce((rows, { numRowsTotal }) => rows + numRowsTotal, 0)
  })
  await context.start()
  for (let batch = 0; batch < BATCHES; batch++) {
    await source.push(columnsOf(batch))
    await context.processAllAvailable()
  }
  source.end()
  await context.awaitTermination()
  return { hashes: Object.fromEntries(Object.entries(hashes).map(([name, hash]) => [name, String(hash)])), ...figures }
}

function columnsOf(batch: number) {
  const startMs = START_MS + batch * STEP_MS + Math.floor(batch / PAUSE_BATCHES) * PAUSE_MS
  const row = Array.from({ length: ROWS }, (_, i) => batch * ROWS + i)
  return {
    key: row.map(i => `key ${(i * 7) % 11}`),
    at: Float64Array.from(row, (i, at) => startMs + at * 2 - (i % 13) * 60),
    value: Float64Array.from(row, i => Math.sin(i) * 10 ** (i % 9)),
  }
}
