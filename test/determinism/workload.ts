/**
 * Work with everything in it that could depend on timing: text keys, float sums, several tasks per batch, shuffles, overlapping
 * windows, an aggregate on top of another, late rows, samples. Runs in Node and in pages; gives one hash per output.
 */
import * as api from 'millrace'
import { OutputHash } from '../support/output-hash.js'

/** What may not make a difference. */
export interface Variant {
  readonly workers: number
  readonly kernels?: 'simd' | 'scalar' | 'reference'
  readonly blockTransport?: 'shared' | 'transfer'
  readonly createWorker?: () => unknown
  readonly fastPaths?: NonNullable<api.StreamingContextOptions['fastPaths']>
}

/** Called as each batch starts: a test may kill a worker here. */
export type OnBatch = (batchId: number) => void

/** More rows than one task takes, so that a batch has several. */
const COLUMN_ROWS = [100_000, 5, 70_000]
const LINES = [9_000, 0, 3_000]
const START_MS = 1_700_000_000_000
const STEP_MS = 30_000
const SENSORS = ['s-1', 's-2', 'Außen', '温度', '🌡️', '']

function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Columns of one push; later ones reach back in time, so that some rows are late. */
function columnsOf(step: number, rows: number) {
  const random = randomOf(0x1234 + step)
  return {
    sensor: Array.from({ length: rows }, () => SENSORS[Math.floor(random() * SENSORS.length)]!),
    at: Float64Array.from({ length: rows }, (_, i) => START_MS + step * STEP_MS + (i >> 2) - Math.floor(random() * 20_000)),
    value: Float64Array.from({ length: rows }, () => (random() - 0.5) * 10 ** Math.floor(random() * 12)),
  }
}

function linesOf(step: number, rows: number): Uint8Array {
  const random = randomOf(0x9876 + step)
  const lines = Array.from({ length: rows }, (_, i) => {
    if (i % 1000 === 999) return '{"sensor": broken'
    const sensor = i % 97 === 0 ? null : SENSORS[Math.floor(random() * SENSORS.length)]!
    return JSON.stringify({ value: random() * 1e3, at: START_MS + step * STEP_MS + i, sensor })
  })
  return new TextEncoder().encode(lines.map(line => `${line}\n`).join(''))
}

type AddOutput = (name: string) => (batch: Iterable<object>, info: { batchId: number }) => void

function buildPipeline(context: api.StreamingContext, add: AddOutput) {
  const schema = { sensor: 'utf8', at: 'timestamp', value: 'f64' } as const
  const columns = api.memory({ schema, format: 'columns' })
  const text = api.memory({ schema, format: 'ndjson' })
  const readings = context.source(columns).union(context.source(text)).withWatermark('at', '5 s')

  const windows = readings
    .groupBy(r => ({ sensor: r.sensor, window: api.sliding(r.at, '4 s', '1 s') }))
    .aggregate(r => ({
      n: api.count(), total: api.sum(r.value), mean: api.avg(r.value), sd: api.stddev(r.value), low: api.min(r.value),
      first: api.first(r.value), last: api.last(r.value), at: api.maxBy(r.at, r.value),
    }))
  windows.forEachBatch(add('windows'))
  windows.lateRows().aggregate(r => ({ n: api.count(), total: api.sum(r.value) })).forEachBatch(add('late'))
  windows
    .groupBy(r => ({ window: api.tumbling(r.window.start, '10 s') }))
    .aggregate(r => ({ highest: api.max(r.mean), sensor: api.maxBy(r.sensor, r.mean), total: api.sum(r.total) }))
    .forEachBatch(add('chained'))
  readings
    .map(r => ({
      bucket: r.value.abs().add(1).log10().floor(), wave: r.value.sin().mul(r.value.abs().sqrt()), sensor: r.sensor.upper(),
    }))
    .groupBy(r => ({ bucket: r.bucket, sensor: r.sensor }))
    .aggregate(r => ({ n: api.count(), wave: api.sum(r.wave) }))
    .forEachBatch(add('buckets'), { mode: 'complete' })
  readings
    .sample(0.01, { seed: 5 })
    .map(r => ({ label: r.sensor.concat('!'), value: r.value.exp().ln() }))
    .forEachBatch(add('sampled'))
  readings.filter(r => r.value.gt(0)).limit(100).forEachBatch(add('limited'))
  return { columns, text }
}

/** Runs the work and gives the hash of each output, and how the engine ran. */
export async function runWorkload({ workers, ...variant }: Variant, onBatch: OnBatch = () => {}) {
  const context = new api.StreamingContext({ batchInterval: '1 h', workers, partitions: 5, ...variant })
  const hashes = new Map<string, OutputHash>()
  const { columns, text } = buildPipeline(context, name => {
    const hash = new OutputHash()
    hashes.set(name, hash)
    return (batch, { batchId }) => hash.addRows(batchId, batch as Iterable<Record<string, unknown>>)
  })
  let workersLost = 0
  context.on('workerLost', () => void workersLost++)
  context.on('batchStarted', ({ batchId }) => onBatch(batchId))
  await context.start()
  for (const [step, rows] of COLUMN_ROWS.entries()) {
    await columns.push(columnsOf(step, rows))
    if (LINES[step]! > 0) await text.push(linesOf(step, LINES[step]!))
    await context.processAllAvailable()
  }
  columns.end()
  text.end()
  await context.processAllAvailable()
  const { capabilities } = context
  await context.stop()
  return { hashes: Object.fromEntries([...hashes].map(([name, hash]) => [name, String(hash)])), capabilities, workersLost }
}
