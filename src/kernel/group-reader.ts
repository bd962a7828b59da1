/**
 * From groups to columns: partial rows for shuffles and snapshots, final rows for results.
 * Invariant: row i is group `ids[i]`; the columns' text is in the table's text table and their memory belongs to the scope.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import { validityBytes } from '../data/column.js'
import { VALUE_BYTES, type ColumnType, type Field } from '../data/schema.js'
import type { AggregateSpec } from '../plan/node.js'
import type { AggregateLayout } from './aggregate-layout.js'
import { readOf } from './aggregate-layout.js'
import type { ArenaScope } from './arena.js'
import type { GroupList, GroupTable } from './group-table.js'
import type { KernelColumn, KernelColumns } from './kernel-columns.js'
import type { KernelSet } from './kernel-set.js'

const WORD_BYTES = 8

/** What one column reads. */
interface Reading {
  readonly type: ColumnType
  readonly area: typeof O.READ_KEYS | typeof O.READ_STATES
  readonly kind: number
  readonly offset: number
  readonly bit: number
}

/** Lays a list of group ids into the scope's memory. */
export function groupList(set: KernelSet, scope: ArenaScope, ids: ArrayLike<number>): GroupList {
  const ptr = scope.allocate(ids.length * 4)
  set.memory.u32.set(ids, ptr >>> 2)
  return { ids: ptr, count: ids.length }
}

/** The ids 0 … count − 1. */
export function allGroups(set: KernelSet, scope: ArenaScope, table: GroupTable): GroupList {
  return groupList(set, scope, Uint32Array.from({ length: table.count }, (_, id) => id))
}

/** Once all rows of a task are in its table: brings states into the form in which they travel. */
export function finishStates(set: KernelSet, layout: AggregateLayout, table: GroupTable): void {
  for (const { finalRead, offset } of layout.states) {
    if (finalRead >= O.READ_VARIANCE) set.kernels.finishVariance(table.ptr, offset)
  }
}

/** Groups as rows of the layout's partial schema. Their states must be finished. */
export function readPartialRows(
  set: KernelSet, scope: ArenaScope, layout: AggregateLayout, table: GroupTable, groups: GroupList,
): KernelColumns {
  const keys = layout.keyTypes.map((type, index) => keyReading(type, index))
  const pane = layout.hasPane ? [paneReading(layout)] : []
  const fields = layout.states.flatMap(state => state.fields.map(({ type, read, offset, bit }): Reading =>
    ({ type, area: O.READ_STATES, kind: read, offset, bit })))
  const columns = [...keys, ...pane, ...fields].map(reading => readColumn(set, scope, table, groups, reading))
  return { schema: layout.partialSchema, numRows: groups.count, columns }
}

/**
 * Groups as rows of the spec's output schema: keys, the window that each pane is, final values. Sums that do not fit are null
 * and counted by the table.
 */
export function readFinalRows(
  set: KernelSet, scope: ArenaScope, { spec, layout }: { spec: AggregateSpec; layout: AggregateLayout }, table: GroupTable,
  groups: GroupList,
): KernelColumns {
  const columns = spec.outputSchema.map((field): KernelColumn => {
    const column = readColumn(set, scope, table, groups, finalReading(spec, layout, field))
    if (field.part?.as === 'end') addToAll(set, column, groups.count, spec.window!.sizeMs)
    return column
  })
  return { schema: spec.outputSchema, numRows: groups.count, columns }
}

function finalReading(spec: AggregateSpec, layout: AggregateLayout, field: Field): Reading {
  if (field.part && field.part.of === spec.window?.name) return paneReading(layout)
  const key = spec.keys.findIndex(({ name }) => name === field.name)
  if (key >= 0) return keyReading(field.type, key)
  const { offset, bit, finalRead, fields } = layout.states.find(({ call }) => call.name === field.name)!
  const isNullable = fields[0]!.bit !== O.NO_BIT
  return { type: field.type, area: O.READ_STATES, kind: finalRead, offset, bit: isNullable ? bit : O.NO_BIT }
}

function keyReading(type: ColumnType, index: number): Reading {
  return { type, area: O.READ_KEYS, kind: readOf(type), offset: (1 + index) * WORD_BYTES, bit: index }
}

function paneReading({ keyTypes }: AggregateLayout): Reading {
  return { type: 'timestamp', area: O.READ_KEYS, kind: O.READ_F64, offset: (1 + keyTypes.length) * WORD_BYTES, bit: O.NO_BIT }
}

function readColumn(
  set: KernelSet, scope: ArenaScope, table: GroupTable, { ids, count }: GroupList, reading: Reading,
): KernelColumn {
  const values = scope.allocate(count * VALUE_BYTES[reading.type])
  const validity = scope.allocate(validityBytes(count))
  const { area, kind, offset, bit, type } = reading
  const numNulls = set.kernels.readGroups(table.ptr, area, kind, offset, bit, ids, count, values, validity)
  return { type, values, validity: numNulls > 0 ? validity : 0 }
}

function addToAll(set: KernelSet, { values }: KernelColumn, n: number, addend: number): void {
  const all = set.memory.f64.subarray(values >>> 3, (values >>> 3) + n)
  for (let i = 0; i < n; i++) all[i]! += addend
}
