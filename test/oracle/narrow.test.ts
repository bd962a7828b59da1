/**
 * Random chains of map, filter, with and select over random rows: equal to DuckDB row by row, in order, and bit for bit the same
 * with every build of the kernels.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowText } from './comparison.js'
import { Duck } from './duck.js'
import { randomChain } from './random-pipeline.js'
import { randomBatches, randomRows, randomSchema } from './random-table.js'
import { KERNELS, runPipeline } from './run-pipeline.js'

const RUNS = 400
const VERBS_MAX = 4
const DEPTH_MAX = 3

let duck: Duck
beforeAll(async () => { duck = await Duck.open() })
afterAll(() => duck.close())

const cases = randomSchema.chain(schema => fc.record({
  schema: fc.constant(schema),
  batches: randomRows(schema).chain(randomBatches),
  chain: randomChain(schema, VERBS_MAX, DEPTH_MAX),
}))

describe('a random chain of narrow verbs', () => {
  it('gives what DuckDB gives, with every build of the kernels', async () => {
    await fc.assert(fc.asyncProperty(cases, async ({ schema, batches, chain }) => {
      const columns = Object.keys(chain.schema)
      await duck.load('rows', schema, batches.flat())
      const expected = await duck.query(`SELECT * EXCLUDE (ord) FROM (${chain.sql}) ORDER BY ord`)
      const wanted = expected.map(row => rowText(row, columns)).join('\n')
      for (const kernels of KERNELS) {
        const { rows } = await runPipeline({ schema, batches, build: chain.build, kernels })
        expect(rows.map(row => rowText(row, columns)).join('\n'), `${kernels}: ${chain.verbs}`).toBe(wanted)
      }
    }), { numRuns: RUNS })
  })
})
