/**
 * The panes of a state, each a row table of its own, and the list of them that kernels look panes up in.
 * Invariant: panes ascend; removing one costs what its rows cost, whatever else is there. Without windows there is one pane, 0.
 */
import * as R from '../../assembly/portable/group-rows.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { RowShape } from '../kernel/row-shape.js'
import { RowTable } from '../kernel/row-table.js'
import type { TextTable } from '../kernel/text-table.js'

const CAPACITY_MIN = 8

export class PaneDirectory {
  /** What `mergeGroupRows` takes as the state. */
  readonly ptr: number
  readonly #set: KernelSet
  readonly #shape: RowShape
  #text: TextTable
  #tables: RowTable[] = []
  #capacity = CAPACITY_MIN
  /** Rows of the last pane that was removed: the next one will have about as many. */
  #rowsExpected = 0

  constructor(set: KernelSet, shape: RowShape, text: TextTable) {
    this.#set = set
    this.#shape = shape
    this.#text = text
    const { arena, memory } = set
    this.ptr = arena.allocateZeroed(R.STATE_BYTES)
    memory.write(this.ptr + R.STATE_SHAPE, shape.ptr)
    memory.write(this.ptr + R.STATE_TEXT_TABLE, text.ptr)
    memory.write(this.ptr + R.STATE_PANES, arena.allocate(CAPACITY_MIN * R.PANE_BYTES))
  }

  /** Ascending. */
  get tables(): readonly RowTable[] { return this.#tables }

  get numRows(): number { return this.#tables.reduce((rows, table) => rows + table.count, 0) }

  /** Bytes of kernel memory that it holds. */
  get usedBytes(): number {
    const { arena, memory } = this.#set
    const own = arena.sizeOf(this.ptr) + arena.sizeOf(memory.read(this.ptr + R.STATE_PANES))
    return this.#tables.reduce((bytes, table) => bytes + table.usedBytes, own)
  }

  /** The table of a pane; undefined: no row is in it. */
  at(paneMs: number): RowTable | undefined {
    const index = this.#indexOf(paneMs)
    return this.#tables[index]?.paneMs === paneMs ? this.#tables[index] : undefined
  }

  /** Adds a pane that is not there. */
  add(paneMs: number): void {
    const table = new RowTable(this.#set, this.#shape, this.#text, paneMs, this.#rowsExpected)
    const index = this.#indexOf(paneMs)
    this.#tables.splice(index, 0, table)
    this.#list(index)
  }

  /** Removes the panes for which `isDead` holds. */
  remove(isDead: (paneMs: number) => boolean): void {
    const dead = this.#tables.filter(({ paneMs }) => isDead(paneMs))
    if (dead.length === 0) return
    this.#rowsExpected = dead.at(-1)!.count
    for (const table of dead) table.free()
    this.#tables = this.#tables.filter(({ paneMs }) => !isDead(paneMs))
    this.#list(0)
  }

  /** Moves to another text table, into which the text of all rows was translated. */
  set text(text: TextTable) {
    this.#text = text
    this.#set.memory.write(this.ptr + R.STATE_TEXT_TABLE, text.ptr)
    for (const table of this.#tables) table.text = text
  }

  free(): void {
    const { arena, memory } = this.#set
    for (const table of this.#tables) table.free()
    arena.free(memory.read(this.ptr + R.STATE_PANES))
    arena.free(this.ptr)
  }

  /** Where the pane stands or belongs. */
  #indexOf(paneMs: number): number {
    let index = this.#tables.length
    // From the end: new panes are mostly the latest.
    while (index > 0 && this.#tables[index - 1]!.paneMs >= paneMs) index--
    return index
  }

  /** Writes the list for the kernels, from a pane on. */
  #list(from: number): void {
    const { arena, memory } = this.#set
    const count = this.#tables.length
    if (count > this.#capacity) {
      const larger = 2 ** Math.ceil(Math.log2(count))
      const panes = memory.read(this.ptr + R.STATE_PANES)
      memory.write(this.ptr + R.STATE_PANES, arena.enlarge(panes, this.#capacity * R.PANE_BYTES, larger * R.PANE_BYTES))
      this.#capacity = larger
    }
    const first = memory.read(this.ptr + R.STATE_PANES)
    for (let i = from; i < count; i++) {
      const { paneMs, ptr } = this.#tables[i]!
      memory.f64[(first + i * R.PANE_BYTES + R.PANE_START) >>> 3] = paneMs
      memory.write(first + i * R.PANE_BYTES + R.PANE_TABLE, ptr)
    }
    memory.write(this.ptr + R.STATE_PANE_COUNT, count)
  }
}
