// Where the values of some records lie, before they are turned into columns (span-columns.ts): a row of spans per record, found
// by what knows the shape of records (json-templates.ts). Where a value is found depends on the one before; what it is does not,
// so that the machine can be at several of them at a time.
// Invariant: a span is where a value would be. Whether there is one is found out as it is turned into its column.
import {
  DECODE_COLUMN_BYTES, DECODE_COLUMN_SPANS, DECODE_SPANS, DECODE_SPAN_BYTES, DECODE_SPAN_ROWS,
} from './portable/layout'

const ROWS_AFTER_FAILURE: i32 = 16

/** Rows of spans that there is room for, 0 for none. */
let rowsMax: i32 = 0
/** Rows of spans to fill before they are turned into columns. */
export let spanRows: i32 = 0
/** Where the record of each row begins. */
let records: usize = 0

/** Cuts the room that a decode descriptor gives, if it gives any, into a list of spans for each column. */
export function beginSpans(decode: usize, columns: usize, columnsEnd: usize): void {
  records = load<u32>(decode, DECODE_SPANS)
  rowsMax = records ? load<i32>(decode, DECODE_SPAN_ROWS) : 0
  spanRows = rowsMax
  let spans = records + (<usize>rowsMax << 2)
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    store<u32>(column, <u32>spans, DECODE_COLUMN_SPANS)
    spans += <usize>rowsMax * DECODE_SPAN_BYTES
  }
}

// @ts-ignore: decorator
@inline
export function setRecord(row: i32, record: usize): void {
  store<u32>(records + (<usize>row << 2), <u32>record)
}

// @ts-ignore: decorator
@inline
export function recordAt(row: i32): usize {
  return load<u32>(records + (<usize>row << 2))
}

/** The row, of `count`, whose record holds the byte at `p`. */
export function rowOf(p: usize, count: i32): i32 {
  do count--
  while (recordAt(count) > p)
  return count
}

/** Where records are bad, little is found in vain. */
export function afterFailure(): void {
  spanRows = min(rowsMax, ROWS_AFTER_FAILURE)
}

export function afterSuccess(): void {
  spanRows = min(rowsMax, spanRows << 1)
}
