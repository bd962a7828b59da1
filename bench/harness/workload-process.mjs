/**
 * Runs one workload in a process of its own, so that none meets the heap or the compiled code of another, and sends what it
 * measured to run.mjs.
 */
import { Bench } from './bench.mjs'

const [file, options] = process.argv.slice(2)
const { run } = await import(new URL(file, import.meta.url).href)
const bench = new Bench(JSON.parse(options))
await run(bench)
const { tables, figures, faults } = bench
process.send?.({ tables, figures, faults }, () => process.exit(0))
