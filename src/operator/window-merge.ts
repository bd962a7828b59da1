/**
 * Sliding windows: merges the panes of each window that comes out into a table of its own.
 * Invariant: windows ascend, and each merges its panes in their order, so floats add up in one order whatever the batches were.
 */
import { ArenaScope } from '../kernel/arena.js'
import type { RowSource } from '../kernel/group-reader.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { RowTable, type RowList } from '../kernel/row-table.js'
import { windowsOf } from '../plan/pane.js'
import type { ColumnarStateStore } from '../state/columnar-state-store.js'
import { isEmittedWindow, isOnlyTouched, type EmissionRange, type FinalAggregate } from './emission.js'

/** Panes of a window, ascending. */
type WindowPanes = readonly [startMs: number, panes: readonly RowTable[]]

/** The windows of a batch, ascending, with the rows to emit of each. The caller frees the tables; their text is the store's. */
export function windowsToEmit(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore, range: EmissionRange,
): RowSource[] {
  const windows = windowPanes(operator, store, range)
  if (!isOnlyTouched(operator)) {
    return windows.map(([startMs, panes]) => {
      const table = mergePanes(set, store, startMs, panes)
      return { table, list: table.all() }
    })
  }
  const touched = new Map(store.panes.tables.filter(table => table.isTouched).map(table => [table, table.takeTouched(scope)]))
  return windows.filter(([, panes]) => panes.some(pane => touched.has(pane))).map(([startMs, panes]) => {
    const table = mergePanes(set, store, startMs, panes)
    return { table, list: touchedIn(set, scope, store, table, panes, touched) }
  })
}

function windowPanes(operator: FinalAggregate, store: ColumnarStateStore, range: EmissionRange): WindowPanes[] {
  const window = operator.spec.window!
  const byStart = new Map<number, RowTable[]>()
  for (const table of store.panes.tables) {
    for (const startMs of windowsOf(table.paneMs, window)) {
      if (!isEmittedWindow(operator, startMs + window.sizeMs, range)) continue
      const panes = byStart.get(startMs)
      if (panes) panes.push(table)
      else byStart.set(startMs, [table])
    }
  }
  return [...byStart].sort(([a], [b]) => a - b)
}

function mergePanes(set: KernelSet, store: ColumnarStateStore, startMs: number, panes: readonly RowTable[]): RowTable {
  const { shape, text } = store
  const table = new RowTable(set, shape, text, startMs, Math.max(...panes.map(pane => pane.count)))
  for (const pane of panes) set.kernels.mergeTable(table.ptr, shape.ptr, pane.ptr, 0, pane.count)
  return table
}

/** The rows of a window whose groups were touched in one of its panes, ascending. */
function touchedIn(
  set: KernelSet, scope: ArenaScope, { shape, text }: ColumnarStateStore, window: RowTable, panes: readonly RowTable[],
  touched: ReadonlyMap<RowTable, RowList>,
): RowList {
  const keys = new RowTable(set, shape, text, window.paneMs)
  for (const pane of panes) {
    const list = touched.get(pane)
    if (list) set.kernels.mergeTable(keys.ptr, shape.ptr, pane.ptr, list.numbers, list.count)
  }
  const numbers = scope.allocate(keys.count * 4)
  const count = set.kernels.findRows(window.ptr, keys.rows, keys.count, numbers)
  keys.free()
  set.memory.u32.subarray(numbers >>> 2, (numbers >>> 2) + count).sort()
  return { numbers, count }
}
