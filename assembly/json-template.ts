// One template: the shape of a line that holds an object, as the literal text between its values and what the values are for.
// Written here from a line that is known to be right, read by json-templates.ts.
// Invariant: a line that has these literals, and between them values that their columns can hold, is right, and has each
// column once. Only the last literal has a line feed.
import { columns, columnsEnd } from './decode-columns'
import { findColumn } from './json-columns'
import { scanKey, skipBlanks, skipValue, stringEnd, stringPtr } from './json-text'
import {
  DECODE_COLUMN_BYTES, DECODE_COLUMN_SPANS, DECODE_SPAN_QUOTED, DECODE_TEMPLATE_BYTES,
} from './portable/layout'

/** At most LITERAL_BYTES_MAX bytes that come first; ones for each of them; how many they are. */
export const FIELD_LITERAL = 0
const LITERAL_BYTES_MAX: usize = 16
export const FIELD_MASK = 16
export const FIELD_LITERAL_BYTES = 32
/** What follows: FIELD_KIND_… */
export const FIELD_KIND = 36
/** Where the column's spans lie. */
export const FIELD_SPANS = 40
/** The byte behind the value, 16 times. */
export const FIELD_STOPS = 48
export const FIELD_BYTES = 64

/** A value in quotes, which belong to the literals, or not: what a span's length says of it. */
export const FIELD_KIND_QUOTED: u32 = DECODE_SPAN_QUOTED
export const FIELD_KIND_BARE: u32 = 0
/** A value that no column takes. */
export const FIELD_KIND_SKIPPED: u32 = 1
/** More of the literal. */
export const FIELD_KIND_LITERAL: u32 = 2
/** Nothing: the column is null in this shape. */
export const FIELD_KIND_MISSING: u32 = 3
/** The next line. */
export const FIELD_KIND_END: u32 = 4

/** Behind the template that is being written. */
let templateEnd: usize = 0

/** Writes the shape of the line at `p`. Returns whether it can be a template. */
export function writeTemplate(template: usize, p: usize): bool {
  templateEnd = template + DECODE_TEMPLATE_BYTES
  let field = template
  let literal = p
  let expected = columns
  p = skipBlanks(p + 1)
  while (load<u8>(p) != 0x7d) {
    p = scanKey(p)
    const column = findColumn(stringPtr, <u32>(stringEnd - stringPtr), expected)
    if (column) {
      // The last of several would win, so that none of them can be written at once.
      if (hasColumn(template, field, column)) return false
      expected = column + DECODE_COLUMN_BYTES
    }
    const quote = <usize>(column != 0 && load<u8>(p) == 0x22)
    field = writeLiteral(field, literal, p + quote, column ? <u32>quote << 31 : FIELD_KIND_SKIPPED, column)
    if (!field) return false
    p = skipValue(p)
    literal = p - quote
    memory.fill(field - FIELD_BYTES + FIELD_STOPS, load<u8>(literal), 16)
    p = skipBlanks(p)
    if (load<u8>(p) == 0x2c) p = skipBlanks(p + 1)
  }
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    if (!hasColumn(template, field, column)) field = writeField(field, p, 0, FIELD_KIND_MISSING, column)
    if (!field) return false
  }
  return writeLiteral(field, literal, skipBlanks(p + 1) + 1, FIELD_KIND_END, 0) != 0
}

function hasColumn(field: usize, end: usize, column: usize): bool {
  for (; field < end; field += FIELD_BYTES) {
    if (load<u32>(field, FIELD_SPANS) == load<u32>(column, DECODE_COLUMN_SPANS)) return true
  }
  return false
}

/** Writes a literal of any length and what follows; returns where the next field goes, or 0 if there is no room. */
function writeLiteral(field: usize, from: usize, to: usize, kind: u32, column: usize): usize {
  for (; field && to - from > LITERAL_BYTES_MAX; from += LITERAL_BYTES_MAX) {
    field = writeField(field, from, <i32>LITERAL_BYTES_MAX, FIELD_KIND_LITERAL, 0)
  }
  return field && writeField(field, from, <i32>(to - from), kind, column)
}

function writeField(field: usize, literal: usize, length: i32, kind: u32, column: usize): usize {
  if (field + FIELD_BYTES > templateEnd) return 0
  memory.fill(field, 0, FIELD_BYTES)
  memory.copy(field + FIELD_LITERAL, literal, length)
  memory.fill(field + FIELD_MASK, 0xff, length)
  store<u32>(field, length, FIELD_LITERAL_BYTES)
  store<u32>(field, kind, FIELD_KIND)
  if (column) store<u32>(field, load<u32>(column, DECODE_COLUMN_SPANS), FIELD_SPANS)
  return field + FIELD_BYTES
}
