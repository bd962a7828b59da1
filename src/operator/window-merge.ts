/**
 * Sliding windows: which come out of a state, and their panes merged into a table of each.
 * Invariant: windows ascend; each merges its panes in one order and nesting that the panes alone decide, so floats add up to the
 * same bits whatever was merged before, and however the rest of the data was cut.
 */
import type { ArenaScope } from '../kernel/arena.js'
import type { RowSource } from '../kernel/group-reader.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { RowTable, type RowList } from '../kernel/row-table.js'
import type { ColumnarStateStore } from '../state/columnar-state-store.js'
import { firstWindowOver, lowerBound, paneGridOf, paneNumber, windowStartMs, type PaneGrid } from '../state/pane-grid.js'
import { WindowStacks, type NumberedPanes } from '../state/window-stacks.js'
import { isEmittedWindow, isOnlyTouched, type EmissionRange, type FinalAggregate } from './emission.js'

/** Up to so many panes a window is cheaper merged anew each time. */
const REMERGED_PANES_MAX = 6

/** The windows of a batch, ascending, with the rows to emit of each. The caller frees the tables; their text is the store's. */
export function windowsToEmit(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore, range: EmissionRange,
): RowSource[] {
  const grid = paneGridOf(operator.spec.window!)
  const { tables } = store.panes
  const numbers = tables.map(({ paneMs }) => paneNumber(grid, paneMs))
  const windows = windowsDue(operator, grid, numbers, range)
  if (windows.length === 0) return []
  if (isOnlyTouched(operator)) return touchedWindows(set, scope, operator, store, { grid, windows, numbers })
  const merged = mergeWindows(set, operator, store, grid, windows, { numbers, tables, rowsOf: table => table.all() })
  return merged.map((table, i) => ({ table, list: table.all(), startMs: windowStartMs(grid, windows[i]!) }))
}

/** Windows that may come out and have rows, ascending. */
function windowsDue(
  operator: FinalAggregate, grid: PaneGrid, numbers: readonly number[], { closedToMs, closeToMs }: EmissionRange,
): number[] {
  const { sizeMs, slideMs, offsetMs } = grid.window
  const due: number[] = []
  if (numbers.length === 0) return due
  const last = Math.floor(numbers.at(-1)! / grid.step)
  const isEmitted = (k: number): boolean =>
    isEmittedWindow(operator, windowStartMs(grid, k) + sizeMs, { closedToMs, closeToMs })
  let k = firstWindowOver(grid, numbers[0]!)
  // The first window that is not closed already, or one before it; complete mode emits those too.
  if (!isEmitted(k)) k = Math.max(k, Math.floor((closedToMs - sizeMs - offsetMs) / slideMs))
  while (k <= last) {
    const pane = numbers[lowerBound(numbers, k * grid.step)]
    if (pane === undefined) break
    if (pane >= k * grid.step + grid.width) {
      k = firstWindowOver(grid, pane)
      continue
    }
    if (isEmitted(k)) due.push(k)
    else if (due.length > 0 || windowStartMs(grid, k) + sizeMs > closeToMs) break
    k++
  }
  return due
}

/** A table for each window. */
function mergeWindows(
  set: KernelSet, operator: FinalAggregate, store: ColumnarStateStore, grid: PaneGrid, windows: readonly number[],
  panes: NumberedPanes,
): RowTable[] {
  if (grid.width <= REMERGED_PANES_MAX) return windows.map(k => remerge(set, store, grid, panes, k))
  const kept = operator.twoStacks && operator.mode === 'append' ? keptStacks(set, store, grid, panes) : null
  const stacks = kept ?? new WindowStacks(set, store.shape, store.text, grid)
  const tables = windows.map(k => {
    const table = stacks.window(k, panes)
    if (!operator.twoStacks) stacks.clear()
    return table
  })
  if (!kept) stacks.clear()
  return tables
}

/** Where a window comes out once, what it was merged of serves the next one: in this batch or a later one. */
function keptStacks(set: KernelSet, store: ColumnarStateStore, grid: PaneGrid, { numbers, tables }: NumberedPanes): WindowStacks {
  const stacks = store.windows ??= new WindowStacks(set, store.shape, store.text, grid)
  tables.forEach((table, i) => {
    if (!table.isTouched) return
    stacks.changed(numbers[i]!)
    table.forgetTouched()
  })
  return stacks
}

function remerge(set: KernelSet, { shape, text }: ColumnarStateStore, grid: PaneGrid, panes: NumberedPanes, k: number): RowTable {
  const { numbers, tables, rowsOf } = panes
  const first = lowerBound(numbers, k * grid.step)
  const end = lowerBound(numbers, k * grid.step + grid.width)
  const lists = tables.slice(first, end).map(table => [table, rowsOf(table)] as const)
  const window = new RowTable(set, shape, text, NaN, Math.max(...lists.map(([, { count }]) => count)))
  for (const [table, { numbers: rows, count }] of lists) set.kernels.mergeTable(window.ptr, shape.ptr, table.ptr, rows, count)
  return window
}

/** Windows, and the numbers of the state's panes. */
interface Due {
  readonly grid: PaneGrid
  readonly windows: readonly number[]
  readonly numbers: readonly number[]
}

/** Of the windows with touched panes the groups that were touched in them; only those groups are merged. */
function touchedWindows(
  set: KernelSet, scope: ArenaScope, operator: FinalAggregate, store: ColumnarStateStore, { grid, windows, numbers }: Due,
): RowSource[] {
  const { tables } = store.panes
  const touched = tables.flatMap((table, i) =>
    table.isTouched ? [{ pane: numbers[i]!, table, list: table.takeTouched(scope) }] : [])
  const touchedIn = (k: number): typeof touched =>
    touched.filter(({ pane }) => pane >= k * grid.step && pane < k * grid.step + grid.width)
  const due = windows.filter(k => touchedIn(k).length > 0)
  const keys = keysOf(set, store, touched)
  const found = new Map<RowTable, RowList>()
  const rowsOf = (table: RowTable): RowList => {
    const list = found.get(table) ?? findRows(set, scope, table, keys)
    found.set(table, list)
    return list
  }
  const merged = mergeWindows(set, operator, store, grid, due, { numbers, tables, rowsOf })
  const sources = merged.map((table, i): RowSource => {
    const own = touchedIn(due[i]!)
    const startMs = windowStartMs(grid, due[i]!)
    if (own.length === touched.length) return { table, list: table.all(), startMs }
    const ownKeys = keysOf(set, store, own)
    const list = findRows(set, scope, table, ownKeys)
    ownKeys.free()
    return { table, list, startMs }
  })
  keys.free()
  return sources
}

/** A table of the groups in some rows. */
function keysOf(
  set: KernelSet, { shape, text }: ColumnarStateStore, parts: readonly { readonly table: RowTable; readonly list: RowList }[],
): RowTable {
  const keys = new RowTable(set, shape, text, NaN, Math.max(0, ...parts.map(({ list }) => list.count)))
  for (const { table, list } of parts) set.kernels.mergeTable(keys.ptr, shape.ptr, table.ptr, list.numbers, list.count)
  return keys
}

/** The rows of a table whose groups another table has, ascending. */
function findRows(set: KernelSet, scope: ArenaScope, table: RowTable, keys: RowTable): RowList {
  const numbers = scope.allocate(keys.count * 4)
  const count = set.kernels.findRows(table.ptr, keys.rows, keys.count, numbers)
  set.memory.u32.subarray(numbers >>> 2, (numbers >>> 2) + count).sort()
  return { numbers, count }
}
