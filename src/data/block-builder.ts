/**
 * Rows and columns → blocks: where events stop being objects. What is pushed is written straight into the memory that the block
 * will lie in. Seals a block when its room is full or it holds about `blockBytesMax` bytes of text; the owner seals what is open
 * when a batch begins.
 * Invariant: a row with a bad value leaves no trace but its report; every other row is in exactly one block, in the order
 * given.
 */
import type { ColumnBlock } from './block.js'
import { HeldMemory, type BlockMemory } from './block-memory.js'
import { validityBytes, type Column } from './column.js'
import type { CheckedInput, ColumnBuilder, ColumnTaker, OnBadValue } from './column-builder.js'
import { ColumnChecker } from './column-checker.js'
import { checkColumns, valueOfInput, type CheckedColumns, type ColumnInputs } from './column-input.js'
import { NumericColumnBuilder, toBits, VALUE_ARRAYS } from './numeric-column-builder.js'
import { VALUE_BYTES, type Field, type Schema } from './schema.js'
import { TextColumnBuilder } from './text-column-builder.js'
import { areTimestamps } from './timestamp-range.js'
import { describeValue } from './value-check.js'
import { alignedBytes } from './wire.js'

export type RowInput = Readonly<Record<string, unknown>>

export interface BlockBuilderOptions {
  /** The columns that are pushed. */
  readonly schema: Schema
  /** Indexes, ascending, of the columns that blocks hold; all when left out. The others are checked and let go. */
  readonly columnsRead?: readonly number[]
  readonly blockRowsMax: number
  readonly blockBytesMax: number
  readonly memory: BlockMemory
  /** Takes each sealed block; `held` is the memory that it lies in, or null where it lies in arrays that were taken over. */
  onBlock(block: ColumnBlock, held: HeldMemory | null): void
  /** A row that was left out. `index` counts within the push. */
  onBadRow(index: number, reason: string, row: RowInput): void
}

/** Rows that are appended at a time where there is text, so that its limit is looked at in between. */
const ROWS_AT_A_TIME = 4096
/** Rows that a block has room for at least, and bytes of numbers at most. */
const BLOCK_ROWS_MIN = 1024
const BLOCK_ROOM_BYTES_MAX = 16 * 1024 * 1024

export class BlockBuilder {
  readonly #options: BlockBuilderOptions
  /** Of the block. */
  readonly #fields: Schema
  readonly #columns: readonly ColumnBuilder[]
  /** By column of the schema. */
  readonly #takers: readonly ColumnTaker[]
  readonly #rowBytes: number
  readonly #hasText: boolean
  #numRows = 0
  #room: Uint8Array | null = null
  /** Rows that the open block has room for; of the next one when none is open. */
  #capacity: number
  /** Blocks that were sealed because they were full since the owner last sealed one. */
  #fullBlocks = 0

  constructor(options: BlockBuilderOptions) {
    const { schema, columnsRead = schema.map((_, index) => index) } = options
    this.#options = options
    this.#fields = columnsRead.length === schema.length ? schema : columnsRead.map(index => schema[index]!)
    this.#takers = schema.map((field, index) =>
      (columnsRead.includes(index) ? columnBuilder(field, options.memory) : new ColumnChecker(field)))
    this.#columns = columnsRead.map(index => this.#takers[index] as ColumnBuilder)
    this.#rowBytes = this.#fields.reduce((bytes, { type }) => bytes + VALUE_BYTES[type] + 1 / 8, 0)
    this.#hasText = this.#fields.some(({ type }) => type === 'utf8')
    this.#capacity = Math.min(BLOCK_ROWS_MIN, options.blockRowsMax)
  }

  /** Rows in the open block. */
  get numRows(): number {
    return this.#numRows
  }

  /** Appends `rows[start … end)`; returns how many were good. Unknown keys are skipped, missing ones are null. */
  pushRows(rows: readonly RowInput[], start = 0, end = rows.length): number {
    let good = 0
    for (let from = start; from < end;) {
      const to = Math.min(end, from + this.#roomFor(end - from))
      const refused = firstRefused(rows, from, to)
      if (refused > from) {
        good += this.#append(from, refused, start,
          (taker, a, b, at, onBad) => taker.appendRows(rows, a, b, at, onBad), i => rows[i]!)
      }
      if (refused < to) this.#options.onBadRow(refused - start, `${describeValue(rows[refused])} is not a row`, {})
      from = refused < to ? refused + 1 : to
      this.#sealIfFull()
    }
    return good
  }

  /** @throws MillraceError BAD_RECORD when a column is missing, has no length, or its length differs. */
  checkColumns(columns: ColumnInputs): CheckedColumns {
    return checkColumns(this.#options.schema, columns)
  }

  /** Appends rows `[start, end)` of columns of equal length; returns how many were good. */
  pushColumns({ inputs, numRows }: CheckedColumns, start = 0, end = numRows): number {
    const { schema } = this.#options
    let good = 0
    for (let from = start; from < end;) {
      const to = Math.min(end, from + this.#roomFor(end - from))
      good += this.#append(from, to, start,
        (taker, a, b, at, onBad, c) => taker.appendValues(inputs[c]!, a, b, at, onBad),
        i => Object.fromEntries(schema.map((field, c) => [field.name, valueOfInput(inputs[c]!, i)])))
      from = to
      this.#sealIfFull()
    }
    return good
  }

  /**
   * Makes a block of the very arrays given, without a copy where they have the columns' types; else as `pushColumns`. Returns
   * the good rows.
   */
  takeColumns(columns: CheckedColumns): number {
    const { inputs, numRows } = columns
    const { schema, onBlock } = this.#options
    if (!schema.every((field, c) => canTake(field, inputs[c]!))) return this.pushColumns(columns)
    this.seal()
    if (numRows === 0) return 0
    const taken = this.#fields.map((field): Column => {
      const { values, validity } = inputs[schema.indexOf(field)]!
      if (field.type === 'bool') toBits(values as Uint8Array, 0, numRows)
      return { type: field.type, values, validity } as Column
    })
    onBlock({ kind: 'columns', schema: this.#fields, numRows, columns: taken }, null)
    return numRows
  }

  /** Seals the open block, if it has rows. */
  seal(): void {
    const numRows = this.#numRows
    if (numRows === 0) return
    this.#seal()
    // What comes in from batch to batch tells how much room the next block needs.
    if (this.#fullBlocks === 0 && numRows * 4 < this.#capacity) this.#capacity = this.#limited(this.#capacity >>> 1)
    this.#fullBlocks = 0
  }

  #seal(): void {
    const { memory, onBlock } = this.#options
    const numRows = this.#numRows
    const room = this.#room!
    const holds: HeldMemory[] = []
    const columns = this.#columns.map(column => column.seal(numRows, holds))
    this.#numRows = 0
    this.#room = null
    onBlock({ kind: 'columns', schema: this.#fields, numRows, columns }, new HeldMemory(memory, [room], holds))
  }

  #sealIfFull(): void {
    if (this.#numRows >= this.#capacity) {
      this.#seal()
      this.#fullBlocks++
      this.#capacity = this.#limited(this.#capacity * 2)
    } else if (this.#hasText && this.#textBytes() >= this.#options.blockBytesMax) {
      this.#seal()
      this.#fullBlocks++
    }
  }

  /** How many of `rows` can be appended next; begins a block when none is open. */
  #roomFor(rows: number): number {
    if (this.#room === null) this.#open(rows)
    return Math.min(rows, this.#capacity - this.#numRows, this.#hasText ? ROWS_AT_A_TIME : Infinity)
  }

  #open(rows: number): void {
    const capacity = this.#limited(Math.max(this.#capacity, 2 ** Math.ceil(Math.log2(rows))))
    const valueBytes = this.#fields.map(({ type }) => alignedBytes(capacity * VALUE_BYTES[type]))
    const bitmapBytes = alignedBytes(validityBytes(capacity))
    const bytes = valueBytes.reduce((sum, size) => sum + size + bitmapBytes, 0)
    const { buffer, byteOffset } = this.#room = this.#options.memory.allocate(bytes)
    let offset = byteOffset
    this.#columns.forEach((column, c) => {
      const validityOffset = offset + valueBytes[c]!
      column.open({ capacity, buffer, valuesOffset: offset, validityOffset })
      offset = validityOffset + bitmapBytes
    })
    this.#capacity = capacity
  }

  /** A capacity within its limits. */
  #limited(capacity: number): number {
    const { blockRowsMax } = this.#options
    const roomRowsMax = Math.max(1, Math.floor(BLOCK_ROOM_BYTES_MAX / this.#rowBytes))
    return Math.min(blockRowsMax, roomRowsMax, Math.max(BLOCK_ROWS_MIN, capacity))
  }

  #textBytes(): number {
    let bytes = 0
    for (const column of this.#columns) bytes += column.textBytes
    return bytes
  }

  /**
   * Appends `[from, to)` to all columns; if there are bad rows, takes all back, reports them and appends the runs between.
   * Returns the good rows.
   */
  #append(
    from: number, to: number, origin: number,
    appendTo: (taker: ColumnTaker, from: number, to: number, at: number, onBad: OnBadValue, index: number) => void,
    rowAt: (i: number) => RowInput,
  ): number {
    let bad: Map<number, string> | null = null
    const noteBad = (index: number, reason: string): void => {
      bad ??= new Map<number, string>()
      if (!bad.has(from + index)) bad.set(from + index, reason)
    }
    this.#takers.forEach((taker, c) => appendTo(taker, from, to, this.#numRows, noteBad, c))
    if (bad === null) {
      this.#numRows += to - from
      return to - from
    }
    for (const column of this.#columns) column.truncate(this.#numRows)
    return this.#appendBetween(from, to, bad, (start, end) => {
      this.#takers.forEach((taker, c) => appendTo(taker, start, end, this.#numRows, noteBad, c))
      this.#numRows += end - start
    }, i => this.#options.onBadRow(i - origin, (bad as Map<number, string>).get(i)!, rowAt(i)))
  }

  /** Calls `append` for the runs between the bad rows, and `report` for those, in order. Returns the good rows. */
  #appendBetween(
    from: number, to: number, bad: ReadonlyMap<number, string>,
    append: (start: number, end: number) => void, report: (i: number) => void,
  ): number {
    let start = from
    for (const i of [...bad.keys()].sort((a, b) => a - b)) {
      report(i)
      if (i > start) append(start, i)
      start = i + 1
    }
    if (to > start) append(start, to)
    return to - from - bad.size
  }
}

function columnBuilder(field: Field, memory: BlockMemory): ColumnBuilder {
  return field.type === 'utf8' ? new TextColumnBuilder(field, memory) : new NumericColumnBuilder(field, field.type)
}

/** The first of `rows[from … to)` that is no row, or `to`. */
function firstRefused(rows: readonly unknown[], from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const row = rows[i]
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return i
  }
  return to
}

/** The values can stay in the array in which they came. */
function canTake(field: Field, { values }: CheckedInput): boolean {
  if (field.type === 'utf8' || !(values instanceof VALUE_ARRAYS[field.type])) return false
  return field.type !== 'timestamp' || areTimestamps(values as Float64Array, 0, values.length)
}
