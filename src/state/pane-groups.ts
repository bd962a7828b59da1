/**
 * The panes of a state: its groups by pane, and the removal of panes that no open window covers.
 * Invariant: within a pane groups keep the order in which their keys first appeared.
 */
import type { GroupTable } from '../kernel/group-table.js'
import type { WindowSpec } from '../plan/node.js'
import { isDeadPane } from '../plan/pane.js'
import type { ColumnarStateStore } from './columnar-state-store.js'

/** The groups of a pane. */
export type PaneGroups = readonly [paneMs: number, ids: readonly number[]]

/** All groups by pane, panes ascending. */
export function panesOf(table: GroupTable): readonly PaneGroups[] {
  const byPane = new Map<number, number[]>()
  table.panes().forEach((paneMs, id) => {
    const ids = byPane.get(paneMs)
    if (ids) ids.push(id)
    else byPane.set(paneMs, [id])
  })
  return [...byPane].sort(([a], [b]) => a - b)
}

/** Removes the groups of panes whose last window is closed. */
export function removeDeadPanes(store: ColumnarStateStore, window: WindowSpec, closeWatermarkMs: number): void {
  const panes = store.table.panes()
  const isDead = new Map<number, boolean>()
  for (const paneMs of panes) if (!isDead.has(paneMs)) isDead.set(paneMs, isDeadPane(paneMs, window, closeWatermarkMs))
  const alive: number[] = []
  panes.forEach((paneMs, id) => { if (!isDead.get(paneMs)) alive.push(id) })
  store.keep(Uint32Array.from(alive))
}
