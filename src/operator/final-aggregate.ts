/**
 * The final half of an aggregation: which groups of a state come out in a batch, and which are removed.
 * append: windows that closed, once. update: what this batch touched and was not closed before. complete: all, and all is kept.
 * Scope `batch`: all groups of the batch. Rows are ordered by window, then by first appearance; without a window by first
 * appearance.
 */
import type { ArenaScope } from '../kernel/arena.js'
import type { RowSource } from '../kernel/group-reader.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { isDeadPane } from '../plan/pane.js'
import type { OperatorWatermarks } from '../plan/task.js'
import type { ColumnarStateStore } from '../state/columnar-state-store.js'
import { isEmittedWindow, isOnlyTouched, type EmissionRange, type FinalAggregate } from './emission.js'
import { needsEmptyGroup } from './global-group.js'
import { windowsToEmit } from './window-merge.js'

const NO_WATERMARKS: OperatorWatermarks = { lateWatermarkMs: -Infinity, closeWatermarkMs: -Infinity }

/** What a batch gives of a state: to be read, then ended, before the store is committed and the text of the rows goes. */
export interface Emission {
  /** The rows, where they lie; their text is the store's. */
  readonly sources: readonly RowSource[]
  /** Frees what was made for it, and removes the panes that are dead. */
  readonly end: () => void
}

/** The rows to emit of an open store into which the batch's partial rows were merged. */
export function groupsToEmit(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore,
  batch: { readonly partitionIndex: number; readonly watermarks: OperatorWatermarks | undefined },
): Emission {
  const { spec, mode } = operator
  const { window } = spec
  const { lateWatermarkMs, closeWatermarkMs } = batch.watermarks ?? NO_WATERMARKS
  if (needsEmptyGroup(spec, store.numRows, batch.partitionIndex)) store.mergeEmptyGroup()
  const range: EmissionRange = { closedToMs: store.closedToMs ?? lateWatermarkMs, closeToMs: closeWatermarkMs }
  const isMerged = window !== null && window.sizeMs !== window.slideMs
  const sources = isMerged ? windowsToEmit(set, scope, operator, store, range) : panesToEmit(scope, operator, store, range)
  const isAllKept = spec.scope === 'batch' || mode === 'complete'
  return {
    sources,
    end: () => {
      if (isMerged) for (const { table } of sources) table.free()
      store.closedToMs = closeWatermarkMs
      if (window && !isAllKept) store.panes.remove(paneMs => isDeadPane(paneMs, window, closeWatermarkMs))
    },
  }
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
