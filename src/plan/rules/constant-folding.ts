/**
 * Rule: what depends on no row is computed once, now. Conditions that cannot matter are left out: `x and true` is `x`.
 * Invariant: a part is only folded to null if one of its operands is null, since nulls made by overflow are counted at run time.
 */
import { evaluate, NO_ROW } from '../evaluate.js'
import type { Expression } from '../expression.js'
import { expressionText } from '../expression-text.js'
import { literalOf } from '../literal.js'
import type { PlanNode } from '../node.js'
import { nodeRule, rewriteExpression, rewriteJoin, rewriteSpec } from '../rewrite.js'

export const constantFolding = nodeRule('constant folding', (node, note) => {
  const fold = (expression: Expression): Expression => {
    const folded = foldExpression(expression)
    if (folded !== expression) note(`${expressionText(expression)} → ${expressionText(folded)}`)
    return folded
  }
  return foldNode(node, fold)
})

function foldNode(node: PlanNode, fold: (expression: Expression) => Expression): PlanNode {
  switch (node.kind) {
    case 'project': {
      const columns = node.columns.map(column => ({ column, expression: fold(column.expression) }))
      if (columns.every(({ column, expression }) => column.expression === expression)) return node
      const folded = columns.map(({ column, expression }) => Object.freeze({ ...column, expression }))
      return Object.freeze({ ...node, columns: Object.freeze(folded) })
    }
    case 'filter': {
      const predicate = fold(node.predicate)
      return predicate === node.predicate ? node : Object.freeze({ ...node, predicate })
    }
    case 'join': {
      const join = rewriteJoin(node.join, fold)
      return join === node.join ? node : Object.freeze({ ...node, join })
    }
    case 'aggregate': {
      const aggregate = rewriteSpec(node.aggregate, fold)
      return aggregate === node.aggregate ? node : Object.freeze({ ...node, aggregate })
    }
    default: return node
  }
}

/** The expression with its constant parts computed. */
export function foldExpression(expression: Expression): Expression {
  return rewriteExpression(expression, part => part.kind === 'cast' || part.kind === 'call' ? foldPart(part) : part)
}

function foldPart(part: Extract<Expression, { kind: 'cast' | 'call' }>): Expression {
  const operands = part.kind === 'cast' ? [part.arg] : part.args
  const value = evaluate(part, NO_ROW)
  const isNullByRule = value === null && !operands.some(isNull)
  if (value !== undefined && !isNullByRule) return literalOf(value, part.type)
  return part.kind === 'call' ? simplified(part) : part
}

function isNull(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === null
}

function isLiteral(expression: Expression | undefined, value: boolean): boolean {
  return expression?.kind === 'literal' && expression.value === value
}

/** Identities that hold for nulls too. */
function simplified(call: Extract<Expression, { kind: 'call' }>): Expression {
  const [a, b, c] = call.args
  switch (call.fn) {
    case 'and': return isLiteral(a, true) ? b! : isLiteral(b, true) ? a! : call
    case 'or': return isLiteral(a, false) ? b! : isLiteral(b, false) ? a! : call
    case 'not': return a!.kind === 'call' && a!.fn === 'not' ? a!.args[0]! : call
    case 'if': return a!.kind === 'literal' ? (a!.value === true ? b! : c!) : call
    default: return call
  }
}
