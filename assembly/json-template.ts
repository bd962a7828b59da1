// One template: the shape of an object, as the literal text between its values and what the values are for. Written here from
// an object that is known to be right, read by json-templates.ts.
// Invariant: an object that has these literals, and between them values that their columns can hold, is right, and has each
// column once.
import { columns, columnsEnd } from './decode-columns'
import { findColumn } from './json-columns'
import { scanKey, skipBlanks, skipValue, stringEnd, stringPtr } from './json-text'
import {
  DECODE_COLUMN_BYTES, DECODE_COLUMN_SPANS, DECODE_SPAN_QUOTED, DECODE_TEMPLATE_BYTES,
} from './portable/layout'

/** The template that followed this one last: the first to try on the next object. Fields follow, FIELD_BYTES each. */
export const TEMPLATE_NEXT = 0
export const TEMPLATE_FIELDS = 64

/** At most LITERAL_BYTES_MAX bytes that come first; a bit for each of them; how many they are. */
export const FIELD_LITERAL = 0
const LITERAL_BYTES_MAX: usize = 32
export const FIELD_LITERAL_BITS = 32
export const FIELD_LITERAL_BYTES = 36
/** What follows: FIELD_KIND_… */
export const FIELD_KIND = 40
/** Where the column's spans lie. */
export const FIELD_SPANS = 44
/** How long the value was that was found last. */
export const FIELD_VALUE_BYTES = 48
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
export const FIELD_KIND_END: u32 = 4

/** Behind the template that is being written. */
let templateEnd: usize = 0

/** Writes the shape of the object at `p`. Returns false, and leaves a template that nothing fits, if it cannot be one. */
export function writeTemplate(template: usize, p: usize): bool {
  templateEnd = template + DECODE_TEMPLATE_BYTES
  store<u32>(template, <u32>template, TEMPLATE_NEXT)
  if (writeFields(template + TEMPLATE_FIELDS, p)) return true
  writeField(template + TEMPLATE_FIELDS, p, 1, FIELD_KIND_LITERAL, 0)
  store<u8>(template, 0, TEMPLATE_FIELDS + FIELD_LITERAL)
  return false
}

function writeFields(first: usize, p: usize): usize {
  let field = first
  let literal = p
  let expected = columns
  p = skipBlanks(p + 1)
  while (load<u8>(p) != 0x7d) {
    p = scanKey(p)
    const column = findColumn(stringPtr, <u32>(stringEnd - stringPtr), expected)
    if (column) {
      // The last of several would win, so that none of them can be written at once.
      if (hasColumn(first, field, column)) return 0
      expected = column + DECODE_COLUMN_BYTES
    }
    const quote = <usize>(column != 0 && load<u8>(p) == 0x22)
    field = writeLiteral(field, literal, p + quote, column ? <u32>quote << 31 : FIELD_KIND_SKIPPED, column)
    if (!field) return 0
    p = skipValue(p)
    literal = p - quote
    p = skipBlanks(p)
    if (load<u8>(p) == 0x2c) p = skipBlanks(p + 1)
  }
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    if (!hasColumn(first, field, column)) field = writeField(field, p, 0, FIELD_KIND_MISSING, column)
    if (!field) return 0
  }
  return writeLiteral(field, literal, p + 1, FIELD_KIND_END, 0)
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
  if (field == templateEnd) return 0
  memory.fill(field, 0, FIELD_BYTES)
  memory.copy(field + FIELD_LITERAL, literal, length)
  store<u32>(field, <u32>(((<u64>1) << length) - 1), FIELD_LITERAL_BITS)
  store<u32>(field, length, FIELD_LITERAL_BYTES)
  store<u32>(field, kind, FIELD_KIND)
  if (column) store<u32>(field, load<u32>(column, DECODE_COLUMN_SPANS), FIELD_SPANS)
  return field + FIELD_BYTES
}
