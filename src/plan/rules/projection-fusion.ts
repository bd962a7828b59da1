/**
 * Rule: a projection over a projection becomes one, and a projection that changes nothing goes.
 */
import { namedText } from '../expression-text.js'
import type { PlanNode, ProjectNode } from '../node.js'
import { nodeRule } from '../rewrite.js'
import { isSmall, substituted } from './substitution.js'

export const projectionFusion = nodeRule('projection fusion', (node, note) => {
  if (node.kind !== 'project') return node
  if (isIdentity(node)) {
    note(`project ${node.columns.map(namedText).join(', ')} changes nothing`)
    return node.input
  }
  return node.input.kind === 'project' ? fused(node, node.input, note) : node
})

/** Same columns under the same names, in the same order. */
function isIdentity({ columns, schema, input }: ProjectNode): boolean {
  return columns.length === input.schema.length && columns.every(({ name, expression }, i) => {
    const field = input.schema[i]!
    const part = schema[i]!.part
    return expression.kind === 'column' && expression.name === name && field.name === name &&
      field.part?.of === part?.of && field.part?.as === part?.as
  })
}

function fused(outer: ProjectNode, inner: ProjectNode, note: (change: string) => void): PlanNode {
  const columns = outer.columns.map(({ name, expression }) =>
    Object.freeze({ name, expression: substituted(expression, inner.columns) }))
  if (!columns.every(({ expression }) => isSmall(expression))) return outer
  note(`two projections become project ${columns.map(namedText).join(', ')}`)
  return Object.freeze({ ...outer, input: inner.input, columns: Object.freeze(columns) })
}
