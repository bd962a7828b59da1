/**
 * Sliding windows: merges the panes of each window that comes out into groups of (key, window start).
 * Invariant: windows ascend, and each merges its panes in their order, so floats add up in one order whatever the batches were.
 */
import type { ArenaScope } from '../kernel/arena.js'
import { groupList, readPartialRows } from '../kernel/group-reader.js'
import { GroupTable } from '../kernel/group-table.js'
import type { KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { windowsOf } from '../plan/pane.js'
import type { ColumnarStateStore } from '../state/columnar-state-store.js'
import { panesOf } from '../state/pane-groups.js'
import { isEmittedWindow, type EmissionRange, type FinalAggregate } from './emission.js'

const TOUCHED = 1

/** Pane groups by the window that they go into, windows ascending, panes ascending in each. */
type WindowGroups = readonly (readonly [startMs: number, ids: readonly number[]])[]

/**
 * The windows of a batch as groups of a table of their own, whose pane is the window's start, and the ids of those to emit.
 * The caller frees the table; its text is the store's.
 */
export function windowsToEmit(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore, range: EmissionRange,
): { readonly table: GroupTable; readonly ids: readonly number[] } {
  const isUpdate = operator.mode === 'update' && operator.spec.scope === 'stream'
  const windows = windowGroups(operator, store, range)
  const isTouched = store.touched()
  const touched = isUpdate ? windows.map(([start, ids]) => [start, ids.filter(id => isTouched[id])] as const) : windows
  const merged = windows.filter((_, i) => touched[i]![1].length > 0)
  const table = new GroupTable(set, store.table.shape, store.text)
  store.mergeInto(table, windowRows(set, scope, store, merged))
  if (isUpdate) {
    table.stamp = TOUCHED
    store.touchIn(table, windowRows(set, scope, store, touched))
  }
  const stamps = table.stamps()
  return { table, ids: Array.from(stamps, (_, id) => id).filter(id => !isUpdate || stamps[id] === TOUCHED) }
}

function windowGroups(operator: FinalAggregate, store: ColumnarStateStore, range: EmissionRange): WindowGroups {
  const window = operator.spec.window!
  const byStart = new Map<number, number[]>()
  for (const [paneMs, ids] of panesOf(store.table)) {
    for (const startMs of windowsOf(paneMs, window)) {
      if (!isEmittedWindow(operator, startMs + window.sizeMs, range)) continue
      const groups = byStart.get(startMs)
      if (groups) for (const id of ids) groups.push(id)
      else byStart.set(startMs, [...ids])
    }
  }
  return [...byStart].sort(([a], [b]) => a - b)
}

/** Partial rows of pane groups, with the window's start in place of the pane's. */
function windowRows(set: KernelSet, scope: ArenaScope, store: ColumnarStateStore, windows: WindowGroups): KernelColumns {
  const { layout, table } = store
  const rows = readPartialRows(set, scope, layout, table, groupList(set, scope, windows.flatMap(([, ids]) => ids)))
  const starts = rows.columns[layout.keyTypes.length]!.values >>> 3
  let row = starts
  for (const [startMs, ids] of windows) {
    set.memory.f64.fill(startMs, row, row + ids.length)
    row += ids.length
  }
  return rows
}
