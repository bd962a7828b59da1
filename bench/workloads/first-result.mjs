/**
 * From start() to the first result of 1,000 rows, in a fresh process each round: kernels compiled, workers started, programs
 * built.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { millraceName } from '../harness/millrace.mjs'

const PROGRAM = fileURLToPath(new URL('first-result/program.mjs', import.meta.url))

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const result = await bench.compare({
    title: 'First result after start() on 1,000 rows, in a fresh process',
    amount: 1000,
    contenders: [0, 1, 2].map(workers => ({
      name: millraceName(workers),
      prepare: () => ({
        async run() {
          const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, String(workers)])
          return JSON.parse(stdout)
        },
      }),
    })),
  })
  bench.measured('first-result/inline', result.ms(millraceName(0)))
  bench.measured('first-result/workers', result.ms(millraceName(2)))
}
