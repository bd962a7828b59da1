/**
 * Random expressions of every type over one column of each type, and random columns, for fast-check. Expressions are made with
 * the function table, so they are what a user's lambda can become.
 */
import fc from 'fast-check'
import type { ColumnType } from '../../src/data/schema.js'
import type { Expression, FunctionName } from '../../src/plan/expression.js'
import { callOf, castTo } from '../../src/plan/function-table.js'
import { column, literal, type TestColumn, type Value } from './programs.js'

export const TYPES: readonly ColumnType[] = ['bool', 'i32', 'i64', 'f32', 'f64', 'timestamp', 'utf8']

const DATE_MAX = 8.64e15

/** Values of a type, the awkward ones often. */
const VALUES: Readonly<Record<ColumnType, fc.Arbitrary<NonNullable<Value>>>> = {
  bool: fc.boolean(),
  i32: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer(), fc.constantFrom(2147483647, -2147483648)),
  i64: fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n))),
  f32: fc.oneof(fc.float(), fc.constantFrom(0, -0, NaN, Infinity)),
  f64: fc.oneof(fc.double(), fc.integer({ min: -9, max: 9 }), fc.double({ min: -1e4, max: 1e4 }),
    fc.constantFrom(0, -0, NaN, -Infinity)),
  timestamp: fc.oneof(fc.integer({ min: -1e13, max: 1e13 }), fc.double({ min: -DATE_MAX, max: DATE_MAX, noNaN: true })),
  utf8: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('', 'a', 'A', ' 12', '-3.5', 'true', 'é', '\u{1f600}b'), fc.integer().map(String)),
}

/** One column of each type, all of the same length; half of the columns have nulls. */
export function randomColumns(): fc.Arbitrary<TestColumn[]> {
  return fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 3, 70)).chain(([rows, repeats]) =>
    fc.tuple(...TYPES.map(type => fc.boolean().chain(hasNulls => {
      const value: fc.Arbitrary<Value> = hasNulls ? fc.option(VALUES[type], { freq: 3 }) : VALUES[type]
      return fc.array(value, { minLength: rows, maxLength: rows })
        .map((values): TestColumn => ({ name: type, type, values: Array.from({ length: repeats }, () => values).flat() }))
    }))))
}

const UNITS = ['second', 'minute', 'hour', 'day', 'month', 'quarter', 'year'] as const

type Make = (type: ColumnType) => fc.Arbitrary<Expression>

/** An expression of a type, at most `depth` calls deep. */
export function randomExpression(type: ColumnType, depth: number): fc.Arbitrary<Expression> {
  const leaves = [fc.constant(column({ name: type, type })), VALUES[type].map(value => literal(value, type)),
    fc.constant(literal(null, type))]
  const leaf = fc.oneof({ weight: 6, arbitrary: leaves[0]! }, { weight: 3, arbitrary: leaves[1]! },
    { weight: 1, arbitrary: leaves[2]! })
  if (depth === 0) return leaf
  // Made when it is drawn: all that could be drawn is exponentially much.
  const make: Make = of => fc.constant(of).chain(operand => randomExpression(operand, depth - 1))
  return fc.oneof({ weight: 1, arbitrary: leaf }, ...calls(type, make).map(arbitrary => ({ weight: 2, arbitrary })))
}

function calls(type: ColumnType, make: Make): fc.Arbitrary<Expression>[] {
  const call = (names: readonly FunctionName[], ...args: readonly ColumnType[]): fc.Arbitrary<Expression> =>
    fc.tuple(fc.constantFrom(...names), ...args.map(make)).map(([fn, ...operands]) =>
      callOf(fn as FunctionName, operands as Expression[]))
  const castFrom = (...from: readonly ColumnType[]): fc.Arbitrary<Expression> =>
    fc.constantFrom(...from).chain(make).map(operand => castTo(operand, type))
  const choices = [call(['if'], 'bool', type, type), call(['coalesce', 'least', 'greatest'], type, type)]
  switch (type) {
    case 'bool': return [
      ...choices, call(['and', 'or'], 'bool', 'bool'), call(['and', 'or'], 'bool', 'bool'), call(['not'], 'bool'),
      call(['isNaN'], 'f64'),
      fc.constantFrom(...TYPES).chain(of => call(['isNull'], of)),
      fc.constantFrom(...TYPES).chain(of => call(of === 'bool' ? ['eq', 'ne'] : ['eq', 'ne', 'lt', 'le', 'gt', 'ge'], of, of)),
      call(['startsWith', 'endsWith', 'contains'], 'utf8', 'utf8'), castFrom('i32', 'i64', 'f32', 'f64', 'utf8'),
    ]
    case 'i32': return [
      ...choices, call(['mod', 'floorDiv'], 'i32', 'i32'), call(['length'], 'utf8'),
      call(['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond', 'dayOfWeek'], 'timestamp'),
      castFrom('bool', 'i64', 'f32', 'f64', 'utf8'),
    ]
    case 'i64': return [
      ...choices, call(['add', 'sub', 'mul', 'mod', 'floorDiv'], 'i64', 'i64'), call(['add', 'mul', 'mod'], 'i32', 'i64'),
      call(['neg', 'abs', 'sign', 'floor', 'round'], 'i64'), call(['clamp'], 'i64', 'i64', 'i64'),
      castFrom('bool', 'i32', 'f32', 'f64', 'timestamp', 'utf8'),
    ]
    case 'f32': return [...choices, castFrom('bool', 'i32', 'i64', 'f64', 'utf8')]
    case 'f64': return [
      ...choices, call(['add', 'sub', 'mul', 'div', 'mod', 'floorDiv', 'pow', 'atan2'], 'f64', 'f64'),
      call(['add', 'sub', 'div'], 'f64', 'i64'),
      call(['neg', 'abs', 'sqrt', 'floor', 'ceil', 'round', 'trunc', 'sign', 'exp', 'ln', 'log10', 'sin', 'cos', 'tan'], 'f64'),
      call(['add', 'mul'], 'f32', 'i32'), call(['clamp'], 'f64', 'f64', 'f64'),
      castFrom('bool', 'i32', 'i64', 'f32', 'timestamp', 'utf8'),
    ]
    case 'timestamp': return [
      ...choices, fc.tuple(make('timestamp'), fc.constantFrom(...UNITS)).map(([at, unit]) =>
        callOf('truncate', [at, literal(unit, 'utf8')])),
      fc.tuple(make('timestamp'), fc.constantFrom(1000, 7, 86_400_000), fc.constantFrom(0, -3, 500))
        .map(([at, step, origin]) => callOf('floorTo', [at, literal(step, 'f64'), literal(origin, 'f64')])),
      castFrom('i32', 'i64', 'f64'),
    ]
    case 'utf8': return [
      ...choices, call(['lower', 'upper', 'trim'], 'utf8'), call(['concat'], 'utf8', 'utf8'),
      call(['substring'], 'utf8', 'i32', 'i32'),
      castFrom('bool', 'i32', 'i64', 'f32', 'f64', 'timestamp'),
    ]
  }
}
