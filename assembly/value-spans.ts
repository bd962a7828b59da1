// Where the values of some records lie, before they are turned into columns (span-columns.ts): a row of spans per record, found
// by what knows the shape of records (json-templates.ts, json-members.ts). Where a value is found depends on the one before; what
// it is does not, so that the machine can be at several of them at a time.
// Invariant: a span is where a value would be. Whether there is one is found out as it is turned into its column.
import {
  DECODE_COLUMN_BYTES, DECODE_COLUMN_SPANS, DECODE_SPANS, DECODE_SPAN_BYTES, DECODE_SPAN_LENGTH, DECODE_SPAN_ROWS,
} from './portable/layout'

/** At first, since templates are learnt of what has been taken, and where records are bad, so that little is found in vain. */
const FEW_ROWS: i32 = 16

/** A place: an address, and the record that it belongs to as the offset of that record's span among those of a column. */
export const PLACE_RECORD = 4
export const PLACE_BYTES = DECODE_SPAN_BYTES

/** Rows of spans that there is room for, 0 for none. */
let rowsMax: i32 = 0
/** Rows of spans to fill before they are turned into columns. */
export let spanRows: i32 = 0
/** Where each record begins, and behind the last of them where the next one would; room for some more. */
export let records: usize = 0
/** Room for a place in each record. */
export let places: usize = 0

/** Cuts the room that a decode descriptor gives, if it gives any, into lists. */
export function beginSpans(decode: usize, columns: usize, columnsEnd: usize): void {
  places = load<u32>(decode, DECODE_SPANS)
  rowsMax = places ? load<i32>(decode, DECODE_SPAN_ROWS) : 0
  takeFewRows()
  let spans = places + <usize>rowsMax * PLACE_BYTES
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    store<u32>(column, <u32>spans, DECODE_COLUMN_SPANS)
    spans += <usize>rowsMax * DECODE_SPAN_BYTES
  }
  records = spans
}

// @ts-ignore: decorator
@inline
export function setSpan(span: usize, start: usize, end: usize, quoted: u32): void {
  store<u32>(span, <u32>start)
  store<u32>(span, <u32>(end - start) | quoted, DECODE_SPAN_LENGTH)
}

// @ts-ignore: decorator
@inline
export function setPlace(place: usize, p: usize, at: usize): void {
  store<u32>(place, <u32>p)
  store<u32>(place, <u32>at, PLACE_RECORD)
}

// @ts-ignore: decorator
@inline
export function recordAt(row: i32): usize {
  return load<u32>(records + (<usize>row << 2))
}

// @ts-ignore: decorator
@inline
export function setRecord(row: i32, p: usize): void {
  store<u32>(records + (<usize>row << 2), <u32>p)
}

/** Opens the first `count` records: their places are where they begin. */
export function openRecords(count: i32): void {
  for (let row = 0; row < count; row++) {
    const at = <usize>row * PLACE_BYTES
    setPlace(places + at, recordAt(row), at)
  }
}

/** The row, of `count`, whose record holds the byte at `p`. */
export function rowOf(p: usize, count: i32): i32 {
  do count--
  while (recordAt(count) > p)
  return count
}

export function takeFewRows(): void {
  spanRows = min(rowsMax, FEW_ROWS)
}

export function takeMoreRows(): void {
  spanRows = min(rowsMax, spanRows << 1)
}
