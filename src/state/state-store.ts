/**
 * The contract of a state store: what one stateful operator keeps of one partition from batch to batch.
 * Life of a version: `open(N)` → updates → `commit()`. There is no undo: if anything fails in between, the store is thrown
 * away and rebuilt by `restore` from the last snapshot and by running the batches since.
 * Invariant: what a store holds depends on its updates in their order alone; a restored store answers as the one that was
 * snapshot.
 */
import type { BlockSlice } from '../data/block.js'
import type { PaneSnapshot } from '../plan/task.js'

export interface StateStore {
  /** The last batch committed; −1: none yet. */
  readonly version: number
  readonly numRows: number
  /** Kernel memory that the state takes up. */
  readonly usedBytes: number

  /**
   * Begins the version of a batch.
   * @param version greater than the last one.
   */
  open(version: number): void

  /** Adds partial rows, in order. Only while a version is open. */
  merge(rows: readonly BlockSlice[]): void

  /** Ends the version: it is the state from now on. */
  commit(): void

  /**
   * The state as partial rows, pane by pane, those with rows merged into them after `sinceVersion` in buffers of their own.
   * Not while a version is open.
   */
  snapshot(sinceVersion: number): PaneSnapshot[]

  /** Replaces the state by that of a whole snapshot. */
  restore(version: number, panes: readonly PaneSnapshot[]): void

  /** Gives the memory back; the store cannot be used any more. */
  free(): void
}
