/**
 * Super-instructions and operands with one value for all rows: comparisons by which a filter takes rows at once, and products
 * that are added to something, with constants in every place, on every kernel set and fused.
 */
import { describe, expect, it } from 'vitest'
import type { Expression } from '../../src/plan/expression.js'
import { callOf } from '../../src/plan/function-table.js'
import type { Step } from '../../src/plan/stage.js'
import { kernelSets } from '../support/kernels.js'
import { column, evaluate, literal, type TestColumn, type Value } from '../support/programs.js'
import { evaluateRow } from '../support/row-evaluator.js'

/** Neither whole vectors nor whole turns of a loop. */
const ROWS = 2048 + 37
const AWKWARD = [0, -0, 1, -1, 2.5, NaN, Infinity, -Infinity, 1e300]
const values = (of: (row: number) => Value): Value[] => Array.from({ length: ROWS }, (_, row) => of(row))

const columns: readonly TestColumn[] = [
  { name: 'f64', type: 'f64', values: values(row => AWKWARD[row % 9]!) },
  { name: 'other', type: 'f64', values: values(row => row % 5 === 0 ? null : AWKWARD[(row * 7) % 9]!) },
  { name: 'f32', type: 'f32', values: values(row => Math.fround(AWKWARD[row % 9]!)) },
  { name: 'i32', type: 'i32', values: values(row => row % 13 === 2 ? null : (row * 31) % 11 - 5) },
  { name: 'i64', type: 'i64', values: values(row => BigInt((row * 17) % 7) - 3n) },
  { name: 'bool', type: 'bool', values: values(row => row % 3 === 0) },
]
const constants: readonly Expression[] = [
  literal(1, 'f64'), literal(NaN, 'f64'), literal(2.5, 'f32'), literal(-2, 'i32'), literal(2n, 'i64'), literal(true, 'bool'),
  literal(null, 'f64'),
]
const ordinal: TestColumn = { name: 'ordinal', type: 'i32', values: values(row => row) }
const input = [...columns, ordinal]
const rows = ordinal.values.map((_, row) => Object.fromEntries(input.map(({ name, values: all }) => [name, all[row]!])))

const filter = (predicate: Expression): Step => ({ kind: 'filter', predicate, reason: 'filtered' })

/** Each comparison of each type: of columns, and with a constant on either side. */
const comparisons = columns.flatMap(({ name, type }) => (['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const).flatMap(fn => {
  if (type === 'bool' && fn !== 'eq' && fn !== 'ne') return []
  const [own, fixed] = [column({ name, type }), constants.filter(each => each.type === type)]
  const others = columns.filter(each => each.type === type).map(each => column(each))
  return [...fixed, ...others].flatMap(other => [callOf(fn, [own, other]), callOf(fn, [other, own])])
}))

const sets = kernelSets()

describe.each([...sets.map(set => [set.kind, set, false] as const), ['fused', sets[0]!, true] as const])(
  'super-instructions, %s', (_, set, isFused) => {
    const few = callOf('lt', [callOf('mod', [column(ordinal), literal(16, 'i32')]), literal(3, 'i32')])

    it('keep the rows of which a comparison is true', () => {
      for (const predicate of comparisons) {
        for (const before of [[], [filter(few)]]) {
          const steps = [...before, filter(predicate)]
          const { columns: [kept], figures } = evaluate(set, input, [column(ordinal)], steps, {}, isFused)
          const expected = rows.filter(row => (before.length === 0 || Number(row['ordinal']) % 16 < 3) &&
            evaluateRow(predicate, row) === true)
          expect(kept!.length === expected.length && expected.every(({ ordinal: row }, at) => row === kept![at])).toBe(true)
          expect(figures.filtered).toBe(ROWS - expected.length)
        }
      }
    })

    it('multiply and add with two roundings, with constants in any place', () => {
      const operands = [column(columns[0]!), column(columns[1]!), literal(0.1, 'f64'), literal(null, 'f64')]
      for (const a of operands) for (const b of operands) for (const c of operands) {
        for (const sum of [callOf('add', [callOf('mul', [a, b]), c]), callOf('add', [c, callOf('mul', [a, b])])]) {
          const { columns: [got] } = evaluate(set, input, [sum], [], {}, isFused)
          expect(rows.findIndex((row, at) => !Object.is(evaluateRow(sum, row), got![at]))).toBe(-1)
        }
      }
    })
  })
