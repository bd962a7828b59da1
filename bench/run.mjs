/**
 * `npm run bench`: Millrace against what one would use instead. Every workload is a file in workloads/, named by its first word:
 *   npm run bench                      all but the soak, as in RESULTS.md; takes a good while
 *   npm run bench -- w1 group          the workloads whose names begin so
 *   npm run bench -- w1 --rounds 5     other than 7 rounds
 *   npm run bench -- --write           the results into RESULTS.md
 *   npm run bench -- --smoke           all, small: that each runs, and does the same work as its yardsticks
 * Ends with an error when a result was void.
 */
import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from './harness/machine.mjs'
import { targetTable, writeResults } from './harness/results.mjs'
import { alignedText } from './harness/bench.mjs'

/** By name only: it takes ten minutes. */
const LONG = 'soak'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean' }, write: { type: 'boolean' }, rounds: { type: 'string' } },
})
const isSmoke = options.smoke ?? false

/** @param {readonly string[]} prefixes */
function workloads(prefixes) {
  const files = readdirSync(new URL('workloads/', import.meta.url)).filter(file => file.endsWith('.mjs'))
  const names = files.map(file => file.slice(0, -'.mjs'.length))
  if (prefixes.length === 0) return names.filter(name => isSmoke || name !== LONG)
  const wanted = prefixes.map(prefix => prefix.toLowerCase())
  const unknown = wanted.filter(prefix => !names.some(name => name.startsWith(prefix)))
  if (unknown.length > 0) throw new Error(`No workload is called ${unknown.join(', ')}; there are ${names.join(', ')}.`)
  return names.filter(name => wanted.some(prefix => name.startsWith(prefix)))
}

/** @param {string} name @returns {Promise<import('./harness/results.mjs').Result>} */
function runWorkload(name) {
  const rounds = options.rounds === undefined ? undefined : Number(options.rounds)
  const script = fileURLToPath(new URL('harness/workload-process.mjs', import.meta.url))
  const child = fork(script, [`../workloads/${name}.mjs`, JSON.stringify({ isSmoke, rounds })], { execArgv: ['--expose-gc'] })
  return new Promise((resolve, reject) => {
    /** @type {import('./harness/results.mjs').Result | null} */
    let result = null
    child.on('message', message => { result = /** @type {never} */ (message) })
    child.on('error', reject)
    child.on('exit', code => resolve(result ?? { tables: [], figures: {}, faults: [`${name} ended with code ${code}`] }))
  })
}

const machine = describeMachine()
process.stdout.write(`${machine}\n`)
/** @type {Record<string, import('./harness/results.mjs').Result>} */
const results = {}
for (const name of workloads(positionals)) {
  process.stdout.write(`\n== ${name}\n`)
  results[name] = await runWorkload(name)
}
const { head, rows } = targetTable(Object.assign({}, ...Object.values(results).map(({ figures }) => figures)))
// Small runs prove that the work is the same; they say nothing of speed.
if (rows.length > 0 && !isSmoke) process.stdout.write(`\nTargets\n${alignedText([head, ...rows])}\n`)
if (options.write) writeResults(results, machine)
for (const fault of Object.values(results).flatMap(({ faults }) => faults)) {
  process.stderr.write(`void: ${fault}\n`)
  process.exitCode = 1
}
