/**
 * The same random rows as rows, columns, NDJSON, JSON and CSV give the same results: what a source decodes is what was written.
 */
import fc from 'fast-check'
import * as api from 'millrace'
import { describe, expect, it } from 'vitest'
import { createTestContext } from '../support/context.js'
import { rowText } from './comparison.js'
import type { Row, TableSchema, Value } from './duck.js'
import { randomRows, randomSchema } from './random-table.js'

const RUNS = 100
const KERNELS = ['simd', 'reference'] as const

/** Text formats have no NaN and no infinities, and CSV cannot tell empty text from none. */
const writable = (rows: readonly Row[]): Row[] => rows.map(row => Object.fromEntries(Object.entries(row).map(([name, value]) =>
  [name, value === '' || (typeof value === 'number' && !Number.isFinite(value)) ? null : value])))

const cases = randomSchema.chain(schema => fc.record({
  schema: fc.constant(schema), rows: randomRows(schema, { nulls: 2 }).map(writable),
}))

// JSON.stringify writes -0 as 0.
const jsonValue = (value: Value): string =>
  typeof value === 'bigint' ? String(value) : Object.is(value, -0) ? '-0' : JSON.stringify(value)
const jsonObject = (row: Row): string =>
  `{${Object.entries(row).map(([name, value]) => `${JSON.stringify(name)}:${jsonValue(value)}`).join(',')}}`
function csvField(value: Value): string {
  if (typeof value === 'string') return `"${value.replaceAll('"', '""')}"`
  return value === null ? '' : Object.is(value, -0) ? '-0' : String(value)
}

type Format = 'rows' | 'columns' | 'ndjson' | 'json' | 'csv'

function payloadOf(format: Format, schema: TableSchema, rows: readonly Row[]): unknown {
  const names = Object.keys(schema)
  if (format === 'rows') return rows
  if (format === 'columns') return Object.fromEntries(names.map(name => [name, rows.map(row => row[name] ?? null)]))
  if (format === 'ndjson') return rows.map(row => `${jsonObject(row)}\n`).join('')
  if (format === 'json') return `[${rows.map(jsonObject).join(',')}]`
  return [names.join(','), ...rows.map(row => names.map(name => csvField(row[name] ?? null)).join(','))].join('\n')
}

type Kernels = (typeof KERNELS)[number]

async function readBack(format: Format, schema: TableSchema, rows: readonly Row[], kernels: Kernels): Promise<string[]> {
  const { context } = createTestContext({ workers: 0, partitions: 1, kernels })
  const source = api.memory({ schema, format, onBadRecord: 'fail' })
  const results: string[] = []
  context.source(source).forEachBatch(batch => {
    for (const row of batch) results.push(rowText(row as Row, Object.keys(schema)))
  })
  await context.start()
  await source.push(payloadOf(format, schema, rows) as never)
  await context.processAllAvailable()
  await context.stop()
  return results
}

describe('random rows in every format', () => {
  it.each(['rows', 'columns', 'ndjson', 'json', 'csv'] as const)('are read back from %s as they are', async format => {
    await fc.assert(fc.asyncProperty(cases, async ({ schema, rows }) => {
      // A line of nothing but empty fields of one column is an empty line.
      fc.pre(format !== 'csv' || Object.keys(schema).length > 1)
      const wanted = rows.map(row => rowText(row, Object.keys(schema)))
      for (const kernels of KERNELS) expect(await readBack(format, schema, rows, kernels), kernels).toEqual(wanted)
    }), { numRuns: RUNS })
  })
})
