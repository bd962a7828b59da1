/**
 * `npm run bench`: Millrace against the same work by hand, in one process, in turns, so that both see the same machine. Prints
 * the medians and their ratio; equal checksums mean equal work, unequal ones end the run with an error. `--smoke`: small, for
 * tests.
 */
import { cpus } from 'node:os'
import { linesByHand, sensorsByHand } from './by-hand.mjs'
import { linesByMillrace, sensorsByMillrace } from './by-millrace.mjs'
import { sensorColumns, sensorLines } from './workloads.mjs'

const isSmoke = process.argv.includes('--smoke')
const ROUNDS = isSmoke ? 1 : 7
const SENSOR_ROWS = isSmoke ? 200_000 : 10_000_000
const LINES = isSmoke ? 20_000 : 1_000_000
const CHUNK_BYTES = 262_144
const WORKERS = isSmoke ? [0, 1] : [0, 1, 2]

/**
 * @typedef {{ name: string, prepare: () => Promise<{ run: () => string | Promise<string>, stop: () => unknown }> }} Contender
 */

/** @param {string} name @param {() => string} run @returns {Contender} */
const byHand = (name, run) => ({ name, prepare: async () => ({ run, stop: () => {} }) })

/** @param {number} workers @param {Contender['prepare']} prepare @returns {Contender} */
const byMillrace = (workers, prepare) => ({ name: `Millrace, ${workers} workers`, prepare })

/**
 * Runs the contenders in turns and prints how each compares with the first.
 * @param {string} title @param {number} rows @param {readonly Contender[]} contenders
 */
async function compare(title, rows, contenders) {
  const timesMs = contenders.map(() => /** @type {number[]} */ ([]))
  const checksums = new Set()
  // One more round than counted: the first warms up.
  for (let round = 0; round <= (isSmoke ? 0 : ROUNDS); round++) {
    for (const [i, { prepare }] of contenders.entries()) {
      const { run, stop } = await prepare()
      const startMs = performance.now()
      checksums.add(await run())
      const ms = performance.now() - startMs
      await stop()
      if (round > 0 || isSmoke) timesMs[i].push(ms)
    }
  }
  process.stdout.write(`\n${title}\n`)
  const [yardstick, ...others] = timesMs.map(median)
  for (const [i, ms] of [yardstick, ...others].entries()) {
    const rate = `${(rows / ms / 1000).toFixed(2)} M rows/s`
    const ratio = `×${(yardstick / ms).toFixed(2)}`
    const columns = [contenders[i].name.padEnd(40), `${ms.toFixed(0)} ms`.padStart(10), rate.padStart(16), ratio]
    process.stdout.write(`  ${columns.join('  ')}\n`)
  }
  if (checksums.size !== 1) throw new Error(`The checksums differ, so the work does:\n${[...checksums].join('\n')}`)
  process.stdout.write(`  checksums equal: ${[...checksums][0]}\n`)
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

async function main() {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
  process.stdout.write(`Node ${process.versions.node}, ${machine}, median of ${ROUNDS}\n`)
  const columns = sensorColumns(SENSOR_ROWS)
  for (const batchRows of isSmoke ? [10_000] : [10_000, 100_000]) {
    const title = `W1: ${SENSOR_ROWS} readings of 1,000 sensors in columns, ${batchRows} rows a push; six aggregates`
    await compare(title, SENSOR_ROWS, [
      byHand('by hand, typed arrays', () => sensorsByHand(columns, batchRows)),
      ...WORKERS.map(workers => byMillrace(workers, () => sensorsByMillrace(columns, batchRows, workers))),
    ])
  }
  const bytes = sensorLines(LINES)
  const size = `${(bytes.length / 1e6).toFixed(0)} MB`
  await compare(`E1: ${LINES} readings as NDJSON (${size}), ${CHUNK_BYTES} bytes a push; count and mean`, LINES, [
    byHand('by hand, split + JSON.parse + Map', () => linesByHand(bytes, CHUNK_BYTES)),
    ...WORKERS.map(workers => byMillrace(workers, () => linesByMillrace(bytes, CHUNK_BYTES, workers))),
  ])
}

await main()
