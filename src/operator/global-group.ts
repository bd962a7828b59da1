/**
 * Aggregation without keys and windows has one group, which is there even when no row came: `count()` of nothing is 0.
 * Invariant: the group lives in partition 0, where the hash of no keys sends its partial rows.
 */
import type { AggregateSpec } from '../plan/node.js'

/** Whether the one group of a global aggregation is missing where it belongs. */
export function needsEmptyGroup(spec: AggregateSpec, numRows: number, partitionIndex: number): boolean {
  return spec.keys.length === 0 && spec.window === null && partitionIndex === 0 && numRows === 0
}
