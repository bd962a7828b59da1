// Spans (value-spans.ts) to columns, a column at a time: plain numbers and short text by SIMD in loops of their own, the rest by
// json-value.ts.
// Invariant: a record is taken only if json.ts would take it, and gives the same row.
import { columns, columnsEnd, endPlainRows, markNull, row, takeBackRows, textTable, valueAt } from './decode-columns'
import { skipBlanks } from './json-text'
import { readValue } from './json-value'
import { readPlainNumbers } from './plain-number'
import { readShortTexts } from './plain-text'
import {
  DECODE_COLUMN_BYTES, DECODE_COLUMN_SHIFT, DECODE_COLUMN_SPANS, DECODE_COLUMN_TYPE, DECODE_SPAN_BYTES, DECODE_SPAN_LENGTH,
  DECODE_SPAN_QUOTED, DECODE_TYPE_BOOL, DECODE_TYPE_UTF8,
} from './portable/layout'
import { invalidUtf8 } from './utf8'
import { rowOf } from './value-spans'

const WORD_NULL: u32 = 0x6c6c756e

/**
 * Turns `count` rows of spans, whose records lie in [first, end), into rows of the columns. Returns how many from the first on
 * are right; those behind are not taken.
 */
export function convertSpans(count: i32, first: usize, end: usize): i32 {
  const invalid = invalidUtf8(first, end)
  let right = invalid ? rowOf(invalid, count) : count
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    right = convertColumn(column, load<u32>(column, DECODE_COLUMN_TYPE), right)
  }
  endPlainRows(count)
  if (right < count) takeBackRows(row - count + right)
  return right
}

/** Turns `count` spans of a column into values; returns how many from the first on are right. */
function convertColumn(column: usize, type: u32, count: i32): i32 {
  const first = <usize>load<u32>(column, DECODE_COLUMN_SPANS)
  const end = first + <usize>count * DECODE_SPAN_BYTES
  const shift = load<u32>(column, DECODE_COLUMN_SHIFT)
  const out = valueAt(column)
  for (let span = first; span < end; span += DECODE_SPAN_BYTES) {
    const to = out + (<usize>(span - first >> 3) << shift)
    if (type == DECODE_TYPE_UTF8) span = readShortTexts(span, end, to, textTable)
    else if (type != DECODE_TYPE_BOOL) span = readPlainNumbers(span, end, to, type)
    const i = <i32>(span - first) >> 3
    if (i < count && !convertAny(column, type, i, span, out + (<usize>i << shift))) return i
  }
  return count
}

/** Turns any span into the value of a column at `out`; returns whether it is one. */
function convertAny(column: usize, type: u32, i: i32, span: usize, out: usize): bool {
  let start = <usize>load<u32>(span)
  if (start) {
    const length = load<u32>(span, DECODE_SPAN_LENGTH)
    const quote = <usize>length >> 31
    const spanEnd = start + (length & ~DECODE_SPAN_QUOTED) + quote
    start = skipBlanks(start - quote)
    const end = readValue(start, type, out)
    if (end) return end == spanEnd || skipBlanks(end) == spanEnd
    if (load<u32>(start) != WORD_NULL || start + 4 != spanEnd && skipBlanks(start + 4) != spanEnd) return false
  }
  markNull(column, row + i)
  return true
}
