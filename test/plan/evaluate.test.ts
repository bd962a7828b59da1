/**
 * The row evaluator agrees with the kernels: every function and cast of the language, over edge values of every type that it
 * takes.
 */
import { describe, expect, it } from 'vitest'
import type { ColumnType } from '../../src/data/schema.js'
import { evaluate } from '../../src/plan/evaluate.js'
import type { Expression, FunctionName, LiteralValue } from '../../src/plan/expression.js'
import { expressionText } from '../../src/plan/expression-text.js'
import { callOf, canCast, castTo, FUNCTION_TABLE, TRUNCATE_UNITS } from '../../src/plan/function-table.js'
import { literalOf } from '../../src/plan/literal.js'
import { kernelSets } from '../support/kernels.js'
import { timeCall } from '../support/time-calls.js'
import { evaluate as runKernels, type TestColumn } from '../support/programs.js'

const EDGES: Readonly<Record<ColumnType, readonly LiteralValue[]>> = {
  bool: [true, false, null],
  i32: [0, 1, -1, 7, -8, 2147483647, -2147483648, null],
  i64: [0n, 1n, -1n, 7n, -8n, 9007199254740993n, 9223372036854775807n, -9223372036854775808n, null],
  f32: [0, -0, 0.5, -2.5, Math.fround(1e30), NaN, Infinity, null],
  f64: [0, -0, 0.5, 2.5, -2.5, -0.5, 0.49999999999999994, 7, 1e300, 4e18, 1e19, -3e9, NaN, Infinity, -Infinity, null],
  utf8: ['', 'a', 'Ab ', ' é', '🦆x', 'b', null],
  timestamp: [0, -1, 1767225599999, 951826800000, -62135596800000, 86400000, 4102444800000, null],
}
const TYPES = Object.keys(EDGES) as ColumnType[]
/** Functions that the evaluator leaves to the kernels; all but the first are null of a null, which it does say. */
const UNFOLDED: readonly FunctionName[] = ['hash', 'exp', 'ln', 'log10', 'pow', 'sin', 'cos', 'tan', 'atan2']

/** Every combination of edge values of these types, one row each. */
function edgeRows(types: readonly ColumnType[]): readonly (readonly LiteralValue[])[] {
  return types.reduce<readonly (readonly LiteralValue[])[]>(
    (rows, type) => rows.flatMap(row => EDGES[type].map(value => [...row, value])), [[]]
  )
}

function columnsOf(types: readonly ColumnType[]): { columns: TestColumn[]; rows: readonly (readonly LiteralValue[])[] } {
  const rows = edgeRows(types)
  return { rows, columns: types.map((type, i) => ({ name: `a${i}`, type, values: rows.map(row => row[i]!) })) }
}

const columnExpression = (type: ColumnType, i: number): Expression => ({ kind: 'column', name: `a${i}`, type })

/** The calls of a function over columns, one for each combination of types that it takes. */
function callsOf(fn: FunctionName): { types: readonly ColumnType[]; expression: Expression }[] {
  if (fn === 'truncate') return TRUNCATE_UNITS.map(unit => ({
    types: ['timestamp'], expression: callOf(fn, [columnExpression('timestamp', 0), literalOf(unit, 'utf8')]),
  }))
  if (fn === 'floorTo') {
    const steps = [literalOf(1000, 'f64'), literalOf(-250, 'f64')]
    return [{ types: ['timestamp'], expression: callOf(fn, [columnExpression('timestamp', 0), ...steps]) }]
  }
  const arity = Math.min(FUNCTION_TABLE[fn].arity[1], Math.max(2, FUNCTION_TABLE[fn].arity[0]))
  const combinations = Array.from({ length: arity }).reduce<ColumnType[][]>(
    made => made.flatMap(types => TYPES.map(type => [...types, type])), [[]]
  )
  return combinations.flatMap(types => {
    const args = types.map(columnExpression)
    return FUNCTION_TABLE[fn].resolve(args) ? [{ types, expression: callOf(fn, args) }] : []
  })
}

/** Compares row by row what the evaluator computes; gives the number of rows that it left to the kernels. */
function compare(
  set: ReturnType<typeof kernelSets>[number], types: readonly ColumnType[], expression: Expression
): { rows: number; left: number } {
  const { columns, rows } = columnsOf(types)
  const computed = runKernels(set, columns, [expression]).columns[0]!
  let left = 0
  rows.forEach((row, i) => {
    const value = evaluate(expression,
      { column: name => row[Number(name.slice(1))], parameter: () => undefined, call: timeCall })
    if (value === undefined) left++
    else expect(computed[i], `${expressionText(expression)} of ${row.map(String).join(', ')} (${types.join(', ')})`).toBe(value)
  })
  return { rows: rows.length, left }
}

describe.each(kernelSets().map(set => [set.kind, set] as const))('the row evaluator beside the %s kernels', (_, set) => {
  it.each(Object.keys(FUNCTION_TABLE) as FunctionName[])('computes the same %s', fn => {
    const calls = callsOf(fn)
    expect(calls.length).toBeGreaterThan(0)
    const compared = calls.map(({ types, expression }) => compare(set, types, expression))
    const share = compared.reduce((sum, { left }) => sum + left, 0) / compared.reduce((sum, { rows }) => sum + rows, 0)
    if (fn === 'hash') expect(share).toBe(1)
    else if (UNFOLDED.includes(fn)) expect(share).toBeGreaterThan(0.5)
    else expect(share).toBeLessThan(0.5)
  })

  it.each(TYPES)('casts %s the same', from => {
    for (const to of TYPES.filter(type => canCast(from, type))) compare(set, [from], castTo(columnExpression(from, 0), to))
  })
})
