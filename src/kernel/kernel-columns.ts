/**
 * Columns in kernel memory: what blocks become when a task starts, and what its output is before it leaves as a block.
 * Invariants: text is codes of one text table; a validity address of 0 means no nulls; columns that nobody reads have address 0.
 */
import { assert } from '../base/errors.js'
import type { BlockSlice, ColumnBlock } from '../data/block.js'
import { validityBytes, type Column, type TextColumn, type TextDictionary } from '../data/column.js'
import { renumberCodes } from '../data/own-text.js'
import { VALUE_BYTES, type ColumnType, type Schema } from '../data/schema.js'
import { packBlock } from '../data/wire.js'
import { ArenaScope } from './arena.js'
import type { KernelSet } from './kernel-set.js'
import type { KernelMemory } from './memory.js'
import type { TextTable } from './text-table.js'

export interface KernelColumn {
  readonly type: ColumnType
  /** Address of the values. */
  readonly values: number
  /** Address of the validity bitmap, or 0. */
  readonly validity: number
}

export interface KernelColumns {
  readonly schema: Schema
  readonly numRows: number
  readonly columns: readonly KernelColumn[]
}

/**
 * Slices of column blocks, one after the other. A column that lies whole in the kernels' own memory, as blocks in a shared heap
 * do, is read where it is; others, and text, whose codes are the block's own, are copied into the scope's memory.
 * @param columnsRead indexes in the schema of the columns to load; all when left out. Blocks hold those alone, or all.
 */
export function loadSlices(
  set: KernelSet,
  scope: ArenaScope,
  schema: Schema,
  slices: readonly BlockSlice[],
  text: TextTable,
  columnsRead?: readonly number[],
): KernelColumns {
  const filled = slices.filter(({ start, end }) => end > start)
  const numRows = filled.reduce((rows, slice) => rows + slice.end - slice.start, 0)
  const columns = schema.map(({ type }, index): KernelColumn => {
    if (columnsRead && !columnsRead.includes(index)) return { type, values: 0, validity: 0 }
    const pieces = filled.map(({ block, start, end }) => {
      assert(block.kind === 'columns', 'no columns')
      const hasAll = block.columns.length === schema.length
      return { column: block.columns[hasAll || !columnsRead ? index : columnsRead.indexOf(index)]!, start, end }
    })
    const inPlace = pieces.length === 1 ? columnInPlace(set.memory, pieces[0]!) : null
    if (inPlace) return inPlace
    const values = scope.allocate(numRows * VALUE_BYTES[type])
    const validity = pieces.some(({ column }) => column.validity) ? scope.allocateZeroed(validityBytes(numRows)) : 0
    let row = 0
    for (const piece of pieces) {
      loadPiece(set, piece, { values, validity, row }, text)
      row += piece.end - piece.start
    }
    return { type, values, validity }
  })
  return { schema, numRows, columns }
}

interface Piece {
  readonly column: Column
  readonly start: number
  readonly end: number
}

interface Place {
  readonly values: number
  readonly validity: number
  readonly row: number
}

/** The column where it lies, or null when it has to be copied. */
function columnInPlace(memory: KernelMemory, { column, start }: Piece): KernelColumn | null {
  const { type, validity } = column
  const values = memory.addressOf(column.values)
  if (values === null || type === 'utf8') return null
  const valuesAt = values + start * VALUE_BYTES[type]
  if (!validity) return { type, values: valuesAt, validity: 0 }
  const bits = memory.addressOf(validity)
  return bits === null || (start & 7) !== 0 ? null : { type, values: valuesAt, validity: bits + (start >>> 3) }
}

function loadPiece(set: KernelSet, { column, start, end }: Piece, to: Place, text: TextTable): void {
  const width = VALUE_BYTES[column.type]
  const n = end - start
  const ptr = to.values + to.row * width
  copyIn(set.memory, new Uint8Array(column.values.buffer, column.values.byteOffset + start * width, n * width), ptr)
  if (to.validity) copyBits(column.validity, start, set.memory.u8, to.validity, to.row, n)
  if (column.type === 'utf8') renumberText(set, column, start, n, ptr, text)
}

/** Copies bytes from wherever they are. */
function copyIn(memory: KernelMemory, bytes: Uint8Array, ptr: number): void {
  const from = memory.addressOf(bytes)
  if (from === null) memory.u8.set(bytes, ptr)
  else memory.copy(ptr, from, bytes.length)
}

/** Turns the block's codes at `ptr` into codes of the text table. */
function renumberText(set: KernelSet, column: TextColumn, start: number, n: number, ptr: number, text: TextTable): void {
  const { arena, kernels, memory } = set
  const { offsets, bytes, id } = column.dictionary
  const count = offsets.length - 1
  const copies = new ArenaScope(arena)
  const codes = id === undefined ? copies.allocateZeroed(Math.max(count, 1) * 4) : text.codesOf(id, count)
  let validity = 0
  if (column.validity) {
    validity = copies.allocateZeroed(validityBytes(n))
    copyBits(column.validity, start, memory.u8, validity, 0, n)
  }
  const addressOf = (part: Uint8Array | Uint32Array): number => {
    const address = memory.addressOf(part)
    if (address !== null) return address
    const copy = copies.allocate(part.byteLength)
    memory.u8.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), copy)
    return copy
  }
  kernels.enterCodes(text.ptr, ptr, validity, n, addressOf(offsets), addressOf(bytes), codes)
  copies.release()
}

/** Sets bits `[toRow, toRow + n)` of a cleared bitmap from those of another; null counts as all ones. */
function copyBits(from: Uint8Array | null, fromRow: number, to: Uint8Array, toPtr: number, toRow: number, n: number): void {
  let i = 0
  if ((fromRow & 7) === 0 && (toRow & 7) === 0) {
    const whole = n >>> 3
    const at = toPtr + (toRow >>> 3)
    if (from) to.set(from.subarray(fromRow >>> 3, (fromRow >>> 3) + whole), at)
    else to.fill(255, at, at + whole)
    i = whole << 3
  }
  for (; i < n; i++) {
    const source = fromRow + i
    const target = toRow + i
    if (!from || from[source >>> 3]! & (1 << (source & 7))) to[toPtr + (target >>> 3)]! |= 1 << (target & 7)
  }
}

/**
 * The block of some columns, packed in one fresh buffer of its own. Its dictionaries hold only strings that occur, by first
 * appearance.
 */
export function unloadColumns(
  set: KernelSet,
  input: KernelColumns,
  text: TextTable,
  allocate: (bytes: number) => ArrayBufferLike = bytes => new ArrayBuffer(bytes),
): ColumnBlock {
  const { numRows } = input
  const columns = input.columns.map((column): Column => {
    const validity = column.validity && numRows ? usefulValidity(set.memory, column.validity, numRows) : null
    if (column.type === 'utf8') return unloadText(set, column, validity, numRows, text)
    return { type: column.type, values: set.memory.view(column.type, column.values, numRows), validity } as Column
  })
  return packBlock({ kind: 'columns', schema: input.schema, numRows, columns }, allocate) as ColumnBlock
}

/** The bitmap with the bits behind the last row cleared, or null where every row is valid. */
function usefulValidity(memory: KernelMemory, ptr: number, numRows: number): Uint8Array | null {
  const bytes = memory.u8.slice(ptr, ptr + validityBytes(numRows))
  const rest = numRows & 7
  const lastFull = rest ? (1 << rest) - 1 : 255
  bytes[bytes.length - 1]! &= lastFull
  const full = bytes.every((byte, i) => byte === (i === bytes.length - 1 ? lastFull : 255))
  return full ? null : bytes
}

function unloadText(set: KernelSet, column: KernelColumn, validity: Uint8Array | null, n: number, text: TextTable): TextColumn {
  const codes = set.memory.view(column.type, column.values, n) as Int32Array
  const { values, occurring } = renumberCodes(codes, validity, n, text.count)
  return { type: 'utf8', values, validity, dictionary: dictionaryOf(occurring, text) }
}

function dictionaryOf(codes: readonly number[], text: TextTable): TextDictionary {
  const offsets = new Uint32Array(codes.length + 1)
  codes.forEach((code, i) => { offsets[i + 1] = offsets[i]! + text.bytesOf(code).length })
  const bytes = new Uint8Array(offsets[codes.length]!)
  codes.forEach((code, i) => bytes.set(text.bytesOf(code), offsets[i]!))
  return { offsets, bytes }
}
