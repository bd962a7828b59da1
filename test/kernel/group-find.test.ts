/**
 * Finding groups: whatever the keys, times and selections are, and however they are spread, every kernel set and every choice of
 * fast paths gives the same partial groups in the same order.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Prng } from '../../src/base/prng.js'
import type { ColumnType, Schema } from '../../src/data/schema.js'
import type { AggregateCall } from '../../src/plan/expression.js'
import type { FastPaths } from '../../src/plan/fast-path.js'
import { callOf } from '../../src/plan/function-table.js'
import { literalOf } from '../../src/plan/literal.js'
import type { PhysicalPlan } from '../../src/plan/stage.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { kernelSets } from '../support/kernels.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver, type Row } from '../support/task-driver.js'

/** What is switched off. */
const PATHS: readonly FastPaths[] = [
  {}, { timeRanges: false }, { directGroups: false }, { timeRanges: false, directGroups: false, fusedUpdates: false },
]

/** How the values of one key are spread over the rows. */
interface KeyShape {
  readonly type: ColumnType
  readonly spread: 'few' | 'dense' | 'rising' | 'sparse' | 'outlier'
  readonly hasNulls: boolean
}

/** How times are spread: all in one pane, over some, rising, far apart; or some that are none. */
type TimeShape = 'one' | 'some' | 'rising' | 'anywhere' | 'holes'

const below = (random: Prng, end: number): number => Math.floor(random.next() * end)

function integerOf({ spread }: KeyShape, random: Prng, row: number): number {
  switch (spread) {
    case 'few': return below(random, 5) - 2
    case 'dense': return below(random, 3000)
    case 'rising': return (row >> 2) + below(random, 4)
    case 'sparse': return below(random, 2 ** 32) - 2 ** 31
    case 'outlier': return below(random, 500) === 0 ? 2 ** 31 - 1 - below(random, 2) : below(random, 40)
  }
}

function keyOf(shape: KeyShape, random: Prng, row: number): Row[string] {
  if (shape.hasNulls && below(random, 7) === 0) return null
  const value = integerOf(shape, random, row)
  switch (shape.type) {
    case 'bool': return value % 2 === 0
    case 'i64': return BigInt(value) * 3_000_000_019n
    case 'f64': case 'timestamp': return [value, value + 0.5, NaN, -0, 0][below(random, 5)]!
    case 'f32': return value % 1000 / 4
    case 'utf8': return `key ${value}`
    case 'i32': return value
  }
}

function timeOf(shape: TimeShape, random: Prng, row: number): number | null {
  switch (shape) {
    case 'one': return 5000 + below(random, 900)
    case 'some': return 5000 + below(random, 4) * 1000
    case 'rising': return 5000 + row
    case 'anywhere': return (below(random, 60) - 30) * 1e6
    case 'holes': return [null, NaN, Infinity, 9e15, 5000, 7000.5, -1][below(random, 7)]!
  }
}

/** Numbers; after some vectors also NaN, −0 and, if there are to be, null. */
function valueOf(random: Prng, row: number, hasNulls: boolean): number | null {
  const value = below(random, 1000) / 8
  return row > 2500 && value < 5 ? [NaN, hasNulls ? null : 1e300, -0, 0, -Infinity][below(random, 5)]! : value
}

const keyShape: fc.Arbitrary<KeyShape> = fc.record({
  type: fc.constantFrom<ColumnType[]>('i32', 'i32', 'utf8', 'bool', 'i64', 'f64', 'f32', 'timestamp'),
  spread: fc.constantFrom('few', 'dense', 'rising', 'sparse', 'outlier'),
  hasNulls: fc.boolean(),
})
const timeShape = fc.option(fc.constantFrom<TimeShape[]>('one', 'some', 'rising', 'anywhere', 'holes'))

/** What is asked of the groups: a count and statistics of `value`, rows alone, or statistics of an i32. */
type Asked = 'statistics' | 'rows' | 'whole numbers'

interface Case {
  readonly keys: readonly KeyShape[]
  readonly asked?: Asked
  readonly times: TimeShape | null
  readonly isFiltered: boolean
  readonly rows: number
  readonly seed: number
}

function aggregatesOf(asked: Asked): AggregateCall[] {
  switch (asked) {
    case 'rows': return [aggregate('n', 'count')]
    case 'whole numbers': return (['sum', 'max'] as const).map(fn => aggregate(fn, fn, column('whole', 'i32')))
    case 'statistics': return [aggregate('n', 'count'),
      ...(['sum', 'min', 'max', 'stddev'] as const).map(fn => aggregate(fn, fn, column('value', 'f64')))]
  }
}

function planOf({ keys, times, isFiltered, asked = 'statistics' }: Case): { schema: Schema; plan: PhysicalPlan } {
  const schema: Schema = [
    ...keys.map(({ type }, i) => ({ name: `k${i}`, type })), { name: 'at', type: 'timestamp' }, { name: 'value', type: 'f64' },
    { name: 'whole', type: 'i32' }, { name: 'isIn', type: 'bool' },
  ]
  const plan = aggregationPlan({
    schema, keys: keys.map(({ type }, i) => named(`k${i}`, type)),
    aggregates: aggregatesOf(asked),
    ...times ? { window: { sizeMs: 1000, slideMs: 1000 } } : {},
    ...isFiltered ? { filter: column('isIn', 'bool') } : {},
  })
  return { schema, plan }
}

function rowsOf({ keys, times, rows, seed }: Case): Row[] {
  const random = new Prng(seed)
  return Array.from({ length: rows }, (_, row) => ({
    ...Object.fromEntries(keys.map((shape, i) => [`k${i}`, keyOf(shape, random, row)])),
    at: times ? timeOf(times, random, row) : 0,
    value: valueOf(random, row, seed % 2 === 0),
    whole: below(random, 100) - 50,
    isIn: below(random, 3) > 0,
  }))
}

/** Two tasks of a batch, as bytes of all shuffle blocks, and the figures. */
function answerOf(set: KernelSet, plan: PhysicalPlan, schema: Schema, rows: readonly Row[], fastPaths: FastPaths): string {
  const driver = new TaskDriver(set, plan, { partitions: 2, taskRows: 5000, fastPaths })
  driver.batch(blockOf(schema, rows))
  const blocks = driver.results.flatMap(result => result.shuffles.map(({ block }) => block))
  const bytes = blocks.map(block => block.kind === 'groups' ? Buffer.from(block.bytes).toString('base64') : block.kind)
  const figures = driver.results.map(({ figures: { rowsOut, late, nullTime, filtered, maxEventTimeMs } }) =>
    ({ rowsOut, late, nullTime, filtered, maxEventTimeMs }))
  driver.runner.close()
  return JSON.stringify({ bytes, figures })
}

const sets = kernelSets()

function expectOneAnswer(found: Case): void {
  const { schema, plan } = planOf(found)
  const rows = rowsOf(found)
  const expected = answerOf(sets[2]!, plan, schema, rows, { timeRanges: false })
  for (const set of sets) {
    for (const fastPaths of PATHS) {
      expect(answerOf(set, plan, schema, rows, fastPaths) === expected, `${set.kind}, ${JSON.stringify(fastPaths)}`).toBe(true)
    }
  }
  for (const set of sets) expect(set.arena.usedBytes).toBe(0)
}

describe('finding groups', () => {
  it('gives the same groups on every way', () => {
    fc.assert(fc.property(fc.record({
      keys: fc.array(keyShape, { maxLength: 3 }), times: timeShape, isFiltered: fc.boolean(),
      asked: fc.constantFrom<Asked[]>('statistics', 'rows', 'whole numbers'),
      rows: fc.constantFrom(1, 7, 2048, 2051, 6000), seed: fc.integer({ min: 1, max: 1e6 }),
    }), expectOneAnswer), { numRuns: 60 })
  })

  const one = (spread: KeyShape['spread'], type: ColumnType = 'i32', hasNulls = false): KeyShape => ({ type, spread, hasNulls })
  const base: Case = { keys: [], times: null, isFiltered: false, rows: 12_000, seed: 5 }

  it.each<[string, Case]>([
    ['keys that widen the map in every vector', { ...base, keys: [one('rising')] }],
    ['keys that widen it and then no longer fit', { ...base, keys: [one('outlier')], rows: 9000 }],
    ['nulls among keys that widen it', { ...base, keys: [one('rising', 'i32', true)], times: 'rising' }],
    ['panes that widen the map', { ...base, keys: [one('few')], times: 'rising' }],
    ['panes too far apart for it', { ...base, keys: [one('few')], times: 'anywhere' }],
    ['no keys but panes', { ...base, times: 'some' }],
    ['times that are none', { ...base, keys: [one('dense')], times: 'holes' }],
    ['three keys whose map is too large', { ...base, keys: [one('dense'), one('rising', 'utf8'), one('few', 'bool')] }],
    ['sparse keys in one pane, then in several', { ...base, keys: [one('sparse')], times: 'rising', rows: 4000 }],
    ['rows of some keys that widen the map, counted', { ...base, keys: [one('rising')], isFiltered: true, asked: 'rows' }],
    ['rows of text, counted', { ...base, keys: [one('rising', 'utf8')], isFiltered: true, asked: 'rows' }],
    ['whole numbers of some rows', { ...base, keys: [one('few')], times: 'rising', isFiltered: true, asked: 'whole numbers' }],
    ['sparse keys with nulls', { ...base, keys: [one('sparse', 'i32', true)] }],
  ])('gives the same groups for %s', (_, found) => expectOneAnswer(found))

  it('begins the statistics of groups whose first arguments were null in one vector alone', () => {
    const schema: Schema = [{ name: 'k0', type: 'i32' }, { name: 'at', type: 'timestamp' }]
    const month = callOf('truncate', [column('at', 'timestamp'), literalOf('month', 'utf8')])
    const plan = aggregationPlan({ schema, keys: [named('k0', 'i32')],
      aggregates: [aggregate('low', 'min', month), aggregate('high', 'max', month)] })
    // The month of the first point in time of all begins before it.
    const isFirst = (row: number): boolean => row < 2048 && row % 50 > 30
    const rows = Array.from({ length: 5000 }, (_, row) =>
      ({ k0: row % 50, at: isFirst(row) ? -8.64e15 : Date.UTC(2020, 1, 3) + row }))
    const answers = sets.flatMap(set => PATHS.map(fastPaths => answerOf(set, plan, schema, rows, fastPaths)))
    expect(new Set(answers).size).toBe(1)
    const driver = new TaskDriver(sets[0]!, plan)
    const found = driver.batch(blockOf(schema, rows))
    driver.runner.close()
    expect(found.length).toBe(50)
    for (const { low, high } of found) expect([Number(low), Number(high)]).toEqual([Date.UTC(2020, 1), Date.UTC(2020, 1)])
  })

  it('finds more groups than 16 bits can number', () => {
    const rows = 140_000
    const schema: Schema = [{ name: 'k0', type: 'i32' }, { name: 'value', type: 'f64' }]
    const plan = aggregationPlan({ schema, keys: [named('k0', 'i32')], aggregates: [aggregate('n', 'count')] })
    const block = blockOf(schema, Array.from({ length: rows }, (_, i) => ({ k0: Math.imul(i % 70_000, 0x9e3779b1), value: 1 })))
    for (const set of sets) {
      const driver = new TaskDriver(set, plan, { partitions: 1, taskRows: rows })
      const found = driver.batch(block)
      expect(found.length).toBe(70_000)
      expect(found.every(({ n }) => n === 2)).toBe(true)
      expect(found.slice(0, 3).map(({ k0 }) => k0)).toEqual([0, 0x9e3779b1 | 0, Math.imul(2, 0x9e3779b1)])
      driver.runner.close()
    }
  })
})
