/**
 * Rule: filters move below projections, towards the source stage, so that less is computed of rows that are not wanted.
 * A filter never moves below a watermark (the rows it drops move the watermark all the same), a limit, a sample or an
 * aggregation.
 */
import { expressionText } from '../expression-text.js'
import type { FilterNode, PlanNode, ProjectNode } from '../node.js'
import { nodeRule, withInputs } from '../rewrite.js'
import { isSmall, substituted } from './substitution.js'

export const filterPushDown = nodeRule('filter push-down', (node, note) => {
  if (node.kind !== 'filter' || node.input.kind !== 'project') return node
  const pushed = push(node, node.input)
  if (!pushed) return node
  note(`filter ${expressionText(node.predicate)} moves below project`)
  return pushed
})

function push(filter: FilterNode, project: ProjectNode): PlanNode | null {
  const predicate = substituted(filter.predicate, project.columns)
  if (!isSmall(predicate)) return null
  const below: FilterNode = Object.freeze({ ...filter, predicate, input: project.input, schema: project.input.schema })
  return withInputs(project, [below])
}
