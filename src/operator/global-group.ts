/**
 * Aggregation without keys and windows has one group, which is there even when no row came: `count()` of nothing is 0.
 * Invariant: the group lives in partition 0, where the hash of no keys sends its partial rows.
 */
import { validityBytes } from '../data/column.js'
import { VALUE_BYTES } from '../data/schema.js'
import * as O from '../../assembly/portable/group-opcodes.js'
import type { AggregateLayout } from '../kernel/aggregate-layout.js'
import type { ArenaScope } from '../kernel/arena.js'
import type { KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { AggregateSpec } from '../plan/node.js'

/** Whether the one group of a global aggregation is missing where it belongs. */
export function needsEmptyGroup(spec: AggregateSpec, numRows: number, partitionIndex: number): boolean {
  return spec.keys.length === 0 && spec.window === null && partitionIndex === 0 && numRows === 0
}

/** A partial row that has seen nothing: counts 0, all else null. */
export function emptyGroupRow(set: KernelSet, scope: ArenaScope, layout: AggregateLayout): KernelColumns {
  const columns = layout.states.flatMap(state => state.fields).map(({ type, bit }) => ({
    type,
    values: scope.allocateZeroed(VALUE_BYTES[type]),
    validity: bit === O.NO_BIT ? 0 : scope.allocateZeroed(validityBytes(1)),
  }))
  return { schema: layout.partialSchema, numRows: 1, columns }
}
