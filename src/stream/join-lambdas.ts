/**
 * The lambdas of a join, which are given two rows: pairs of what must be equal, and what the joined row is made of.
 * Invariant: the table's columns are told from the stream's by who read them, not by their names, which may be the same.
 */
import { describeValue } from '../data/value-check.js'
import type { Schema } from '../data/schema.js'
import type { Expression } from '../plan/expression.js'
import { expressionText } from '../plan/expression-text.js'
import { invalid } from '../plan/invalid.js'
import type { JoinKey, TableDescription, TakenColumn } from '../plan/join.js'
import { rewriteExpression } from '../plan/rewrite.js'
import { Expr } from './expressions.js'
import { columnsOfResult, runRowsLambda, type ColumnList } from './typed-row.js'

type RowsLambda = (row: never, tableRow: never) => unknown

const EXAMPLE = "join(table, { on: ['ad'] }) or on: (row, t) => [[row.ad, t.id]]"

/** The pairs that `on` returns. */
export function pairsOf(stream: Schema, table: TableDescription, on: RowsLambda): readonly JoinKey[] {
  if (typeof on !== 'function') throw invalid(`join: on is ${describeValue(on)}; write ${EXAMPLE}.`)
  return runRowsLambda([stream, table.schema], 'join: on', on as (...rows: never[]) => unknown, (result, [, ofTable]) => {
    if (!Array.isArray(result)) throw invalid(`join: on returned ${describeValue(result)}, not pairs; write ${EXAMPLE}.`)
    const pairs = result.map(pair => pairOf(pair, table, ofTable!))
    const value = pairs.map(({ left, right }) => ({ value: left, column: right.name }))
    return { value, expressions: pairs.flatMap(({ left, right }) => [left, right]) }
  })
}

interface Pair {
  readonly left: Expression
  readonly right: Extract<Expression, { kind: 'column' }>
}

function pairOf(pair: unknown, table: TableDescription, ofTable: ReadonlySet<Expression>): Pair {
  const [first, second] = Array.isArray(pair) && pair.length === 2 ? pair as unknown[] : []
  if (!(first instanceof Expr) || !(second instanceof Expr)) {
    throw invalid(`join: on returned something other than pairs of two values; write ${EXAMPLE}.`)
  }
  const [left, right] = [Expr.expressionOf(first), Expr.expressionOf(second)]
  if (right.kind !== 'column' || !ofTable.has(right)) {
    throw invalid(`join: on: ${expressionText(right)} must be a column of table ${table.name}, as it is; second in the pair.`)
  }
  if (reads(left, ofTable)) {
    throw invalid(`join: on: ${expressionText(left)} must be of the stream's row alone; first in the pair.`)
  }
  return { left, right }
}

function reads(expression: Expression, columns: ReadonlySet<Expression>): boolean {
  let isRead = false
  rewriteExpression(expression, part => {
    isRead ||= columns.has(part)
    return part
  })
  return isRead
}

/** The columns that `select` returns, over the joined row, in which the table's columns have the names of `taken`. */
export function selectedOf(stream: Schema, table: Schema, taken: readonly TakenColumn[], select: RowsLambda): ColumnList {
  const verb = 'join: select'
  if (typeof select !== 'function') throw invalid(`${verb} takes a lambda, such as select: (row, t) => ({ … }).`)
  return runRowsLambda([stream, table], verb, select as (...rows: never[]) => unknown, (result, [, ofTable]) => {
    const { value: { columns, schema }, expressions } = columnsOfResult(result, verb)
    const named = (part: Expression): Expression => {
      if (part.kind !== 'column' || !ofTable!.has(part)) return part
      return Object.freeze({ ...part, name: taken.find(({ column }) => column === part.name)!.name })
    }
    const renamed = columns.map(({ name, expression }) =>
      Object.freeze({ name, expression: rewriteExpression(expression, named) }))
    return { value: { columns: Object.freeze(renamed), schema }, expressions }
  })
}
