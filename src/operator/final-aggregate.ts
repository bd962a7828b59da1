/**
 * The final half of an aggregation: which groups of a state come out in a batch, and which are removed.
 * append: windows that closed, once. update: what this batch touched and was not closed before. complete: all, and all is kept.
 * Scope `batch`: all groups of the batch. Rows are ordered by window, then by first appearance; without a window by first
 * appearance.
 */
import type { ArenaScope } from '../kernel/arena.js'
import { groupList, readFinalRows } from '../kernel/group-reader.js'
import type { GroupTable } from '../kernel/group-table.js'
import type { KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { OperatorWatermarks } from '../plan/task.js'
import type { ColumnarStateStore } from '../state/columnar-state-store.js'
import { panesOf, removeDeadPanes } from '../state/pane-groups.js'
import { isEmittedWindow, type EmissionRange, type FinalAggregate } from './emission.js'
import { emptyGroupRow, needsEmptyGroup } from './global-group.js'
import { windowsToEmit } from './window-merge.js'

const NO_WATERMARKS: OperatorWatermarks = { lateWatermarkMs: -Infinity, closeWatermarkMs: -Infinity }

/**
 * Ends a batch in an open store into which the batch's partial rows were merged: gives the rows to emit, in the scope's
 * memory with text of `store.text`, and removes the panes that are dead. To be followed by `store.commit()`, when the rows'
 * text is no longer needed.
 */
export function emitGroups(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore,
  batch: { readonly partitionIndex: number; readonly watermarks: OperatorWatermarks | undefined },
): { readonly rows: KernelColumns; readonly overflows: number } {
  const { spec } = operator
  const { lateWatermarkMs, closeWatermarkMs } = batch.watermarks ?? NO_WATERMARKS
  if (needsEmptyGroup(spec, store.numRows, batch.partitionIndex)) store.mergeColumns(emptyGroupRow(set, scope, store.layout))
  const range: EmissionRange = { closedToMs: store.closedToMs ?? lateWatermarkMs, closeToMs: closeWatermarkMs }
  const emitted = emit(set, scope, operator, store, range)
  store.closedToMs = closeWatermarkMs
  const isAllKept = spec.scope === 'batch' || operator.mode === 'complete'
  if (spec.window && !isAllKept) removeDeadPanes(store, spec.window, closeWatermarkMs)
  return emitted
}

function emit(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore, range: EmissionRange,
): { readonly rows: KernelColumns; readonly overflows: number } {
  const { window } = operator.spec
  if (!window) return read(set, scope, operator, store.table, groupsToEmit(operator, store))
  if (window.sizeMs === window.slideMs) return read(set, scope, operator, store.table, tumblingToEmit(operator, store, range))
  const windows = windowsToEmit(set, scope, operator, store, range)
  const emitted = read(set, scope, operator, windows.table, windows.ids)
  windows.table.free()
  return emitted
}

function read(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, table: GroupTable, ids: ArrayLike<number>,
): { readonly rows: KernelColumns; readonly overflows: number } {
  const before = table.overflows
  const rows = readFinalRows(set, scope, operator, table, groupList(set, scope, ids))
  return { rows, overflows: table.overflows - before }
}

function groupsToEmit({ spec, mode }: FinalAggregate, store: ColumnarStateStore): number[] {
  const all = Array.from({ length: store.numRows }, (_, id) => id)
  if (spec.scope === 'batch' || mode !== 'update') return all
  const touched = store.touched()
  return all.filter(id => touched[id])
}

/** Where windows do not overlap, a window is its one pane. */
function tumblingToEmit({ spec, mode }: FinalAggregate, store: ColumnarStateStore, range: EmissionRange): number[] {
  const { sizeMs } = spec.window!
  const isOnlyTouched = spec.scope === 'stream' && mode === 'update'
  const touched = isOnlyTouched ? store.touched() : null
  return panesOf(store.table)
    .filter(([paneMs]) => isEmittedWindow({ spec, mode }, paneMs + sizeMs, range))
    .flatMap(([, ids]) => touched ? ids.filter(id => touched[id]) : ids)
}
