/**
 * Random aggregations by random keys over random rows in several batches: equal to DuckDB (float sums to the last digits,
 * everything else exactly), and bit for bit the same with every build of the kernels.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowText } from './comparison.js'
import { Duck } from './duck.js'
import { buildGrouping, expectSameGroups, groupingSql } from './grouping.js'
import { randomGrouping } from './random-pipeline.js'
import { randomBatches, randomRows, randomSchema } from './random-table.js'
import { KERNELS, runPipeline } from './run-pipeline.js'

const RUNS = 300

let duck: Duck
beforeAll(async () => { duck = await Duck.open() })
afterAll(() => duck.close())

const cases = randomSchema.chain(schema => fc.record({
  schema: fc.constant(schema),
  batches: randomRows(schema, { nulls: 2 }).chain(randomBatches),
  grouping: randomGrouping(schema),
}))

describe('a random aggregation', () => {
  it('gives what DuckDB gives, with every build of the kernels', async () => {
    await fc.assert(fc.asyncProperty(cases, async ({ schema, batches, grouping }) => {
      await duck.load('rows', schema, batches.flat())
      // Before the first batch there is no result, not even that of an empty stream.
      const wanted = batches.flat().length === 0 ? [] : await duck.query(groupingSql(grouping))
      const build = buildGrouping(grouping)
      const texts: string[] = []
      for (const kernels of KERNELS) {
        const run = await runPipeline({ schema, batches, build, mode: 'complete', kernels })
        const rows = run.batches.at(-1) ?? []
        expectSameGroups(rows, wanted, grouping, `${kernels}: ${groupingSql(grouping)}`)
        texts.push(run.rows.map(row => rowText(row, Object.keys(row))).join('\n'))
      }
      expect(new Set(texts).size, 'kernel builds agree').toBe(1)
    }), { numRuns: RUNS })
  })
})
