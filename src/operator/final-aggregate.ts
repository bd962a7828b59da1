/**
 * The final half of an aggregation: which groups of a state come out in a batch, and which are removed.
 * append: windows that closed, once. update: what this batch touched and was not closed before. complete: all, and all is kept.
 * Scope `batch`: all groups of the batch. Rows are ordered by window, then by first appearance; without a window by first
 * appearance.
 */
import type { ArenaScope } from '../kernel/arena.js'
import type { RowSource } from '../kernel/group-reader.js'
import type { KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { isDeadPane } from '../plan/pane.js'
import type { OperatorWatermarks } from '../plan/task.js'
import type { ColumnarStateStore } from '../state/columnar-state-store.js'
import { isEmittedWindow, isOnlyTouched, type EmissionRange, type FinalAggregate } from './emission.js'
import { needsEmptyGroup } from './global-group.js'
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
  if (needsEmptyGroup(spec, store.numRows, batch.partitionIndex)) store.mergeEmptyGroup()
  const range: EmissionRange = { closedToMs: store.closedToMs ?? lateWatermarkMs, closeToMs: closeWatermarkMs }
  const emitted = emit(set, scope, operator, store, range)
  store.closedToMs = closeWatermarkMs
  const isAllKept = spec.scope === 'batch' || operator.mode === 'complete'
  const { window } = spec
  if (window && !isAllKept) store.panes.remove(paneMs => isDeadPane(paneMs, window, closeWatermarkMs))
  return emitted
}

function emit(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore, range: EmissionRange,
): { readonly rows: KernelColumns; readonly overflows: number } {
  const { window } = operator.spec
  if (!window || window.sizeMs === window.slideMs) {
    return operator.reader.read(set, scope, panesToEmit(scope, operator, store, range))
  }
  const windows = windowsToEmit(set, scope, operator, store, range)
  const emitted = operator.reader.read(set, scope, windows)
  for (const { table } of windows) table.free()
  return emitted
}

/** Where windows do not overlap, a window is its one pane; without windows there is one. */
function panesToEmit(
  scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore, range: EmissionRange,
): RowSource[] {
  const sizeMs = operator.spec.window?.sizeMs
  const isPart = isOnlyTouched(operator)
  return store.panes.tables
    .filter(({ paneMs }) => sizeMs === undefined || isEmittedWindow(operator, paneMs + sizeMs, range))
    .map(table => ({ table, list: isPart ? table.takeTouched(scope) : table.all(), startMs: table.paneMs }))
}
