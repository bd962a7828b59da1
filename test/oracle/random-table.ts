/**
 * Random schemas and rows for fast-check: nulls, NaN, ±0, huge and tiny numbers, unicode text, stamps that repeat and go
 * backwards. Values repeat often on purpose: groups, ties and duplicates are where engines differ.
 */
import fc from 'fast-check'
import type { ColumnType, Row, TableSchema, Value } from './duck.js'

/** Stamps of random rows lie in the minute after this moment. */
export const EPOCH_MS = 1_700_000_000_000

const I32_EDGES = [0, 1, -1, 7, 2_147_483_647, -2_147_483_648]
const I64_EDGES = [0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]
const F64_EDGES =
  [0, -0, 1, -1, 0.1, 0.5, 2.5, -2.5, NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, 2.2250738585072014e-308, 2 ** 53]
const TEXTS = ['', 'a', 'A', 'ab', 'abc', 'b', ' a ', '0', '-1', 'null', 'a"b\\c', 'x\u0000y', '\n', 'é', 'Ж', 'naïve', '日本', '🦆',
  'a🦆b', 'ｚ']

const VALUES: Readonly<Record<ColumnType, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  i32: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(...I32_EDGES), fc.integer()),
  i64: fc.oneof(
    fc.bigInt({ min: -3n, max: 3n }), fc.constantFrom(...I64_EDGES), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  f32: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(...F64_EDGES.map(Math.fround)), fc.float()),
  f64: fc.oneof(
    fc.integer({ min: -3, max: 3 }), fc.constantFrom(...F64_EDGES), fc.double(), fc.double({ min: -1e3, max: 1e3, noNaN: true })),
  utf8: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...TEXTS) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) }),
  timestamp: fc.integer({ min: 0, max: 60_000 }).map(ms => EPOCH_MS + ms),
}

const TYPES: readonly ColumnType[] = ['bool', 'i32', 'i64', 'f32', 'f64', 'utf8', 'timestamp']

/** Between one and six columns, in any order, of any types. */
export const randomSchema: fc.Arbitrary<TableSchema> = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 6 })
  .map(types => Object.fromEntries(types.map((type, i) => [`${'abcdef'[i]}`, type])))

/** Rows of a schema; `nulls` in ten values is null. */
export function randomRows(schema: TableSchema, { maxLength = 60, nulls = 1 } = {}): fc.Arbitrary<Row[]> {
  const cell = (type: ColumnType): fc.Arbitrary<Value> =>
    fc.oneof({ weight: 10 - nulls, arbitrary: VALUES[type] }, { weight: nulls, arbitrary: fc.constant(null) })
  return fc.array(fc.record(Object.fromEntries(Object.entries(schema).map(([name, type]) => [name, cell(type)]))), { maxLength })
}

/** Cuts rows into batches, some of them empty. */
export function randomBatches<T>(rows: readonly T[]): fc.Arbitrary<T[][]> {
  return fc.array(fc.nat({ max: rows.length }), { maxLength: 4 }).map(cuts => {
    const borders = [0, ...cuts.sort((a, b) => a - b), rows.length]
    return borders.slice(1).map((end, i) => rows.slice(borders[i], end))
  })
}
