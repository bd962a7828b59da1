/**
 * Rows as objects: pushed in, where each becomes values of columns on this thread, and read out of batches. Against the loop that
 * writes fields of objects into typed arrays, and the one that makes objects of typed arrays.
 */
import { count, sum } from '../../dist/node.js'
import { ReadingColumns } from '../data/readings.mjs'
import { checksum } from '../harness/checksum.mjs'
import { byMillrace, millraceName, startStream } from '../harness/millrace.mjs'

const BATCH_ROWS = 10_000

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const columns = new ReadingColumns(bench.size(2_000_000, 50_000))
  await rowsIn(bench, columns)
  await rowsOut(bench, columns)
}

/** @param {import('../harness/bench.mjs').Bench} bench @param {ReadingColumns} columns */
async function rowsIn(bench, columns) {
  const batches = Array.from({ length: columns.rows / BATCH_ROWS }, (_, b) => Array.from({ length: BATCH_ROWS }, (_, i) => {
    const row = b * BATCH_ROWS + i
    return { sensor: columns.sensor[row], at: columns.at[row], value: columns.value[row] }
  }))
  const result = await bench.compare({
    title: `Objects in: ${columns.rows / 1e6} M, ${BATCH_ROWS / 1000} k a push; count and sum`,
    amount: columns.rows,
    contenders: [
      { name: 'by hand, into typed arrays', prepare: () => ({ run: () => columnsByHand(batches) }) },
      ...[0, 1].map(workers => byMillrace(workers, () => counted(workers, batches))),
    ],
  })
  const ms = result.ms(millraceName(1))
  bench.measured('object-rows/in', ms && columns.rows / ms / 1000)
}

/** @param {readonly (readonly { sensor: number, at: number, value: number }[])[]} batches */
function columnsByHand(batches) {
  const sensor = new Int32Array(BATCH_ROWS)
  const at = new Float64Array(BATCH_ROWS)
  const value = new Float64Array(BATCH_ROWS)
  let n = 0
  let total = 0
  for (const batch of batches) {
    for (let i = 0; i < batch.length; i++) {
      const row = batch[i]
      sensor[i] = row.sensor
      at[i] = row.at
      value[i] = row.value
    }
    for (let i = 0; i < batch.length; i++) total += value[i] + sensor[i]
    n += batch.length
  }
  return checksum({ n, total })
}

/** @param {number} workers @param {readonly unknown[]} batches */
async function counted(workers, batches) {
  let now = { n: 0, total: 0 }
  const stream = await startStream({
    workers,
    source: { schema: { sensor: 'i32', at: 'timestamp', value: 'f64' } },
    build: rows => rows.aggregate(r => ({ n: count(), total: sum(r.value.add(r.sensor)) })),
    onBatch(batch) {
      for (const { n, total } of batch) now = { n: Number(n), total: Number(total) }
    },
  })
  return {
    async run() {
      const before = now
      await stream.push(batches)
      return checksum({ n: now.n - before.n, total: now.total - before.total })
    },
    stop: stream.stop,
  }
}

/** Only the reading of the rows is timed. @param {import('../harness/bench.mjs').Bench} bench @param {ReadingColumns} columns */
async function rowsOut(bench, columns) {
  const result = await bench.compare({
    title: `Objects out: ${columns.rows / 1e6} M rows of three columns`,
    amount: columns.rows,
    contenders: [
      { name: 'by hand, of typed arrays', prepare: () => ({ run: () => objectsByHand(columns) }) },
      byMillrace(0, () => read(columns)),
    ],
  })
  const ms = result.ms(millraceName(0))
  bench.measured('object-rows/out', ms && columns.rows / ms / 1000)
}

/** @param {ReadingColumns} columns */
function objectsByHand({ sensor, at, value, rows }) {
  let n = 0
  let total = 0
  for (let i = 0; i < rows; i++) {
    const row = { sensor: sensor[i], at: at[i], value: value[i] }
    n++
    total += row.value + row.sensor
  }
  return checksum({ n, total })
}

/** @param {ReadingColumns} columns */
async function read(columns) {
  let ms = 0
  let n = 0
  let total = 0
  const stream = await startStream({
    workers: 0,
    source: { schema: { sensor: 'i32', at: 'timestamp', value: 'f64' } },
    build: rows => rows,
    onBatch(batch) {
      const startMs = performance.now()
      for (const row of batch) {
        n++
        total += row.value + row.sensor
      }
      ms += performance.now() - startMs
    },
  })
  return {
    async run() {
      ms = n = total = 0
      const slices = Array.from({ length: columns.rows / BATCH_ROWS }, (_, i) =>
        columns.slice(i * BATCH_ROWS, (i + 1) * BATCH_ROWS))
      await stream.push(slices)
      return { checksum: checksum({ n, total }), ms }
    },
    stop: stream.stop,
  }
}
