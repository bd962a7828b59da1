/**
 * Which columns of a result identify its rows: the keys of the aggregation that it comes from, under the names that they have
 * now. `toTable` puts updated rows by them.
 */
import type { Field } from '../data/schema.js'
import { canMultiply } from '../plan/join.js'
import type { PlanNode } from '../plan/node.js'

/** Names as rows have them (a window is one), or null where rows have no keys or a key was lost on the way. */
export function resultKeys(node: PlanNode): readonly string[] | null {
  switch (node.kind) {
    case 'aggregate': {
      const { keys, window } = node.aggregate
      const isWindow = ({ part }: Field): boolean => part !== undefined && part.of === window?.name
      const isKey = (field: Field): boolean => isWindow(field) || keys.some(key => key.name === field.name)
      return [...new Set(node.schema.filter(isKey).map(({ name, part }) => part?.of ?? name))]
    }
    case 'project': {
      const below = resultKeys(node.input)
      if (!below) return null
      const renamed = below.map(key => nameAbove(key, node))
      return renamed.every(name => name !== null) ? renamed : null
    }
    case 'filter': case 'sample': case 'limit': case 'watermark': return resultKeys(node.input)
    case 'join': return canMultiply(node.join) ? null : resultKeys(node.input)
    default: return null
  }
}

/** What a projection calls a column of its input; null if it does not pass it on. */
function nameAbove(key: string, node: Extract<PlanNode, { kind: 'project' }>): string | null {
  const index = node.columns.findIndex(
    ({ expression }) => expression.kind === 'column' && (expression.name === key || expression.name === `${key}.start`)
  )
  const field = node.schema[index]
  return field ? field.part?.of ?? field.name : null
}
