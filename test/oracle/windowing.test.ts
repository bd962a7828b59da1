/**
 * Random windows over rows that come out of order, late and without time, in several batches: equal to DuckDB over the rows that
 * are not late, and bit for bit the same with every build of the kernels. The test reckons lateness by the rule of the semantics
 * page from the numbers of the batches: the watermark of batch N−1 is the largest time in the batches before it, less the delay.
 */
import fc from 'fast-check'
import * as api from 'millrace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowText } from './comparison.js'
import { Duck, type Row } from './duck.js'
import { expectSameGroups } from './grouping.js'
import { RandomExpression } from './random-expression.js'
import { aggregateSql, randomGrouping, scaleSql, type RandomGrouping } from './random-pipeline.js'
import { EPOCH_MS, randomBatches, randomRows } from './random-table.js'
import { KERNELS, runPipeline, type PipelineRun } from './run-pipeline.js'

const RUNS = 300
const ROWS_MAX = 80
const SCHEMA = { at: 'timestamp', k: 'utf8', x: 'f64', i: 'i32' } as const

interface Window {
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs: number
  readonly delayMs: number
}

type Mode = 'append' | 'update' | 'complete'

let duck: Duck
beforeAll(async () => { duck = await Duck.open() })
afterAll(() => duck.close())

const windows: fc.Arbitrary<Window> = fc.record({
  sizeMs: fc.constantFrom(1, 1000, 1500, 10_000, 60_000),
  slides: fc.constantFrom(1, 1, 2, 3, 4, 1.5),
  offsetMs: fc.constantFrom(0, 0, 1, 250, 7000),
  delayMs: fc.constantFrom(0, 1000, 20_000, 100_000),
}).map(({ sizeMs, slides, offsetMs, delayMs }) =>
  ({ sizeMs, slideMs: Math.max(1, Math.floor(sizeMs / slides)), offsetMs, delayMs }))

const cases = fc.record({
  batches: randomRows(SCHEMA, { maxLength: ROWS_MAX, nulls: 1 }).chain(randomBatches),
  window: windows,
  grouping: randomGrouping(SCHEMA, 0),
  mode: fc.constantFrom<Mode>('append', 'update', 'complete'),
})

const gcd = (a: number, b: number): number => b === 0 ? a : gcd(b, a % b)

/** Start of the last window that covers a time. */
const lastStart = (at: number, { slideMs, offsetMs }: Window): number =>
  Math.floor((at - offsetMs) / slideMs) * slideMs + offsetMs

/**
 * Rows with a time, each with the watermark that its windows are late by, and how many are late for all of them. In complete mode
 * nothing is late.
 */
function withLateness(batches: readonly (readonly Row[])[], batchOfPush: readonly number[], window: Window, mode: Mode) {
  const timesOf = (rows: readonly Row[]): number[] => rows.flatMap(row => row['at'] === null ? [] : [Number(row['at'])])
  const watermarkOf = (batchId: number): number =>
    Math.max(-Infinity, ...batches.flatMap((rows, push) => batchOfPush[push]! < batchId ? timesOf(rows) : [])) - window.delayMs
  const rows = batches.flatMap((pushed, push) => {
    const lateMs = mode === 'complete' ? -Infinity : watermarkOf(batchOfPush[push]! - 1)
    return pushed.filter(row => row['at'] !== null).map((row): Row => ({ ...row, late: lateMs }))
  })
  const late = rows.filter(row => lastStart(Number(row['at']), window) + window.sizeMs <= Number(row['late'])).length
  return { rows, late }
}

function windowSql({ keys, aggregates }: RandomGrouping, { sizeMs, slideMs, offsetMs }: Window): string {
  const keyList = Object.entries(keys).map(([name, { sql }]) => `${sql} AS "${name}"`)
  const values = Object.entries(aggregates).flatMap(([name, aggregate]) =>
    [`${aggregateSql(aggregate)} AS "${name}"`, `${scaleSql(aggregate)} AS "scale_${name}"`])
  const covering = Math.ceil(sizeMs / slideMs)
  const groupBy = Array.from({ length: keyList.length + 1 }, (_, i) => i + 1).join(', ')
  const last = `floor(("at" - ${offsetMs}) / ${slideMs}) * ${slideMs} + ${offsetMs}`
  // Which row is first: by pane, then as the rows came.
  const order = `floor(("at" - ${offsetMs}) / ${gcd(sizeMs, slideMs)}) * ${ROWS_MAX} + ord`
  return `WITH starts AS (SELECT * REPLACE (${order} AS ord), ${last} - back * ${slideMs} AS "start"
      FROM rows, (SELECT unnest(range(${covering})) AS back)),
    covered AS (SELECT * FROM starts WHERE "at" < "start" + ${sizeMs} AND "start" + ${sizeMs} > late)
    SELECT ${[`"start"`, ...keyList, ...values].join(', ')} FROM covered GROUP BY ${groupBy}`
}

function build({ keys, aggregates }: RandomGrouping, { sizeMs, slideMs, offsetMs, delayMs }: Window) {
  const made = (named: Readonly<Record<string, { build: (row: any) => any }>>, row: any): Record<string, any> =>
    Object.fromEntries(Object.entries(named).map(([name, each]) => [name, each.build(row)]))
  return (stream: any): any => stream
    .withWatermark('at', delayMs)
    .groupBy((r: any) => ({ w: api.sliding(r.at, sizeMs, slideMs, { offset: offsetMs }), ...made(keys, r) }))
    .aggregate((r: any) => made(aggregates, r))
    .with((r: any) => ({ start: r.w.start }))
    .drop('w')
}

/** What stands at the end: append gave each window once, update its last state last, complete all of them in the last batch. */
function finalRows({ batches, rows }: PipelineRun, mode: Mode, keys: readonly string[]): readonly Row[] {
  if (mode === 'complete') return batches.at(-1) ?? []
  if (mode === 'append') return rows
  return [...new Map(rows.map(row => [rowText(row, keys, { unsignedZero: true }), row])).values()]
}

describe('a random window', () => {
  it('gives what DuckDB gives for what is not late, with every build of the kernels', async () => {
    let lateSeen = 0
    await fc.assert(fc.asyncProperty(cases, async ({ batches, window, grouping, mode }) => {
      const texts: string[] = []
      for (const kernels of KERNELS) {
        const run = await runPipeline({ schema: SCHEMA, batches, build: build(grouping, window), mode, kernels })
        const { rows, late } = withLateness(batches, run.batchOfPush, window, mode)
        await duck.load('rows', { ...SCHEMA, late: 'f64' }, rows)
        const sql = windowSql(grouping, window)
        const keys = { start: new RandomExpression('timestamp', '"start"', row => row.start), ...grouping.keys }
        const result = finalRows(run, mode, Object.keys(keys))
        expectSameGroups(result, await duck.query(sql), { keys, aggregates: grouping.aggregates }, `${kernels}, ${mode}: ${sql}`)
        expect(run.lateRows).toBe(late)
        lateSeen += late
        texts.push(run.rows.map(row => rowText(row, Object.keys(row))).join('\n'))
      }
      expect(new Set(texts).size, 'kernel builds agree').toBe(1)
    }), { numRuns: RUNS })
    expect(lateSeen).toBeGreaterThan(0)
  })

  it('reckons lateness by the last window that covers a row', () => {
    const window: Window = { sizeMs: 10, slideMs: 5, offsetMs: 0, delayMs: 0 }
    const at = (ms: number): Row => ({ at: EPOCH_MS + ms })
    const batches = [[at(3)], [at(100)], [at(84), at(90), at(95)]]
    const { rows, late } = withLateness(batches, [0, 1, 3], window, 'append')
    expect(rows.map(row => row['late'])).toEqual([-Infinity, -Infinity, ...Array.from({ length: 3 }, () => EPOCH_MS + 100)])
    expect(late).toBe(2)
  })
})
