/**
 * Expressions over a projection's columns, rewritten to be over its input.
 */
import { assert } from '../../base/errors.js'
import type { Expression, NamedExpression } from '../expression.js'
import { rewriteExpression } from '../rewrite.js'

/** Expressions grow when a column that is used twice is put in its place; beyond this many parts they are left as they are. */
const PARTS_MAX = 200

/** The expression with every column replaced by what the projection computes for it. */
export function substituted(expression: Expression, columns: readonly NamedExpression[]): Expression {
  const byName = new Map(columns.map(column => [column.name, column.expression]))
  return rewriteExpression(expression, part => {
    if (part.kind !== 'column') return part
    const replacement = byName.get(part.name)
    assert(replacement, `column '${part.name}' is not in the projection below`)
    return replacement
  })
}

export function isSmall(expression: Expression): boolean {
  return partsOf(expression) <= PARTS_MAX
}

function partsOf(expression: Expression): number {
  if (expression.kind === 'cast') return 1 + partsOf(expression.arg)
  return expression.kind === 'call' ? expression.args.reduce((parts, arg) => parts + partsOf(arg), 1) : 1
}
