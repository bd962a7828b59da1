/**
 * Random streams joined with random tables that change from batch to batch: the rows that DuckDB gives, in order, with every
 * build of the kernels; alone and grouped afterwards.
 */
import fc from 'fast-check'
import * as api from 'millrace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestContext } from '../support/context.js'
import { rowText } from './comparison.js'
import { Duck, type ColumnType, type Row } from './duck.js'
import { randomRows } from './random-table.js'
import { KERNELS, type Kernels } from './run-pipeline.js'

const RUNS = 80
const TYPES = ['inner', 'left', 'semi', 'anti'] as const
const KEY_TYPES: readonly ColumnType[] = ['bool', 'i32', 'i64', 'f64', 'utf8', 'timestamp']

let duck: Duck
beforeAll(async () => { duck = await Duck.open() })
afterAll(() => duck.close())

const cases = fc.record({
  keys: fc.array(fc.constantFrom(...KEY_TYPES), { minLength: 1, maxLength: 2 }),
  type: fc.constantFrom(...TYPES),
}).chain(({ keys, type }) => {
  const columns = Object.fromEntries(keys.map((key, i) => [`k${i}`, key]))
  const stream = { ...columns, x: 'i32' as const }
  const table = { ...columns, x: 'f64' as const, name: 'utf8' as const }
  const rows = randomRows(stream, { maxLength: 40, nulls: 1 })
  const versions = randomRows(table, { maxLength: 15, nulls: 1 })
  return fc.record({
    stream: fc.constant(stream), table: fc.constant(table), type: fc.constant(type), on: fc.constant(Object.keys(columns)),
    batches: fc.array(fc.tuple(rows, versions), { minLength: 1, maxLength: 3 }),
  })
})

type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never

function sqlOf({ type, on, table }: Case): string {
  const equal = on.map(name => `s."${name}" = t."${name}"`).join(' AND ')
  if (type === 'semi' || type === 'anti') {
    return `SELECT s.* EXCLUDE (ord) FROM stream s WHERE ${type === 'anti' ? 'NOT ' : ''}EXISTS
      (SELECT 1 FROM lookup t WHERE ${equal}) ORDER BY s.ord`
  }
  const taken = Object.keys(table).filter(name => !on.includes(name))
    .map(name => `t."${name}" AS "${name === 'x' ? 'x_right' : name}"`)
  return `SELECT s.* EXCLUDE (ord), ${taken.join(', ')} FROM stream s ${type} JOIN lookup t ON ${equal} ORDER BY s.ord, t.ord`
}

async function run({ stream, table, type, on, batches }: Case, kernels: Kernels): Promise<Row[][]> {
  const { context } = createTestContext({ workers: 0, partitions: 3, kernels })
  const source = api.memory({ schema: stream })
  const lookup = context.table([], { schema: table })
  const joined = (context.source(source) as any).join(lookup, { on, type })
  const results: Row[][] = batches.map(() => [])
  let step = 0
  joined.forEachBatch((batch: Iterable<Row>) => results[step]!.push(...batch))
  await context.start()
  for (const [rows, version] of batches) {
    lookup.replace(version as never)
    await source.push(rows as never)
    await context.processAllAvailable()
    step++
  }
  await context.stop()
  return results
}

describe('a random join with a table', () => {
  it('gives what DuckDB gives, with every build of the kernels', async () => {
    await fc.assert(fc.asyncProperty(cases, async given => {
      const wanted: string[] = []
      for (const [rows, version] of given.batches) {
        await duck.load('stream', given.stream, rows)
        await duck.load('lookup', given.table, version)
        const expected = await duck.query(sqlOf(given))
        wanted.push(expected.map(row => rowText(row, Object.keys(row))).join('\n'))
      }
      for (const kernels of KERNELS) {
        const results = await run(given, kernels)
        expect(results.map(rows => rows.map(row => rowText(row, Object.keys(row))).join('\n')), kernels).toEqual(wanted)
      }
    }), { numRuns: RUNS })
  })
})
