/**
 * Rule: unions within unions become one, and projections and filters move below them, where they meet the inputs' own.
 * Watermarks, limits and samples stay above: they look at all rows together, or at their numbers.
 */
import type { PlanNode, UnionNode } from '../node.js'
import { nodeText } from '../node-text.js'
import { nodeRule, withInputs } from '../rewrite.js'

export const unionPushDown = nodeRule('union push-down', (node, note) => {
  if (node.kind === 'union') return flattened(node, note)
  if ((node.kind !== 'project' && node.kind !== 'filter') || node.input.kind !== 'union') return node
  note(`${nodeText(node)} moves below union`)
  const inputs = node.input.inputs.map(input => withInputs(node, [input]))
  return Object.freeze({ ...node.input, inputs: Object.freeze(inputs), schema: node.schema })
})

function flattened(node: UnionNode, note: (change: string) => void): PlanNode {
  if (!node.inputs.some(input => input.kind === 'union')) return node
  note('union within union becomes one')
  const inputs = node.inputs.flatMap(input => input.kind === 'union' ? input.inputs : [input])
  return Object.freeze({ ...node, inputs: Object.freeze(inputs) })
}
