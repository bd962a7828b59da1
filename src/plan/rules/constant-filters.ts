/**
 * Rule: a filter that keeps every row goes; one that keeps none, because its condition is null, says so.
 */
import { expressionText } from '../expression-text.js'
import { literalOf } from '../literal.js'
import { nodeRule } from '../rewrite.js'

export const constantFilters = nodeRule('always-true and always-false filters', (node, note) => {
  if (node.kind !== 'filter' || node.predicate.kind !== 'literal') return node
  const { value } = node.predicate
  if (value === true) {
    note('filter true is left out')
    return node.input
  }
  if (value === false) return node
  note(`filter ${expressionText(node.predicate)} keeps nothing`)
  return Object.freeze({ ...node, predicate: literalOf(false, 'bool') })
})
