/**
 * The host's side of a row table (layout: assembly/portable/group-rows.ts): making one, growing it when a kernel asks.
 * Invariant: rows are numbered by first appearance and never removed one by one: a pane that is done with is freed as a whole.
 */
import * as R from '../../assembly/portable/group-rows.js'
import { TABLE_KIND, TABLE_KIND_ROWS } from '../../assembly/portable/layout.js'
import type { ArenaScope } from './arena.js'
import type { KernelSet } from './kernel-set.js'
import type { RowShape } from './row-shape.js'
import type { TextTable } from './text-table.js'

const CAPACITY_MIN = 16
const SLOTS_PER_ROW = 2
/** Fields of the descriptor that are addresses of its own memory. */
const BUFFERS = [R.ROWS_SLOTS, R.ROWS_FIRST, R.ROWS_TOUCHED] as const

/** Some rows of a table, by number. */
export interface RowList {
  /** Address of `count` u32 numbers; 0: the first `count` rows. */
  readonly numbers: number
  readonly count: number
}

export class RowTable {
  readonly ptr: number
  readonly paneMs: number
  readonly #set: KernelSet
  #changedIn = NaN

  /**
   * @param text the table of the codes that the rows hold; it must outlive this.
   * @param rows about how many there will be.
   */
  constructor(set: KernelSet, shape: RowShape, text: TextTable, paneMs: number, rows = 0) {
    this.#set = set
    this.paneMs = paneMs
    const { arena, memory } = set
    const capacity = Math.max(CAPACITY_MIN, 2 ** Math.ceil(Math.log2(Math.max(rows, 1))))
    const ptr = this.ptr = arena.allocateZeroed(R.ROWS_TABLE_BYTES)
    memory.write(ptr + TABLE_KIND, TABLE_KIND_ROWS)
    memory.write(ptr + R.ROWS_CAPACITY, capacity)
    memory.write(ptr + R.ROWS_FIRST, arena.allocate(capacity * shape.rowBytes))
    memory.write(ptr + R.ROWS_SHAPE, shape.ptr)
    memory.write(ptr + R.ROWS_TEXT_TABLE, text.ptr)
    memory.write(ptr + R.ROWS_TOUCHED, arena.allocateZeroed(touchedBytes(capacity)))
    memory.write(ptr + R.ROWS_SLOTS, arena.allocateZeroed(capacity * SLOTS_PER_ROW * R.ROWS_SLOT_BYTES))
    memory.write(ptr + R.ROWS_SLOT_MASK, capacity * SLOTS_PER_ROW - 1)
    countBytes(set, ptr)
  }

  get count(): number { return this.#set.memory.read(this.ptr + R.ROWS_COUNT) }

  /** Address of the first row. */
  get rows(): number { return this.#set.memory.read(this.ptr + R.ROWS_FIRST) }

  /** Bytes of kernel memory that it holds. */
  get usedBytes(): number { return this.#set.memory.read(this.ptr + R.ROWS_USED_BYTES) }

  /** Whether rows were merged into it since `takeTouched`. */
  get isTouched(): boolean { return this.#set.memory.read(this.ptr + R.ROWS_IS_TOUCHED) !== 0 }

  /** All rows. */
  all(): RowList { return { numbers: 0, count: this.count } }

  /** The rows into which others were merged since the last call, ascending, in the scope's memory. */
  takeTouched(scope: ArenaScope): RowList {
    if (!this.isTouched) return { numbers: 0, count: 0 }
    const numbers = scope.allocate(this.count * 4)
    return { numbers, count: this.#set.kernels.takeTouched(this.ptr, numbers) }
  }

  /** Not touched any more, for who does not ask which rows were. */
  forgetTouched(): void { this.#set.memory.write(this.ptr + R.ROWS_IS_TOUCHED, 0) }

  /**
   * The version of the state in which rows were merged into it last, as far as anybody asked: what was merged since is noted as
   * of `version`.
   */
  changedIn(version: number): number {
    const { memory } = this.#set
    if (memory.read(this.ptr + R.ROWS_IS_CHANGED) !== 0) {
      memory.write(this.ptr + R.ROWS_IS_CHANGED, 0)
      this.#changedIn = version
    }
    return this.#changedIn
  }

  /** Moves to another text table, into which the codes of its rows were translated. */
  set text(text: TextTable) {
    this.#set.memory.write(this.ptr + R.ROWS_TEXT_TABLE, text.ptr)
    this.#set.kernels.rehashRows(this.ptr)
  }

  free(): void {
    const { arena, memory } = this.#set
    for (const field of BUFFERS) arena.free(memory.read(this.ptr + field))
    arena.free(this.ptr)
  }
}

/** Answers a kernel's `growTable` for a row table: room for `count` rows, at least doubled. */
export function growRowTable(set: KernelSet, table: number, count: number): void {
  const { arena, memory } = set
  const capacity = memory.read(table + R.ROWS_CAPACITY)
  if (count <= capacity) return
  const larger = 2 ** Math.ceil(Math.log2(count))
  const rowBytes = memory.read(memory.read(table + R.ROWS_SHAPE) + R.SHAPE_ROW_BYTES)
  const used = memory.read(table + R.ROWS_COUNT)
  memory.write(table + R.ROWS_FIRST, arena.enlarge(memory.read(table + R.ROWS_FIRST), used * rowBytes, larger * rowBytes))
  const touched = memory.read(table + R.ROWS_TOUCHED)
  const largerTouched = arena.allocateZeroed(touchedBytes(larger))
  memory.copy(largerTouched, touched, touchedBytes(capacity))
  arena.free(touched)
  memory.write(table + R.ROWS_TOUCHED, largerTouched)
  memory.write(table + R.ROWS_CAPACITY, larger)
  arena.free(memory.read(table + R.ROWS_SLOTS))
  memory.write(table + R.ROWS_SLOTS, arena.allocate(larger * SLOTS_PER_ROW * R.ROWS_SLOT_BYTES))
  memory.write(table + R.ROWS_SLOT_MASK, larger * SLOTS_PER_ROW - 1)
  set.kernels.rehashRows(table)
  countBytes(set, table)
}

function countBytes({ arena, memory }: KernelSet, table: number): void {
  const bytes = BUFFERS.reduce((sum, field) => sum + arena.sizeOf(memory.read(table + field)), arena.sizeOf(table))
  memory.write(table + R.ROWS_USED_BYTES, bytes)
}

/** One bit a row, in whole words. */
function touchedBytes(rows: number): number {
  return Math.ceil(rows / 64) * 8
}
