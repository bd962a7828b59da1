/**
 * Work with more state than is replayed from its inputs: after a few batches the scheduler holds snapshots of it, and a worker
 * that takes over has to restore one.
 */
import * as api from 'millrace'
import { OutputHash } from '../support/output-hash.js'
import type { OnBatch, Variant } from './workload.js'

const KEYS = 60_000
const BATCHES = 5
/** One key in so many is put out; the state holds all. */
const SHOWN = 100

/** Adds to every key in every batch, and gives the hash of what came out. */
export async function runManyKeys({ workers, ...variant }: Variant, onBatch: OnBatch = () => {}) {
  const context = new api.StreamingContext({ batchInterval: '1 h', workers, partitions: 4, ...variant })
  const source = api.memory({ schema: { key: 'i32', value: 'f64' } })
  const hash = new OutputHash()
  context.source(source)
    .groupBy(r => ({ key: r.key }))
    .aggregate(r => ({ n: api.count(), total: api.sum(r.value), mean: api.avg(r.value), last: api.last(r.value) }))
    .filter(r => r.key.mod(api.lit(SHOWN, 'i32')).eq(0))
    .forEachBatch((batch, { batchId }) => hash.addRows(batchId, batch))
  let workersLost = 0
  context.on('workerLost', () => void workersLost++)
  context.on('batchStarted', ({ batchId }) => onBatch(batchId))
  await context.start()
  for (let step = 0; step < BATCHES; step++) {
    const key = Int32Array.from({ length: KEYS }, (_, i) => (i * 7919 + step) % KEYS)
    await source.push({ key, value: Float64Array.from(key, (k, i) => Math.sin(k) / (1 + step) + i) })
    await context.processAllAvailable()
  }
  await context.stop()
  return { hash: String(hash), workersLost }
}
