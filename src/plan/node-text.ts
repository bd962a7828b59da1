/**
 * Plan nodes as text, one line each, for `explain` and for what the optimizer's rules say.
 */
import type { Schema } from '../data/schema.js'
import { aggregateText, expressionText, joinText, keysText, namedText } from './expression-text.js'
import type { AggregateSpec, PlanNode } from './node.js'

/** One node as one line, without its inputs. */
export function nodeText(node: PlanNode): string {
  switch (node.kind) {
    case 'source': return `source ${node.name} as ${node.format}: ${schemaText(node.schema)}`
    case 'project': return `project ${node.columns.map(namedText).join(', ')}`
    case 'filter': return `filter ${expressionText(node.predicate)}`
    case 'union': return 'union'
    case 'sample': return `sample ${node.fraction}, seed ${node.seed}`
    case 'limit': return `limit ${node.rows}`
    case 'watermark': {
      const idle = node.idleTimeoutMs === null ? '' : `, idle after ${node.idleTimeoutMs} ms`
      return `watermark ${node.watermarkId} on ${node.column}, delay ${node.delayMs} ms${idle}`
    }
    case 'join': return joinText(node.join)
    case 'aggregate': return specText(node.aggregate)
    case 'lateRows': return 'late rows of'
  }
}

/** `sensor utf8, at timestamp`. */
export function schemaText(schema: Schema): string {
  return schema.map(({ name, type }) => `${name} ${type}`).join(', ')
}

/** `aggregate avg(value) as mean by sensor, tumbling(at, 1000 ms) as window; closes by watermark 0`. */
export function specText(spec: AggregateSpec): string {
  const keys = keysText(spec)
  const lag = spec.watermarkLagMs === 0 ? '' : ` less ${spec.watermarkLagMs} ms`
  const closing = spec.watermarkIds.length === 0 ? '' : `; closes by watermark ${spec.watermarkIds.join(' and ')}${lag}`
  const scope = spec.scope === 'batch' ? '; each batch by itself' : ''
  return `aggregate ${spec.aggregates.map(aggregateText).join(', ')}${keys ? ` by ${keys}` : ''}${closing}${scope}`
}
