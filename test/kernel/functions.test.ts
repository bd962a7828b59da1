/**
 * Every function of the language for every type it takes, over values that are worth a test, in all pairs, with and without
 * nulls: the kernel sets against each other, bit for bit, and against the evaluator of single rows.
 */
import { describe, expect, it } from 'vitest'
import type { ColumnType } from '../../src/data/schema.js'
import type { Expression, FunctionName } from '../../src/plan/expression.js'
import { callOf, canCast, castTo, TRUNCATE_UNITS } from '../../src/plan/function-table.js'
import { kernelSets } from '../support/kernels.js'
import { column, evaluate, fingerprint, literal, type TestColumn, type Value } from '../support/programs.js'
import { evaluateRow, type Row } from '../support/row-evaluator.js'

const sets = kernelSets()

/** More than one vector and a ragged end. */
const ROWS = 2048 + 777

/** Values that are worth a test, by type; null among them. */
const EDGES: Record<ColumnType, readonly Value[]> = {
  bool: [true, false, null],
  i32: [0, 1, -1, 2, -7, 7, 10, 2147483647, -2147483648, null, 123456],
  i64: [0n, 1n, -1n, 2n, -7n, 3037000500n, -3037000500n, 9223372036854775807n, -9223372036854775808n, null, 4294967296n,
    -2147483649n],
  f32: [0, -0, 1.5, -1.5, 3.4028234663852886e38, 1.401298464324817e-45, Infinity, -Infinity, NaN, null, Math.fround(0.1)],
  f64: [
    0, -0, 0.5, -0.5, 0.49999999999999994, 1, -1, 1.5, -1.5, 2.5, -2.5, 4503599627370497.5, 1e300, -1e300, 5e-324,
    1.7976931348623157e308,
    Infinity, -Infinity, NaN, null, 2147483647.9, -2147483648.9, 2147483648, 9223372036854775807, -9223372036854775808, 0.1, 700,
    -740, 3.7,
  ],
  timestamp: [
    0, -1, 1, -0.5, 951782400000, 951868799999, -62135596800000, -62167219200001, 1709164800000, 8.64e15, -8.64e15, 8.64e15 + 1,
    null,
    1767225599999, -86400000, -86400001, 1e12 + 0.75, 1577836800000, 1740700800000,
  ],
  utf8: [
    '', 'a', 'A', 'abc', 'ABC', ' abc\t', 'naïve', 'ÄÖÜ', 'straße', '\u{1f600}x\u{1f600}', '\ufeffbom ', '\u00a0nbsp\u00a0', null,
    'bc', 'ab', 'z', '\uffff', '\u{10000}',
    'a'.repeat(300), 'ΑΣ',
  ],
}

/** Column `index` of several: the edges in an order of its own, so that all pairs meet. */
function edgeColumn(type: ColumnType, index: number, withNulls = true): TestColumn {
  const edges = EDGES[type].filter(value => withNulls || value !== null)
  const stride = [1, edges.length, edges.length * edges.length][index]!
  return { name: `${type}${index}`, type,
    values: Array.from({ length: ROWS }, (_, row) => edges[Math.floor(row / stride) % edges.length]!) }
}

/** Evaluates expressions on every kernel set: all agree bit for bit with each other, and in value with the row evaluator. */
function check(expressions: readonly Expression[], columns: readonly TestColumn[]): void {
  const [first, ...others] = sets.map(set => evaluate(set, columns, expressions))
  const rows = Array.from({ length: ROWS }, (_, row): Row =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row]!])))
  expressions.forEach((expression, i) => {
    const expected = rows.map(row => evaluateRow(expression, row))
    const row = expected.findIndex((value, at) => !Object.is(value, first!.columns[i]![at]))
    const inputs = row < 0 ? null : rows[row]
    expect({ inputs, value: first!.columns[i]![row] }).toEqual({ inputs, value: expected[row] })
  })
  for (const other of others) expect(fingerprint(other) === fingerprint(first!)).toBe(true)
}

const columnsOf = (types: readonly ColumnType[], withNulls = true): TestColumn[] =>
  types.map((type, index) => edgeColumn(type, index, withNulls))

function checkFunctions(names: readonly FunctionName[], ...types: readonly ColumnType[]): void {
  for (const withNulls of [true, false]) {
    const columns = columnsOf(types, withNulls)
    check(names.map(name => callOf(name, columns.map(column))), columns)
  }
}

describe('arithmetic', () => {
  it('of f64', () => {
    checkFunctions(['add', 'sub', 'mul', 'div', 'mod', 'floorDiv', 'pow', 'atan2'], 'f64', 'f64')
    checkFunctions(['neg', 'abs', 'sqrt', 'floor', 'ceil', 'round', 'trunc', 'sign', 'exp', 'ln', 'log10', 'sin', 'cos', 'tan',
      'isNaN'], 'f64')
    checkFunctions(['clamp'], 'f64', 'f64', 'f64')
  })
  it('of f32 and i32, which are f64 for it', () => {
    checkFunctions(['add', 'mul', 'div'], 'f32', 'i32')
    checkFunctions(['neg', 'abs', 'floor', 'round'], 'f32')
    checkFunctions(['neg', 'abs', 'sign'], 'i32')
  })
  it('of i64', () => {
    checkFunctions(['add', 'sub', 'mul', 'mod', 'floorDiv', 'div'], 'i64', 'i64')
    checkFunctions(['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'trunc', 'sqrt'], 'i64')
    checkFunctions(['add', 'mod'], 'i64', 'i32')
    checkFunctions(['add', 'mod'], 'i64', 'f64')
    checkFunctions(['clamp'], 'i64', 'i64', 'i64')
  })
  it('of i32: mod and floorDiv', () => checkFunctions(['mod', 'floorDiv'], 'i32', 'i32'))
})

describe('comparison', () => {
  it.each(['bool', 'i32', 'i64', 'f32', 'f64', 'timestamp', 'utf8'] as const)('of %s', type => {
    checkFunctions(type === 'bool' ? ['eq', 'ne'] : ['eq', 'ne', 'lt', 'le', 'gt', 'ge'], type, type)
  })
  it('of bool in order, as rules may ask for it', () => {
    const columns = columnsOf(['bool', 'bool'])
    const args = columns.map(column)
    check((['lt', 'le', 'gt', 'ge'] as const).map(fn => ({ kind: 'call', fn, args, type: 'bool' }) as const), columns)
  })
  it('of different numbers', () => checkFunctions(['eq', 'lt', 'ge'], 'i32', 'f64'))
})

describe('logic', () => {
  it('is three-valued', () => {
    checkFunctions(['and', 'or'], 'bool', 'bool')
    checkFunctions(['not'], 'bool')
  })
  it.each(['bool', 'i32', 'i64', 'f32', 'f64', 'timestamp', 'utf8'] as const)('chooses among %s', type => {
    checkFunctions(['if'], 'bool', type, type)
    checkFunctions(['coalesce', 'least', 'greatest'], type, type, type)
    checkFunctions(['isNull'], type)
  })
  it('knows literals that are null', () => {
    const columns = columnsOf(['bool', 'f64'])
    const none = literal(null, 'bool')
    check([callOf('and', [column(columns[0]!), none]), callOf('or', [none, column(columns[0]!)]),
      callOf('add', [column(columns[1]!), literal(null, 'f64')])], columns)
  })
})

describe('cast', () => {
  const TYPES = ['bool', 'i32', 'i64', 'f32', 'f64', 'timestamp'] as const
  it.each(TYPES)('of %s', from => {
    const columns = columnsOf([from])
    const targets = [...TYPES, 'utf8' as const].filter(to => canCast(from, to))
    check(targets.map(to => castTo(column(columns[0]!), to)), columns)
  })
  it('of text', () => {
    const texts = ['1', '-12.75', ' 42 ', '+7', '2147483648', '-2147483648', '9223372036854775807', '9223372036854775808',
      '-9223372036854775808', '-9223372036854775809', '-9223372036854776000', '-9.223372036854775809e18',
      '-9223372036854775808.5', '1e3',
      '1e400', '01', 'abc', '', 'NaN',
      '-Infinity', 'true', 'FALSE', ' t ', 'Yes', 'no', 'n', '0', 'truex', '12345678901234567890123', '0.1', null, 'tru',
      '1.5e-3', 'falsee']
    const text: TestColumn = { name: 'text', type: 'utf8',
      values: Array.from({ length: ROWS }, (_, row) => texts[(row * 7) % texts.length]!) }
    check((['bool', 'i32', 'i64', 'f32', 'f64'] as const).map(to => castTo(column(text), to)), [text])
  })
  it('of text to time and back', () => {
    const texts = ['2026-01-31T12:00:00.000Z', '1969-12-31T23:59:59.999Z', '2024-02-30', 'x', null, '2024-02-29']
    const text: TestColumn = { name: 'text', type: 'utf8', values: texts }
    for (const set of sets) {
      const time = castTo(column(text), 'timestamp')
      const { columns: [times, back], figures } = evaluate(set, [text], [time, castTo(time, 'utf8')])
      expect(times).toEqual([1769860800000, -1, null, null, null, 1709164800000])
      expect(back).toEqual([texts[0], texts[1], null, null, null, '2024-02-29T00:00:00.000Z'])
      expect(figures.overflows).toBe(2)
    }
  })
})

describe('time', () => {
  it('is taken apart in UTC', () => {
    checkFunctions(['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond', 'dayOfWeek'], 'timestamp')
  })
  it('is right on every day of 800 years', () => {
    const firstDay = -150_000
    for (const start of [firstDay, 0]) {
      const at: TestColumn = { name: 'at', type: 'timestamp',
        values: Array.from({ length: 150_000 }, (_, day) => (start + day) * 86_400_000 + 5) }
      const parts = (['year', 'month', 'day', 'dayOfWeek'] as const).map(fn => callOf(fn, [column(at)]))
      const { columns } = evaluate(sets[0]!, [at], parts)
      const wrong = at.values.findIndex((ms, i) => {
        const date = new Date(ms as number)
        const expected = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay()]
        return expected.some((value, part) => columns[part]![i] !== value)
      })
      expect(wrong).toBe(-1)
    }
  })
  it('is truncated to every unit', () => {
    const columns = [{ ...edgeColumn('timestamp', 0),
      values: edgeColumn('timestamp', 0).values.map(t => t !== null && Math.abs(t as number) > 8.64e15 ? null : t) }]
    check(TRUNCATE_UNITS.map(unit => callOf('truncate', [column(columns[0]!), literal(unit, 'utf8')])), columns)
  })
  it('is floored to steps from an origin', () => {
    const columns = columnsOf(['timestamp'])
    const steps: readonly (readonly [number, number])[] = [[1000, 0], [60_000, 250], [7, -3], [0.25, 0],
      [86_400_000 * 7, 345_600_000]]
    check(steps.map(([step, origin]) => callOf('floorTo', [column(columns[0]!), literal(step, 'f64'), literal(origin, 'f64')])),
      columns)
  })
  it('is floored to a step not above it, where the distance from the origin rounds up to a whole number of steps', () => {
    const before: TestColumn = { name: 'before', type: 'timestamp',
      values: Array.from({ length: ROWS }, (_, row) => row % 2 ? 2 ** 41 - 2 ** -12 : -1e-20) }
    const floored = [[5, -3], [1, 1]].map(([step, origin]) =>
      callOf('floorTo', [column(before), literal(step!, 'f64'), literal(origin!, 'f64')]))
    for (const set of sets) {
      const { columns } = evaluate(set, [before], floored)
      expect(columns.map(values => values.slice(0, 2)), set.kind).toEqual([[-3, 2 ** 41 - 5], [-1, 2 ** 41 - 1]])
    }
    check(floored, [before])
  })
})

describe('text', () => {
  it('is changed, measured, searched and joined by code points', () => {
    checkFunctions(['lower', 'upper', 'trim', 'length'], 'utf8')
    checkFunctions(['startsWith', 'endsWith', 'contains', 'concat'], 'utf8', 'utf8')
  })
  it('is cut by positions', () => {
    const positions = [0, 1, 2, 3, -1, 300, 2147483647, -2147483648, null]
    const make = (name: string, stride: number): TestColumn =>
      ({ name, type: 'i32', values: Array.from({ length: ROWS }, (_, row) =>
        positions[Math.floor(row / stride) % positions.length]!) })
    const columns = [edgeColumn('utf8', 0), make('start', 20), make('end', 180)]
    check([callOf('substring', columns.map(column))], columns)
  })
  it('remembers more distinct strings than its memo holds', () => {
    const text: TestColumn = { name: 'text', type: 'utf8',
      values: Array.from({ length: 9000 }, (_, row) => `Row ${(row * 2048 + row) % 5000}`) }
    for (const set of sets) {
      const { columns } = evaluate(set, [text], [callOf('upper', [column(text)]), callOf('length', [column(text)])])
      expect(columns[0]).toEqual(text.values.map(value => (value as string).toUpperCase()))
      expect(columns[1]).toEqual(text.values.map(value => (value as string).length))
    }
  })
})

describe('hash', () => {
  it.each(['bool', 'i32', 'i64', 'f32', 'f64', 'timestamp',
    'utf8'] as const)('of %s is the same on every kernel set, and equal for equal values only', type => {
    const columns = columnsOf([type])
    const results = sets.map(set => evaluate(set, columns, [callOf('hash', columns.map(column))]))
    for (const result of results) expect(result).toEqual(results[0])
    const byValue = new Map<string, Set<Value>>()
    columns[0]!.values.forEach((value, row) => {
      // −0 and 0 are one value.
      const key = `${typeof value} ${String(value)}`
      byValue.set(key, (byValue.get(key) ?? new Set()).add(results[0]!.columns[0]![row]!))
    })
    for (const hashes of byValue.values()) expect(hashes.size).toBe(1)
    expect(new Set([...byValue.values()].map(hashes => [...hashes][0])).size).toBe(byValue.size)
  })
})

describe('overflows', () => {
  const a: TestColumn = { name: 'a', type: 'i64',
    values: Array.from({ length: ROWS }, (_, row) => row % 3 === 0 ? 9223372036854775807n : BigInt(row)) }
  const sum = callOf('add', [column(a), literal(1n, 'i64')])
  const thirds = Math.ceil(ROWS / 3)

  it.each(sets.map(set => [set.kind, set] as const))('are null and counted, %s', (_, set) => {
    const { columns, figures } = evaluate(set, [a], [sum])
    expect(columns[0]).toEqual(a.values.map((value, row) => row % 3 === 0 ? null : (value as bigint) + 1n))
    expect(figures.overflows).toBe(thirds)
  })

  it.each(sets.map(set => [set.kind, set] as const))('count in selected rows only, and once for equal expressions, %s',
    (_, set) => {
    const row: TestColumn = { name: 'row', type: 'i32', values: a.values.map((_, i) => i) }
    const even: Expression = callOf('eq', [callOf('mod', [column(row), literal(2, 'i32')]), literal(0, 'i32')])
    const { figures } = evaluate(set, [a, row], [sum, callOf('neg', [sum])],
      [{ kind: 'filter', predicate: even, reason: 'filtered' }])
    expect(figures.overflows).toBe(Math.ceil(thirds / 2))
  })

  it.each(sets.map(set => [set.kind, set] as const))('do not count a null that was there or a division by zero, %s', (_, set) => {
    const columns = columnsOf(['i64', 'i64'])
    const ten: TestColumn = { name: 'ten', type: 'i64', values: columns[0]!.values.map((_, i) => i % 2 ? null : 10n) }
    expect(evaluate(set, [ten], [callOf('mod', [column(ten), literal(0n, 'i64')])]).figures.overflows).toBe(0)
    expect(evaluate(set, [ten], [callOf('floorDiv', [column(ten), literal(0n, 'i64')])]).columns[0]!.every(value =>
      value === null)).toBe(true)
  })
})
