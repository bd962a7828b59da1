// The columns that a decoder fills, row by row, and the list of bad records. The decoders of all formats write through here.
// Invariant: a row counts only when `endRow` has taken it; a record that turns out bad leaves no trace in the columns.
import {
  BAD_BYTES, BAD_DETAIL, BAD_OFFSET, BAD_POSITION, BAD_REASON, DECODE_BAD, DECODE_BAD_COUNT, DECODE_BAD_MAX, DECODE_COLUMNS,
  DECODE_COLUMN_AT, DECODE_COLUMN_BYTES, DECODE_COLUMN_COUNT, DECODE_COLUMN_NULL_COUNT, DECODE_COLUMN_REASON,
  DECODE_COLUMN_SHIFT, DECODE_COLUMN_STATE, DECODE_COLUMN_TYPE, DECODE_COLUMN_VALIDITY, DECODE_COLUMN_VALUES, DECODE_INPUT,
  DECODE_ROWS, DECODE_SCRATCH, DECODE_TEXT_TABLE, DECODE_TYPE_F32, DECODE_TYPE_F64, DECODE_TYPE_I32, DECODE_TYPE_I64,
  DECODE_TYPE_UTF8,
} from './portable/layout'
import {
  REASON_NOT_TIMESTAMP, REASON_NOT_WHOLE, REASON_OUT_OF_RANGE,
} from './portable/decode-reasons'
import { INTEGER_FRACTION, INTEGER_OK, decimalFloat, decimalInteger, integerValue } from './number'
import { internText } from './text-table'
import { TIMESTAMP_MAX, parseTimestamp } from './timestamp-text'
import { beginSpans } from './value-spans'

/** What the row has for a column: the low two bits of its state; the others tell the row. */
const STATE_VALID: u32 = 1
const STATE_NULL: u32 = 2
const STATE_BAD: u32 = 3

let descriptor: usize = 0
/** Descriptors of the columns. */
export let columns: usize = 0
export let columnsEnd: usize = 0
/** Row that is being filled. */
export let row: i32 = 0
export let textTable: usize = 0
let scratch: usize = 0

// Counts up with every row begun, also of bad records, so that states need no clearing.
let stamp: u32 = 0
let columnsSeen: i32 = 0
let columnCount: i32 = 0
let hasNull = false
let hasBad = false

let failReason: i32 = 0
let failAt: usize = 0
let failDetail: i32 = -1

export function beginDecode(decode: usize): void {
  descriptor = decode
  columns = load<u32>(decode, DECODE_COLUMNS)
  columnCount = load<i32>(decode, DECODE_COLUMN_COUNT)
  columnsEnd = columns + <usize>columnCount * DECODE_COLUMN_BYTES
  row = load<i32>(decode, DECODE_ROWS)
  textTable = load<u32>(decode, DECODE_TEXT_TABLE)
  scratch = decode + DECODE_SCRATCH
  stamp = 0
  beginSpans(decode, columns, columnsEnd)
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) store<u32>(column, 0, DECODE_COLUMN_STATE)
}

export function endDecode(): void {
  store<i32>(descriptor, row, DECODE_ROWS)
}

/** Says why the record at work is bad. Returns 0, as the functions do that fail. */
export function fail(reason: i32, at: usize): usize {
  failReason = reason
  failAt = at
  failDetail = -1
  return 0
}

/** The same with a number that belongs to the reason. */
export function failWith(reason: i32, at: usize, detail: i32): void {
  fail(reason, at)
  failDetail = detail
}

/** Notes the record at `record` as bad for the reason given last. */
export function addBad(record: usize): void {
  const count = load<u32>(descriptor, DECODE_BAD_COUNT)
  store<u32>(descriptor, count + 1, DECODE_BAD_COUNT)
  if (count >= load<u32>(descriptor, DECODE_BAD_MAX)) return
  const entry = <usize>load<u32>(descriptor, DECODE_BAD) + <usize>count * BAD_BYTES
  store<u32>(entry, <u32>(record - load<u32>(descriptor, DECODE_INPUT)), BAD_OFFSET)
  store<u32>(entry, <u32>(failAt - record), BAD_POSITION)
  store<i32>(entry, failReason, BAD_REASON)
  store<i32>(entry, failDetail, BAD_DETAIL)
}

export function beginRow(): void {
  stamp += 4
  columnsSeen = 0
  hasNull = false
  hasBad = false
}

// @ts-ignore: decorator
@inline
function setState(column: usize, state: u32): void {
  if ((load<u32>(column, DECODE_COLUMN_STATE) & ~3) != stamp) columnsSeen++
  store<u32>(column, stamp | state, DECODE_COLUMN_STATE)
}

/** The row has a value in this column, written already. */
// @ts-ignore: decorator
@inline
export function putValid(column: usize): void {
  setState(column, STATE_VALID)
}

/** Address of the row's value in a column. */
// @ts-ignore: decorator
@inline
export function valueAt(column: usize): usize {
  return <usize>load<u32>(column, DECODE_COLUMN_VALUES) + (<usize>row << load<u32>(column, DECODE_COLUMN_SHIFT))
}

/** The row has null in this column. */
export function putNull(column: usize): void {
  setState(column, STATE_NULL)
  hasNull = true
}

/** The row has something at `at` that is no value of this column; the record is bad unless the same key comes again. */
export function putBad(column: usize, reason: i32, at: usize): void {
  setState(column, STATE_BAD)
  store<i32>(column, reason, DECODE_COLUMN_REASON)
  store<usize>(column, at, DECODE_COLUMN_AT)
  hasBad = true
}

export function putText(column: usize, ptr: usize, length: i32): void {
  setState(column, STATE_VALID)
  store<i32>(valueAt(column), internText(textTable, ptr, length))
}

/** A float for an f32, f64 or timestamp column; `at` is where it is written. */
export function putFloat(column: usize, type: u32, value: f64, at: usize): void {
  putStored(column, storeFloat(type, valueAt(column), value), at)
}

/** The number scanned last, for a column of a numeric type or timestamp; `at` is where it is written. */
export function putNumber(column: usize, type: u32, at: usize): void {
  putStored(column, storeNumber(type, valueAt(column)), at)
}

function putStored(column: usize, reason: i32, at: usize): void {
  if (reason) putBad(column, reason, at)
  else putValid(column)
}

/** Writes the number scanned last as a value of a numeric type or a timestamp to `out`. Returns why it is none, or 0. */
export function storeNumber(type: u32, out: usize): i32 {
  if (type != DECODE_TYPE_I32 && type != DECODE_TYPE_I64) return storeFloat(type, out, decimalFloat())
  const problem = decimalInteger()
  if (problem != INTEGER_OK) return problem == INTEGER_FRACTION ? REASON_NOT_WHOLE : REASON_OUT_OF_RANGE
  if (type == DECODE_TYPE_I64) {
    store<i64>(out, integerValue)
    return 0
  }
  if (integerValue != <i64>(<i32>integerValue)) return REASON_OUT_OF_RANGE
  store<i32>(out, <i32>integerValue)
  return 0
}

function storeFloat(type: u32, out: usize, value: f64): i32 {
  if (type == DECODE_TYPE_F32) {
    store<f32>(out, <f32>value)
    return 0
  }
  // Also false for NaN.
  if (type != DECODE_TYPE_F64 && !(abs(value) <= TIMESTAMP_MAX)) return REASON_OUT_OF_RANGE
  store<f64>(out, value)
  return 0
}

/** Text for a timestamp column. */
export function putTimestampText(column: usize, ptr: usize, length: i32, at: usize): void {
  if (!parseTimestamp(ptr, length, scratch)) return putBad(column, REASON_NOT_TIMESTAMP, at)
  store<f64>(valueAt(column), load<f64>(scratch))
  setState(column, STATE_VALID)
}

/** Takes the row into the columns. Returns false, with the reason set, if one of its values does not fit its column. */
// @ts-ignore: decorator
@inline
export function endRow(): bool {
  if (columnsSeen < columnCount || hasNull || hasBad) {
    if (hasBad && failOfFirstBad()) return false
    markNulls()
  }
  row++
  return true
}

/** Takes rows into the columns that have a value, or null by `markNull`, in each of them. */
export function endPlainRows(count: i32): void {
  row += count
}

function failOfFirstBad(): bool {
  let first: usize = 0
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    if (load<u32>(column, DECODE_COLUMN_STATE) != (stamp | STATE_BAD)) continue
    if (!first || load<usize>(column, DECODE_COLUMN_AT) < load<usize>(first, DECODE_COLUMN_AT)) first = column
  }
  if (!first) return false
  const index = <i32>(first - columns) / DECODE_COLUMN_BYTES
  failWith(load<i32>(first, DECODE_COLUMN_REASON), load<usize>(first, DECODE_COLUMN_AT), index)
  return true
}

function markNulls(): void {
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    if (load<u32>(column, DECODE_COLUMN_STATE) != (stamp | STATE_VALID)) markNull(column, row)
  }
}

/** A row, this or a later one, has null in this column, whatever comes. */
export function markNull(column: usize, at: i32): void {
  const bits = <usize>load<u32>(column, DECODE_COLUMN_VALIDITY) + (at >> 3)
  const bit: u32 = 1 << (at & 7)
  store<u8>(bits, <u32>load<u8>(bits) & ~bit)
  store<u32>(column, load<u32>(column, DECODE_COLUMN_NULL_COUNT) + 1, DECODE_COLUMN_NULL_COUNT)
  if (load<u32>(column, DECODE_COLUMN_TYPE) != DECODE_TYPE_UTF8) return
  store<i32>(<usize>load<u32>(column, DECODE_COLUMN_VALUES) + (<usize>at << 2), 0)
}

/** Takes back all rows from `first` on. */
export function takeBackRows(first: i32): void {
  for (; row > first; row--) {
    const last = row - 1
    for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
      const bits = <usize>load<u32>(column, DECODE_COLUMN_VALIDITY) + (last >> 3)
      const bit: u32 = 1 << (last & 7)
      const valid = <u32>load<u8>(bits)
      if (valid & bit) continue
      store<u8>(bits, valid | bit)
      store<u32>(column, load<u32>(column, DECODE_COLUMN_NULL_COUNT) - 1, DECODE_COLUMN_NULL_COUNT)
    }
  }
}
