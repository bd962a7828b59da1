/**
 * Rule: conditions on the stream's own columns are checked before a join with a table, so that only rows that can come out are
 * looked up. What a condition says of the table's columns is checked after it.
 */
import { columnsOf } from '../columns-read.js'
import { expressionText } from '../expression-text.js'
import type { Expression } from '../expression.js'
import { callOf } from '../function-table.js'
import type { FilterNode, JoinNode, PlanNode } from '../node.js'
import { nodeRule, withInputs } from '../rewrite.js'

export const joinPushDown = nodeRule('join push-down', (node, note) => {
  if (node.kind !== 'filter' || node.input.kind !== 'join') return node
  const pushed = push(node, node.input)
  if (!pushed) return node
  note(`filter ${expressionText(pushed.below)} moves below join with table ${node.input.join.table.name}`)
  return pushed.node
})

function push(filter: FilterNode, joined: JoinNode): { readonly node: PlanNode; readonly below: Expression } | null {
  const given = new Set(joined.join.columns.map(({ name }) => name))
  const readsTable = (part: Expression): boolean => [...columnsOf([part])].some(name => given.has(name))
  const parts = conjunctsOf(filter.predicate)
  const own = parts.filter(part => !readsTable(part))
  if (own.length === 0) return null
  const below = conjunction(own)
  const filtered: FilterNode = Object.freeze({ ...filter, predicate: below, input: joined.input, schema: joined.input.schema })
  const node = withInputs(joined, [filtered])
  const rest = parts.filter(readsTable)
  if (rest.length === 0) return { node, below }
  return { node: Object.freeze({ ...filter, predicate: conjunction(rest), input: node, schema: node.schema }), below }
}

/** A filter keeps a row if every part is true, whatever the order. */
function conjunctsOf(predicate: Expression): readonly Expression[] {
  return predicate.kind === 'call' && predicate.fn === 'and' ? predicate.args.flatMap(conjunctsOf) : [predicate]
}

function conjunction(parts: readonly Expression[]): Expression {
  return parts.reduce((all, part) => callOf('and', [all, part]))
}
