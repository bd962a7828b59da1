/**
 * Random programs over random columns: the three kernel sets agree with each other bit for bit, and with an evaluator of single
 * rows that knows nothing of them.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Expression } from '../../src/plan/expression.js'
import { expressionText } from '../../src/plan/expression-text.js'
import type { Step } from '../../src/plan/stage.js'
import { kernelSets } from '../support/kernels.js'
import { evaluate, fingerprint, type TestColumn } from '../support/programs.js'
import { randomColumns, randomExpression, TYPES } from '../support/random-programs.js'
import { evaluateRow, type Row } from '../support/row-evaluator.js'

const RUNS = 60
const DEPTH = 4

const sets = kernelSets()

function rowsOf(columns: readonly TestColumn[]): Row[] {
  return columns[0]!.values.map((_, row) => Object.fromEntries(columns.map(({ name, values }) => [name, values[row]!])))
}

function check(columns: readonly TestColumn[], predicate: Expression | null, expressions: readonly Expression[]): void {
  const steps: Step[] = predicate ? [{ kind: 'filter', predicate, reason: 'filtered' }] : []
  const rows = rowsOf(columns).filter(row => !predicate || evaluateRow(predicate, row) === true)
  const [first, ...others] = sets.map(set => evaluate(set, columns, expressions, steps))
  const fused = evaluate(sets[0]!, columns, expressions, steps, {}, true)
  expressions.forEach((expression, i) => rows.forEach((row, at) => {
    const expected = evaluateRow(expression, row)
    const value = first!.columns[i]![at]
    if (Object.is(value, expected)) return
    const place = { expression: expressionText(expression), row }
    expect({ ...place, value }).toEqual({ ...place, value: expected })
  }))
  expect(first!.figures.rowsOut).toBe(rows.length)
  for (const other of [...others, fused]) expect(fingerprint(other) === fingerprint(first!)).toBe(true)
}

describe('random programs', () => {
  it.each(TYPES)('compute %s as single rows do', type => {
    fc.assert(fc.property(randomColumns(), randomExpression(type, DEPTH), (columns, expression) =>
      check(columns, null, [expression])), { numRuns: RUNS })
  })

  it('filter, and share what several expressions have in common', () => {
    const shared = fc.tuple(randomExpression('f64', 2), randomExpression('i64', 2), randomExpression('utf8', 2))
    fc.assert(fc.property(randomColumns(), randomExpression('bool', DEPTH), shared, (columns, predicate, expressions) =>
      check(columns, predicate, [...expressions, ...expressions, predicate])), { numRuns: RUNS })
  })
})
