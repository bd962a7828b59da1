/**
 * Twin of assembly/decode-columns.ts: what decoders write to. Rows are gathered as cells and enter the columns when their record
 * is known to be good; so nothing has ever to be taken back.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as R from '../../../assembly/portable/decode-reasons.js'
import { parseTimestampText, TIMESTAMP_MS_MAX } from '../../data/timestamp-text.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { integerOf, latin1Text } from './number.js'
import { internText } from './text-table.js'

/** A value that its column cannot hold. */
export interface BadCell {
  readonly reason: number
  readonly at: number
}

/** What a row has for a column; text is its code, true is 1. */
export type Cell = number | bigint | null | BadCell
/** By column; absent = null. */
export type Row = (Cell | undefined)[]

const INT32_LIMIT = 2n ** 31n

interface TargetColumn {
  /** Address of its descriptor. */
  readonly ptr: number
  /** DECODE_TYPE_… */
  readonly type: number
  readonly values: number
  readonly validity: number
}

export class DecodeTarget {
  readonly memory: KernelMemory
  /** Column by the bytes of its name, one character each. */
  readonly columnByName = new Map<string, number>()
  readonly #context: ReferenceContext
  readonly #decode: number
  readonly #columns: readonly TargetColumn[]
  #failure: BadCell & { readonly detail: number } = { reason: 0, at: 0, detail: -1 }

  /** @param decode address of the decode descriptor. */
  constructor(context: ReferenceContext, decode: number) {
    this.#context = context
    this.memory = context.memory
    this.#decode = decode
    const { memory } = this
    const columns = memory.read(decode + L.DECODE_COLUMNS)
    this.#columns = Array.from({ length: memory.read(decode + L.DECODE_COLUMN_COUNT) }, (_, i) => {
      const ptr = columns + i * L.DECODE_COLUMN_BYTES
      const name = latin1Text(memory, memory.read(ptr + L.DECODE_COLUMN_NAME), memory.read(ptr + L.DECODE_COLUMN_NAME_BYTES))
      this.columnByName.set(name, i)
      const type = memory.read(ptr + L.DECODE_COLUMN_TYPE)
      const values = memory.read(ptr + L.DECODE_COLUMN_VALUES)
      return { ptr, type, values, validity: memory.read(ptr + L.DECODE_COLUMN_VALIDITY) }
    })
  }

  /** DECODE_TYPE_… */
  typeOf(column: number): number {
    return this.#columns[column]!.type
  }

  /** The column whose descriptor is at an address; −1 for 0. */
  columnAt(ptr: number): number {
    return this.#columns.findIndex(column => column.ptr === ptr)
  }

  /** Says why the record at work is bad. Returns −1, as the functions do that fail. */
  fail(reason: number, at: number, detail = -1): -1 {
    this.#failure = { reason, at, detail }
    return -1
  }

  /** Notes a record as bad for the reason given last. */
  addBad(record: number): void {
    const { memory } = this
    const count = memory.read(this.#decode + L.DECODE_BAD_COUNT)
    memory.write(this.#decode + L.DECODE_BAD_COUNT, count + 1)
    if (count >= memory.read(this.#decode + L.DECODE_BAD_MAX)) return
    const entry = memory.read(this.#decode + L.DECODE_BAD) + count * L.BAD_BYTES
    memory.write(entry + L.BAD_OFFSET, record - memory.read(this.#decode + L.DECODE_INPUT))
    memory.write(entry + L.BAD_POSITION, this.#failure.at - record)
    memory.write(entry + L.BAD_REASON, this.#failure.reason)
    memory.write(entry + L.BAD_DETAIL, this.#failure.detail)
  }

  /** Whether all cells of a row fit their columns; if not, the first one that does not is the failure. */
  accepts(row: Row): boolean {
    let first = -1
    for (let i = 0; i < row.length; i++) {
      if (isBad(row[i]) && (first < 0 || (row[i] as BadCell).at < (row[first] as BadCell).at)) first = i
    }
    if (first < 0) return true
    const { reason, at } = row[first] as BadCell
    this.fail(reason, at, first)
    return false
  }

  append(row: Row): void {
    const index = this.memory.read(this.#decode + L.DECODE_ROWS)
    this.#columns.forEach((column, i) => this.#write(column, index, row[i] ?? null))
    this.memory.write(this.#decode + L.DECODE_ROWS, index + 1)
  }

  #write({ ptr, type, values, validity }: TargetColumn, row: number, cell: Cell): void {
    const { memory } = this
    if (cell === null) {
      memory.u8[validity + (row >>> 3)]! &= ~(1 << (row & 7))
      memory.write(ptr + L.DECODE_COLUMN_NULL_COUNT, memory.read(ptr + L.DECODE_COLUMN_NULL_COUNT) + 1)
      if (type === L.DECODE_TYPE_UTF8) memory.i32[(values >>> 2) + row] = 0
    } else if (typeof cell === 'bigint') {
      memory.i64[(values >>> 3) + row] = cell
    } else if (typeof cell === 'number') {
      if (type === L.DECODE_TYPE_BOOL) memory.u8[values + row] = cell
      else if (type === L.DECODE_TYPE_F32) memory.f32[(values >>> 2) + row] = cell
      else if (type === L.DECODE_TYPE_I32 || type === L.DECODE_TYPE_UTF8) memory.i32[(values >>> 2) + row] = cell
      else memory.f64[(values >>> 3) + row] = cell
    }
  }

  /** A number that is written at `at`, for a numeric column or a timestamp. */
  numberCell(type: number, text: string, at: number): Cell {
    if (type !== L.DECODE_TYPE_I32 && type !== L.DECODE_TYPE_I64) return this.floatCell(type, Number(text), at)
    const value = integerOf(text)
    if (typeof value === 'string') return { reason: value === 'fraction' ? R.REASON_NOT_WHOLE : R.REASON_OUT_OF_RANGE, at }
    if (type === L.DECODE_TYPE_I64) return value
    return value >= -INT32_LIMIT && value < INT32_LIMIT ? Number(value) : { reason: R.REASON_OUT_OF_RANGE, at }
  }

  floatCell(type: number, value: number, at: number): Cell {
    const fits = type !== L.DECODE_TYPE_TIMESTAMP || Math.abs(value) <= TIMESTAMP_MS_MAX
    return fits ? value : { reason: R.REASON_OUT_OF_RANGE, at }
  }

  timeCell(ptr: number, length: number, at: number): Cell {
    return parseTimestampText(latin1Text(this.memory, ptr, length)) ?? { reason: R.REASON_NOT_TIMESTAMP, at }
  }

  textCell(ptr: number, length: number): Cell {
    return internText(this.#context, this.memory.read(this.#decode + L.DECODE_TEXT_TABLE), ptr, length)
  }
}

function isBad(cell: Cell | undefined): cell is BadCell {
  return typeof cell === 'object' && cell !== null
}
