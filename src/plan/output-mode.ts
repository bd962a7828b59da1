/**
 * Which output mode a plan can be run in: append (each row once, final), update (rows that changed) or complete (the whole
 * result).
 * Invariant: an aggregation that feeds another runs in append, so that what it gave is never taken back.
 */
import { invalid } from './invalid.js'
import { keysText, windowVerb } from './expression-text.js'
import type { AggregateNode, OutputMode, PlanNode } from './node.js'

export interface ResolvedMode {
  readonly mode: OutputMode
  /** Why, in words, for `explain`. */
  readonly reason: string
}

/** What stands last on the ways from the sources to a node: aggregations, and whether some way has none. */
interface LastOperators {
  readonly aggregates: readonly AggregateNode[]
  readonly hasStatelessWay: boolean
}

function lastOperators(node: PlanNode): LastOperators {
  switch (node.kind) {
    case 'source': return { aggregates: [], hasStatelessWay: true }
    case 'aggregate': return { aggregates: [node], hasStatelessWay: false }
    case 'lateRows': return lastOperators(node.input.input)
    case 'union': {
      const ways = node.inputs.map(lastOperators)
      return {
        aggregates: [...new Set(ways.flatMap(way => way.aggregates))],
        hasStatelessWay: ways.some(way => way.hasStatelessWay),
      }
    }
    default: return lastOperators(node.input)
  }
}

function isPerBatch(node: AggregateNode): boolean {
  return node.aggregate.scope === 'batch'
}

function canAppend(node: AggregateNode): boolean {
  return isPerBatch(node) || (node.aggregate.window !== null && node.aggregate.watermarkIds.length > 0)
}

/** `groupBy(sensor, tumbling(at, 1000 ms) as window)`, as messages name an aggregation. */
export function aggregateTitle(node: AggregateNode): string {
  const keys = keysText(node.aggregate)
  return keys ? `groupBy(${keys})` : 'aggregate over the whole stream'
}

function whyNotAppend(node: AggregateNode): string {
  const { window } = node.aggregate
  if (!window) return `${aggregateTitle(node)} has no window, so its rows are never final`
  return `${aggregateTitle(node)} has no watermark, so its windows never close; declare one before it: ` +
    `stream.withWatermark('column', '2 s'), and pass that column to ${windowVerb(window)}() unchanged`
}

/**
 * The mode that an output runs in, and why: what was asked, else append where the plan can, else update.
 * @throws MillraceError INVALID_PIPELINE when the plan cannot run in the mode that was asked.
 */
export function resolveMode(node: PlanNode, asked: OutputMode | null, what: string): ResolvedMode {
  const { aggregates, hasStatelessWay } = lastOperators(node)
  const open = aggregates.find(aggregate => !canAppend(aggregate))
  if (asked === 'append' && open) {
    throw invalid(`${what}: mode 'append' is not possible: ${whyNotAppend(open)}. Or use mode 'update' or 'complete'.`)
  }
  if (asked === 'complete') requireKept(aggregates, hasStatelessWay, what)
  if (asked) return { mode: asked, reason: 'asked for' }
  if (open) return { mode: 'update', reason: `append is not possible: ${whyNotAppend(open)}` }
  if (aggregates.length === 0) return { mode: 'append', reason: 'no aggregation: each row comes out once' }
  if (aggregates.every(isPerBatch)) return { mode: 'append', reason: 'each batch is aggregated by itself' }
  return { mode: 'append', reason: 'windows close by the watermark, each comes out once' }
}

function requireKept(aggregates: readonly AggregateNode[], hasStatelessWay: boolean, what: string): void {
  const perBatch = aggregates.find(isPerBatch)
  if (!hasStatelessWay && !perBatch) return
  const why = perBatch
    ? `${aggregateTitle(perBatch)} works on each batch by itself and keeps nothing`
    : 'rows reach this output that were not aggregated, and they are not kept'
  throw invalid(`${what}: mode 'complete' is not possible: ${why}. Use mode 'append' or 'update'.`)
}

/**
 * Checks that rows of `node` may be aggregated: aggregations below it must be able to run in append.
 * @throws MillraceError INVALID_PIPELINE naming the one that cannot.
 */
export function requireFinalRows(node: PlanNode, what: string): void {
  const open = lastOperators(node).aggregates.find(aggregate => !canAppend(aggregate))
  if (!open) return
  throw invalid(
    `${what} needs final rows from the aggregation below it (mode append): ${whyNotAppend(open)}.`)
}
