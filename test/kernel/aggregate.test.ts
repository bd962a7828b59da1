/**
 * Every aggregate over every type it takes, against plain JavaScript, on every kernel set; and the sets against each other,
 * bit for bit.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnType, Schema } from '../../src/data/schema.js'
import { aggregateCallOf } from '../../src/plan/aggregate-table.js'
import type { AggregateName } from '../../src/plan/expression.js'
import { kernelSets } from '../support/kernels.js'
import { keyOf, naiveAggregate, type Plain } from '../support/naive-aggregate.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver, type Row } from '../support/task-driver.js'

const SCHEMA: Schema = [
  { name: 'key', type: 'utf8' }, { name: 'other', type: 'f64' }, { name: 'flag', type: 'bool' }, { name: 'i32', type: 'i32' },
  { name: 'i64', type: 'i64' }, { name: 'f32', type: 'f32' }, { name: 'f64', type: 'f64' }, { name: 'text', type: 'utf8' },
  { name: 'time', type: 'timestamp' },
]
const INT64_MAX = 2n ** 63n - 1n
const TEXTS = ['', 'a', 'ä', 'aa', '🙂', 'z', '日本', 'b'.repeat(70)]

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 4 })

const rowArbitrary: fc.Arbitrary<Row> = fc.record({
  key: orNull(fc.constantFrom(...TEXTS)),
  other: orNull(fc.constantFrom(0, -0, NaN, 1.5, -Infinity)),
  flag: orNull(fc.boolean()),
  i32: orNull(fc.oneof(fc.integer(), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))),
  i64: orNull(fc.oneof(fc.bigInt(-1000n, 1000n), fc.constantFrom(INT64_MAX, -INT64_MAX - 1n, 2n ** 62n))),
  f32: orNull(fc.oneof(fc.float({ noNaN: false }), fc.constantFrom(NaN, -0, 0))),
  f64: orNull(fc.oneof(fc.double({ min: -1e6, max: 1e6 }), fc.constantFrom(NaN, -0, 0, Infinity, -Infinity))),
  text: orNull(fc.constantFrom(...TEXTS)),
  time: orNull(fc.integer({ min: -1e12, max: 1e13 })),
})

const VALUE_TYPES: readonly (readonly [string, ColumnType])[] = [
  ['i32', 'i32'], ['i64', 'i64'], ['f32', 'f32'], ['f64', 'f64'], ['text', 'utf8'], ['time', 'timestamp'], ['flag', 'bool'],
]

interface Case {
  readonly name: string
  readonly fn: AggregateName
  readonly args: readonly string[]
}

function cases(): Case[] {
  const found: Case[] = [{ name: 'count', fn: 'count', args: [] }, { name: 'countIf', fn: 'countIf', args: ['flag'] }]
  const add = (fn: AggregateName, ...args: string[]): void => { found.push({ name: `${fn}_${args.join('_')}`, fn, args }) }
  for (const fn of ['any', 'every'] as const) add(fn, 'flag')
  for (const [name, type] of VALUE_TYPES) {
    for (const fn of ['first', 'last'] as const) add(fn, name)
    if (type !== 'bool') for (const fn of ['min', 'max'] as const) add(fn, name)
    if (type === 'bool') continue
    for (const fn of ['minBy', 'maxBy'] as const) for (const value of ['text', 'f32', 'flag']) add(fn, value, name)
  }
  for (const name of ['i32', 'i64', 'f32', 'f64']) for (const fn of ['sum', 'avg'] as const) add(fn, name)
  return found
}

const CASES = cases()
const typeOf = (name: string): ColumnType => SCHEMA.find(field => field.name === name)!.type

const plan = aggregationPlan({
  schema: SCHEMA, keys: [named('key', 'utf8'), named('other', 'f64')],
  aggregates: CASES.map(({ name, fn, args }) => aggregate(name, fn, ...args.map(arg => column(arg, typeOf(arg))))),
})

/** By key, in whatever order. */
function naiveGroups(rows: readonly Row[]): Map<string, Record<string, Plain>> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf([row['key']!, row['other']!])
    groups.set(key, [...groups.get(key) ?? [], row])
  }
  return new Map([...groups].map(([key, members]) => [key, Object.fromEntries(CASES.map(({ name, fn, args }) =>
    [name, naiveAggregate(fn, members.map(row => args.map(arg => argumentOf(fn, row, arg))))]))]))
}

/** Sums of i32 are i64. */
function argumentOf(fn: AggregateName, row: Row, arg: string): Plain {
  const value = row[arg]!
  return fn === 'sum' && arg === 'i32' && value !== null ? BigInt(value) : value
}

function groupsOf(rows: readonly Record<string, unknown>[]): Map<string, Record<string, Plain>> {
  return new Map(rows.map(({ key, other, ...values }) =>
    [keyOf([key as Plain, other as Plain]), values as Record<string, Plain>]))
}

const sets = kernelSets()
const BLOCK_COPY = 700

describe('aggregates', () => {
  it.each(sets.map(set => [set.kind, set] as const))('give what plain JavaScript gives, %s kernels', (_, set) => {
    fc.assert(fc.property(fc.array(rowArbitrary, { maxLength: 60 }), rows => {
      const driver = new TaskDriver(set, plan)
      const found = groupsOf(driver.batch(blockOf(SCHEMA, rows)))
      expect(found).toEqual(naiveGroups(rows))
      driver.runner.close()
    }), { numRuns: 60, seed: 7 })
    expect(set.arena.usedBytes).toBe(0)
  })

  it('are the same for integers, text and order however the rows are cut into tasks and batches, and near for floats', () => {
    const exact = CASES.filter(({ fn, args }) => !(['sum', 'avg'].includes(fn) && args[0]!.startsWith('f')) && fn !== 'avg')
    fc.assert(fc.property(fc.array(rowArbitrary, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), fc.nat(60),
      (rows, taskRows, cut) => {
      const whole = new TaskDriver(sets[0]!, plan, { partitions: 1 })
      const pieces = new TaskDriver(sets[0]!, plan, { partitions: 4, taskRows })
      const expected = groupsOf(whole.batch(blockOf(SCHEMA, rows)))
      const first = groupsOf(pieces.batch(blockOf(SCHEMA, rows.slice(0, cut))))
      const found = new Map([...first, ...groupsOf(pieces.batch(blockOf(SCHEMA, rows.slice(cut))))])
      expect([...found.keys()].sort()).toEqual([...expected.keys()].sort())
      for (const [key, values] of found) {
        for (const { name } of exact) expect(values[name], name).toEqual(expected.get(key)![name])
        expectNear(values['avg_i32'] as number, expected.get(key)!['avg_i32'] as number)
      }
      whole.runner.close()
      pieces.runner.close()
    }), { numRuns: 60, seed: 11 })
  })

  it('are the same bits in every kernel set', () => {
    const rows = fc.sample(rowArbitrary, { seed: 3, numRuns: 300 })
    const many = Array.from({ length: BLOCK_COPY }, () => rows).flat().slice(0, 9000)
    const answers = sets.map(set => {
      const driver = new TaskDriver(set, plan, { taskRows: 5000, partitions: 2 })
      driver.batch(blockOf(SCHEMA, many))
      const bytes = [...driver.results.flatMap(result => result.shuffles.map(({ block }) => block)),
        ...driver.results.flatMap(result => result.results.map(({ block }) => block))]
        .map(block => (block.kind === 'columns' ? new Uint8Array(block.columns[0]!.values.buffer) : block.bytes))
        .map(bytes => Buffer.from(bytes).toString('base64'))
      driver.runner.close()
      return bytes
    })
    expect(answers[0]).toHaveLength(2 + 2)
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })
})

function expectNear(found: number | null, expected: number | null): void {
  if (expected === null || !Number.isFinite(expected)) return expect(found).toEqual(expected)
  expect(Math.abs(found! - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)))
}

describe('variance', () => {
  const schema: Schema = [{ name: 'value', type: 'f64' }]
  const fns = ['variance', 'stddev', 'variancePopulation', 'stddevPopulation'] as const
  const variancePlan = aggregationPlan({ schema, aggregates: fns.map(fn => aggregate(fn, fn, column('value', 'f64'))) })

  it.each(sets.map(set => [set.kind, set] as const))('holds far from zero and over any cut, %s kernels', (_, set) => {
    // Pairs mean ± 1: the population variance is exactly 1.
    const values = Array.from({ length: 10_000 }, (_, i) => 1e9 + (i % 2 ? 1 : -1))
    const driver = new TaskDriver(set, variancePlan, { taskRows: 700 })
    driver.batch(blockOf(schema, values.slice(0, 3333).map(value => ({ value }))))
    const [row] = driver.batch(blockOf(schema, values.slice(3333).map(value => ({ value }))))
    expect(Math.abs(Number(row!['variancePopulation']) - 1)).toBeLessThan(1e-6)
    expect(Math.abs(Number(row!['stddevPopulation']) - 1)).toBeLessThan(1e-6)
    expect(Math.abs(Number(row!['variance']) - 10_000 / 9999)).toBeLessThan(1e-6)
    expect(Math.abs(Number(row!['stddev']) - Math.sqrt(10_000 / 9999))).toBeLessThan(1e-6)
    driver.runner.close()
  })

  it('is null where there are too few rows, and equals plain JavaScript', () => {
    fc.assert(fc.property(fc.array(orNull(fc.double({ min: -1e3, max: 1e3, noNaN: true })), { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }), (values, taskRows) => {
      const driver = new TaskDriver(sets[0]!, variancePlan, { taskRows })
      const [row] = driver.batch(blockOf(schema, values.map(value => ({ value }))))
      for (const fn of fns) expectNear(row![fn] as number | null,
        naiveAggregate(fn, values.map(value => [value])) as number | null)
      driver.runner.close()
    }), { seed: 5 })
  })

  it('is NaN where a value is NaN', () => {
    const driver = new TaskDriver(sets[0]!, variancePlan)
    const [row] = driver.batch(blockOf(schema, [{ value: 1 }, { value: NaN }, { value: 2 }]))
    expect(row).toEqual({ variance: NaN, stddev: NaN, variancePopulation: NaN, stddevPopulation: NaN })
    driver.runner.close()
  })
})

describe('aggregate filters', () => {
  const schema: Schema = [{ name: 'key', type: 'i32' }, { name: 'flag', type: 'bool' }, { name: 'value', type: 'f64' }]

  it.each(sets.map(set => [set.kind, set] as const))('let pass only rows for which they are true, %s kernels', (_, set) => {
    const flag = column('flag', 'bool')
    const value = column('value', 'f64')
    const filteredPlan = aggregationPlan({ schema, keys: [named('key', 'i32')], aggregates: [
      aggregateCallOf('all', 'count', [], null), aggregateCallOf('n', 'count', [], flag),
        aggregateCallOf('sum', 'sum', [value], flag),
      aggregateCallOf('either', 'countIf', [flag], flag),
    ] })
    const driver = new TaskDriver(set, filteredPlan)
    const rows = driver.batch(blockOf(schema, [
      { key: 1, flag: true, value: 1 }, { key: 1, flag: false, value: 2 }, { key: 1, flag: null, value: 4 },
        { key: 1, flag: true, value: null },
      { key: 2, flag: false, value: 8 },
    ])).sort((a, b) => Number(a['key']) - Number(b['key']))
    expect(rows).toEqual([{ key: 1, all: 4, n: 2, sum: 1, either: 2 }, { key: 2, all: 1, n: 0, sum: null, either: 0 }])
    driver.runner.close()
  })
})

describe('sums of i64', () => {
  const schema: Schema = [{ name: 'value', type: 'i64' }]
  const sumPlan = aggregationPlan({ schema, aggregates: [aggregate('sum', 'sum', column('value', 'i64'))] })

  it.each(sets.map(set => [set.kind, set] as const))('are null where the whole sum does not fit, %s kernels', (_, set) => {
    const driver = new TaskDriver(set, sumPlan, { taskRows: 1 })
    const batch = (...values: bigint[]) => driver.batch(blockOf(schema, values.map(value => ({ value }))))
    expect(batch(INT64_MAX, INT64_MAX, -INT64_MAX)).toEqual([{ sum: INT64_MAX }])
    expect(batch(1n)).toEqual([{ sum: null }])
    expect(driver.results.reduce((sum, { figures }) => sum + figures.overflows, 0)).toBe(1)
    expect(batch(-INT64_MAX, -INT64_MAX, -2n)).toEqual([{ sum: -INT64_MAX - 1n }])
    driver.runner.close()
  })
})
