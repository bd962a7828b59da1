/**
 * The contract of a state store: what one stateful operator keeps of one partition from batch to batch.
 * Life of a version: `open(N)` → updates → `commit()`. There is no undo: if anything fails in between, the store is thrown
 * away and rebuilt by `restore` from the last snapshot and by running the batches since.
 * Invariant: what a store holds depends on its updates in their order alone; a restored store answers as the one that was
 * snapshot.
 */
import type { BlockSlice, GroupsBlock } from '../data/block.js'

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

  /** The whole state as partial rows, in an own buffer; null if there is none. Not while a version is open. */
  snapshot(): GroupsBlock | null

  /** Replaces the state by that of a snapshot; null is empty state. */
  restore(version: number, block: GroupsBlock | null): void

  /** Gives the memory back; the store cannot be used any more. */
  free(): void
}
