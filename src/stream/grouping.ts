/**
 * From keys and aggregates to an aggregate node: where windows, watermarks and output schemas come together.
 * Invariant: an aggregation closes windows only over event time that reaches it unchanged, and only takes rows that are final.
 */
import { invalid } from '../plan/invalid.js'
import type { AggregateCall, Expression } from '../plan/expression.js'
import { eventTimeOf, type EventTime } from '../plan/lineage.js'
import type { AggregateNode, AggregateSpec, PlanNode, WindowSpec } from '../plan/node.js'
import { requireFinalRows } from '../plan/output-mode.js'
import type { Pipeline } from './pipeline.js'
import { checkedSchema, type KeyList } from './typed-row.js'

/** The keys of the whole stream as one group. */
export const NO_KEYS: KeyList = Object.freeze({ keys: Object.freeze([]), window: null, schema: Object.freeze([]) })

interface AggregationRequest {
  readonly pipeline: Pipeline
  readonly input: PlanNode
  readonly verb: string
  readonly scope: AggregateSpec['scope']
  readonly keys: KeyList
  readonly aggregates: readonly AggregateCall[]
}

export function aggregateNode({ pipeline, input, verb, scope, keys, aggregates }: AggregationRequest): AggregateNode {
  requireFinalRows(input, verb)
  const { window } = keys
  if (window && scope === 'batch') {
    throw invalid(
      `${verb} works on each batch by itself, so '${window.name}' cannot be a window; write groupBy(…).aggregate(…) for windows.`
    )
  }
  const time = window ? eventTimeOf(input, window.time) : null
  const outputSchema = checkedSchema([...keys.schema, ...aggregates.map(({ name, type }) => ({ name, type }))], verb)
  const aggregate: AggregateSpec = Object.freeze({
    operatorId: pipeline.nextOperatorId(),
    keys: Object.freeze(keys.keys),
    window,
    aggregates: Object.freeze(aggregates),
    scope,
    outputSchema,
    watermarkIds: time?.watermarkIds ?? Object.freeze([]),
    watermarkLagMs: time && window ? lagOf(time, window) : 0,
  })
  return pipeline.node('aggregate', { input, aggregate, schema: outputSchema })
}

/**
 * How far window ends of this aggregation lie behind the watermark. Starts of earlier windows are multiples of their slide: if
 * ours end on that grid, the last start before an end lies one slide before it, and we may close that much sooner.
 */
function lagOf(time: EventTime, window: WindowSpec): number {
  const grid = time.window
  const onGrid = grid !== null && window.slideMs % grid.slideMs === 0 && window.sizeMs % grid.slideMs === 0 &&
    (window.offsetMs - grid.offsetMs) % grid.slideMs === 0
  return onGrid ? time.lagMs - grid.slideMs : time.lagMs
}

/**
 * A window that was grouped before, as a key again: windows of its size over its starts are the same groups. null: it is no event
 * time any more, and the pair of timestamps is a key like any other.
 * @throws MillraceError INVALID_PIPELINE for a sliding window, whose starts lie closer together than its size.
 */
export function regroupedWindow(input: PlanNode, name: string, start: Expression): WindowSpec | null {
  const grid = eventTimeOf(input, start)?.window
  if (!grid) return null
  if (grid.sizeMs === grid.slideMs) return Object.freeze({ name, time: start, ...grid })
  throw invalid(
    `groupBy: '${name}' is a sliding window of an earlier aggregation; group by its start: ` +
    `tumbling(r.${name}.start, ${grid.slideMs}).`)
}
