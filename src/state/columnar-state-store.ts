/**
 * The state store of aggregations: a row table per pane and one text table, merged and read by kernels.
 * Invariant: within a pane groups stay in the order in which their keys first appeared, through restores too; text that no group
 * holds any more is dropped, so memory follows the groups that live.
 */
import { assert } from '../base/errors.js'
import type { BlockSlice } from '../data/block.js'
import type { AggregateLayout } from '../kernel/aggregate-layout.js'
import { ArenaScope } from '../kernel/arena.js'
import { loadRows, loadTextRows, packRowTable, paneOfRow, type LoadedRows } from '../kernel/group-rows.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { RowShape } from '../kernel/row-shape.js'
import { TextTable } from '../kernel/text-table.js'
import type { PaneSnapshot } from '../plan/task.js'
import { PaneDirectory } from './pane-directory.js'
import type { StateStore } from './state-store.js'
import type { WindowStacks } from './window-stacks.js'

/** Text is gone through when its heap has grown to this many times what was alive the last time … */
const TEXT_GROWTH_MAX = 2
/** … but not below this size. */
const TEXT_COMPACTION_BYTES_MIN = 65_536
/** What a string costs besides its bytes: its entry and slots. */
const TEXT_OVERHEAD_BYTES = 24

export class ColumnarStateStore implements StateStore {
  readonly shape: RowShape
  readonly panes: PaneDirectory
  readonly #set: KernelSet
  #text: TextTable
  #version = -1
  #isOpen = false
  #liveTextBytes = 0
  /** Watermark up to which windows were closed; null: not known since the store was made or restored. */
  closedToMs: number | null = null
  /** What sliding windows were merged of, for the next ones; made by who merges them. */
  windows: WindowStacks | null = null

  constructor(set: KernelSet, layout: AggregateLayout) {
    this.#set = set
    this.shape = new RowShape(set, layout)
    this.#text = new TextTable(set)
    this.panes = new PaneDirectory(set, this.shape, this.#text)
  }

  get version(): number { return this.#version }
  get numRows(): number { return this.panes.numRows }
  get usedBytes(): number {
    return this.panes.usedBytes + this.#text.usedBytes + this.shape.usedBytes + (this.windows?.usedBytes ?? 0)
  }

  /** The text table of the store's codes; another one after a `commit`. */
  get text(): TextTable { return this.#text }

  open(version: number): void {
    assert(!this.#isOpen, `version ${version} of a state is opened while another one is open`)
    assert(version > this.#version, `version ${version} of a state is opened, but version ${this.#version} is committed already`)
    this.#isOpen = true
    this.#version = version
  }

  merge(slices: readonly BlockSlice[]): void {
    assert(this.#isOpen, 'rows are merged into a state that is not open')
    this.#mergeSlices(slices)
  }

  /** Adds the one group of an aggregation without keys and windows, which has seen nothing. */
  mergeEmptyGroup(): void {
    assert(this.#isOpen, 'a group is added to a state that is not open')
    const scope = new ArenaScope(this.#set.arena)
    this.#mergeRows({ rows: scope.allocateZeroed(this.shape.rowBytes), count: 1, ends: 0, bytes: 0, memo: 0 })
    scope.release()
  }

  commit(): void {
    assert(this.#isOpen, 'a state is committed that is not open')
    this.#isOpen = false
    this.#dropUnusedText()
  }

  snapshot(sinceVersion: number): PaneSnapshot[] {
    assert(!this.#isOpen, `a snapshot is taken of a state whose version ${this.#version} is open`)
    const scope = new ArenaScope(this.#set.arena)
    return this.panes.tables.map(table => {
      const { paneMs } = table
      if (table.changedIn(this.#version) <= sinceVersion) return { paneMs, block: null }
      const block = packRowTable(this.#set, scope, this.shape, table, this.#text, bytes => new Uint8Array(bytes))
      scope.release()
      return { paneMs, block }
    })
  }

  restore(version: number, panes: readonly PaneSnapshot[]): void {
    this.panes.remove(() => true)
    this.#dropWindows()
    this.#text.reset()
    this.#liveTextBytes = 0
    this.#version = version
    this.#isOpen = false
    this.closedToMs = null
    this.#mergeSlices(panes.map(({ paneMs, block }) => {
      assert(block, `pane ${paneMs} of version ${version} is missing in the snapshot that a state is restored from`)
      return { block, start: 0, end: 1 }
    }))
    this.#settleTables()
  }

  free(): void {
    this.#dropWindows()
    this.panes.free()
    this.#text.free()
    this.shape.free()
  }

  #mergeSlices(slices: readonly BlockSlice[]): void {
    if (slices.length === 0) return
    const scope = new ArenaScope(this.#set.arena)
    if (!this.shape.hasText) {
      for (const loaded of loadRows(this.#set, scope, this.shape, slices)) this.#mergeRows(loaded)
    } else {
      for (const slice of slices) {
        this.#mergeRows(loadTextRows(this.#set, scope, slice))
        scope.release()
      }
    }
    scope.release()
  }

  /** Merges rows in their order; panes are made as the first row of each comes by. */
  #mergeRows({ rows, count, ends, bytes, memo }: LoadedRows): void {
    const { rowBytes } = this.shape
    for (let done = 0; done < count;) {
      const next = rows + done * rowBytes
      done += this.#set.kernels.mergeGroupRows(this.panes.ptr, next, count - done, ends, bytes, memo)
      if (done < count) this.panes.add(paneOfRow(this.#set, this.shape, rows + done * rowBytes))
    }
  }

  #dropWindows(): void {
    this.windows?.clear()
    this.windows = null
  }

  /** What was merged is old. */
  #settleTables(): void {
    const scope = new ArenaScope(this.#set.arena)
    for (const table of this.panes.tables) {
      table.takeTouched(scope)
      table.changedIn(this.#version)
    }
    scope.release()
  }

  /** Moves the text that groups hold into a new table, once the old one holds much that none does. */
  #dropUnusedText(): void {
    const bytes = this.#text.heapBytes + this.#text.count * TEXT_OVERHEAD_BYTES
    if (bytes < Math.max(TEXT_COMPACTION_BYTES_MIN, this.#liveTextBytes * TEXT_GROWTH_MAX)) return
    this.#dropWindows()
    const live = new TextTable(this.#set)
    for (const { rows, count } of this.panes.tables) {
      this.#set.kernels.translateRowText(this.shape.ptr, this.#text.ptr, live.ptr, rows, count)
    }
    this.panes.text = live
    this.#text.free()
    this.#text = live
    this.#liveTextBytes = live.heapBytes + live.count * TEXT_OVERHEAD_BYTES
  }
}
