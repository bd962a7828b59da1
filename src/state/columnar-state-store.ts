/**
 * The state store of aggregations: a group table with a text table of its own, merged and read by kernels.
 * Invariant: groups stay in the order in which their keys first appeared, through removals and restores alike; text that no group
 * holds any more is dropped, so memory follows the groups that live.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import { assert } from '../base/errors.js'
import type { BlockSlice, ColumnBlock } from '../data/block.js'
import type { AggregateLayout } from '../kernel/aggregate-layout.js'
import { ArenaScope } from '../kernel/arena.js'
import { GroupProgram } from '../kernel/group-program.js'
import { allGroups, readPartialRows } from '../kernel/group-reader.js'
import { GroupTable } from '../kernel/group-table.js'
import { loadSlices, unloadColumns, type KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { TextTable } from '../kernel/text-table.js'
import type { StateStore } from './state-store.js'

const WORD_BYTES = 8
/** Text is gone through when its heap has grown to this many times what was alive the last time … */
const TEXT_GROWTH_MAX = 2
/** … but not below this size. */
const TEXT_COMPACTION_BYTES_MIN = 65_536
/** What a string costs besides its bytes: its entry and slots. */
const TEXT_OVERHEAD_BYTES = 24
/** What groups bear that were not touched in the version at work. */
const UNTOUCHED = 0

export class ColumnarStateStore implements StateStore {
  readonly layout: AggregateLayout
  readonly table: GroupTable
  readonly #set: KernelSet
  readonly #merge: GroupProgram
  /** Made when it is first used. */
  #find: GroupProgram | null = null
  #text: TextTable
  #version = -1
  #isOpen = false
  #liveTextBytes = 0
  /** Watermark up to which windows were closed; null: not known since the store was made or restored. */
  closedToMs: number | null = null

  constructor(set: KernelSet, layout: AggregateLayout) {
    this.#set = set
    this.layout = layout
    this.#text = new TextTable(set)
    this.table = new GroupTable(set, layout, this.#text)
    this.#merge = new GroupProgram(set, layout, 'all')
  }

  get version(): number { return this.#version }
  get numRows(): number { return this.table.count }
  get usedBytes(): number {
    return this.table.usedBytes + this.#text.usedBytes + this.#merge.usedBytes + (this.#find?.usedBytes ?? 0)
  }

  /** The text table of the store's codes; another one after a `commit`. */
  get text(): TextTable { return this.#text }

  open(version: number): void {
    assert(!this.#isOpen, `version ${version} of a state is opened while another one is open`)
    assert(version > this.#version, `version ${version} of a state is opened, but version ${this.#version} is committed already`)
    this.#isOpen = true
    this.#version = version
    this.table.stamp = this.#stamp
  }

  merge(rows: readonly BlockSlice[]): void {
    assert(this.#isOpen, 'rows are merged into a state that is not open')
    this.#mergeSlices(rows)
  }

  /** The same for rows in kernel memory, whose text is in the store's text table. */
  mergeColumns(rows: KernelColumns): void {
    assert(this.#isOpen, 'rows are merged into a state that is not open')
    this.#merge.run(this.table, rows)
  }

  /** Merges rows whose text is in the store's text table into another table of the same layout. */
  mergeInto(table: GroupTable, rows: KernelColumns): void {
    this.#merge.run(table, rows)
  }

  /** Stamps the groups of such rows. */
  touchIn(table: GroupTable, rows: KernelColumns): void {
    this.#find ??= new GroupProgram(this.#set, this.layout, 'keys')
    this.#find.run(table, rows)
  }

  /** By group: 1 where rows were merged into it in the version at work. */
  touched(): Uint8Array {
    return Uint8Array.from(this.table.stamps(), stamp => stamp === this.#stamp ? 1 : 0)
  }

  /** Keeps the groups of `ids`, ascending, and removes the others. */
  keep(ids: Uint32Array): void {
    assert(this.#isOpen, 'groups are removed from a state that is not open')
    if (ids.length < this.table.count) this.table.keep(ids)
  }

  commit(): void {
    assert(this.#isOpen, 'a state is committed that is not open')
    this.#isOpen = false
    this.#dropUnusedText()
  }

  snapshot(): ColumnBlock | null {
    assert(!this.#isOpen, `a snapshot is taken of a state whose version ${this.#version} is open`)
    if (this.table.count === 0) return null
    const scope = new ArenaScope(this.#set.arena)
    const rows = readPartialRows(this.#set, scope, this.layout, this.table, allGroups(this.#set, scope, this.table))
    const block = unloadColumns(this.#set, rows, this.#text)
    scope.release()
    return block
  }

  restore(version: number, block: ColumnBlock | null): void {
    this.table.reset()
    this.#text.reset()
    this.#liveTextBytes = 0
    this.#version = version
    this.#isOpen = false
    this.closedToMs = null
    this.table.stamp = UNTOUCHED
    if (block) this.#mergeSlices([{ block, start: 0, end: block.numRows }])
  }

  free(): void {
    this.table.free()
    this.#text.free()
    this.#merge.free()
    this.#find?.free()
  }

  /** Versions count from 0. */
  get #stamp(): number { return this.#version + 1 }

  #mergeSlices(rows: readonly BlockSlice[]): void {
    if (rows.length === 0) return
    const scope = new ArenaScope(this.#set.arena)
    this.#merge.run(this.table, loadSlices(this.#set, scope, this.layout.partialSchema, rows, this.#text))
    scope.release()
  }

  /** Moves the text that groups hold into a new table, once the old one holds much that none does. */
  #dropUnusedText(): void {
    const bytes = this.#text.heapBytes + this.#text.count * TEXT_OVERHEAD_BYTES
    if (bytes < Math.max(TEXT_COMPACTION_BYTES_MIN, this.#liveTextBytes * TEXT_GROWTH_MAX)) return
    const { kernels } = this.#set
    const live = new TextTable(this.#set)
    this.layout.keyTypes.forEach((type, key) => {
      if (type === 'utf8') kernels.translateGroupText(this.table.ptr, live.ptr, O.READ_KEYS, (1 + key) * WORD_BYTES, key)
    })
    for (const { offset, bit, type } of this.layout.states.flatMap(state => state.fields)) {
      if (type === 'utf8') kernels.translateGroupText(this.table.ptr, live.ptr, O.READ_STATES, offset, bit)
    }
    this.table.text = live
    this.#text.free()
    this.#text = live
    this.#liveTextBytes = live.heapBytes + live.count * TEXT_OVERHEAD_BYTES
  }
}
