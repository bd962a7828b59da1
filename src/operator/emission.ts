/**
 * Which windows come out in a batch: the rules of the output modes.
 * append: those that closed since the batch before. update: those not closed before, and of them only what the batch touched.
 * complete, and aggregations of each batch by itself: all.
 */
import type { AggregateLayout } from '../kernel/aggregate-layout.js'
import type { ResultReader } from '../kernel/group-reader.js'
import type { AggregateSpec, OutputMode } from '../plan/node.js'

/** The final half of an aggregation: what stays the same from batch to batch. */
export interface FinalAggregate {
  readonly spec: AggregateSpec
  readonly layout: AggregateLayout
  readonly mode: OutputMode
  readonly reader: ResultReader
  /** Whether what windows were merged of is kept for the next ones. */
  readonly twoStacks: boolean
}

/** The batch's place in event time. */
export interface EmissionRange {
  /** Windows that end at or before it were closed in an earlier batch. */
  readonly closedToMs: number
  /** Windows that end at or before it are closed now. */
  readonly closeToMs: number
}

/** Whether a window that ends at `endMs` may come out. */
export function isEmittedWindow(
  { spec, mode }: Pick<FinalAggregate, 'spec' | 'mode'>, endMs: number, { closedToMs, closeToMs }: EmissionRange,
): boolean {
  if (spec.scope === 'batch' || mode === 'complete') return true
  return endMs > closedToMs && (mode === 'update' || endMs <= closeToMs)
}

/** Whether of the windows that come out only the groups do that the batch touched. */
export function isOnlyTouched({ spec, mode }: Pick<FinalAggregate, 'spec' | 'mode'>): boolean {
  return spec.scope === 'stream' && mode === 'update'
}
