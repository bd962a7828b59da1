// JSON documents to columns: objects with any keys in any order. A record is a line: an object (NDJSON), or an object or a list
// of objects (JSON). Only the columns that are asked for are decoded; everything else is checked and skipped.
import {
  beginRow, columns, columnsEnd, endRow, fail, putBad, putNull, putNumber, putValid, valueAt,
} from './decode-columns'
import { findColumn } from './json-columns'
import { hasTemplates } from './json-templates'
import { scanKey, skipBlanks, skipValue, stringEnd, stringPtr } from './json-text'
import { readValue } from './json-value'
import { decodeListedObjects } from './located-objects'
import {
  REASON_COMMA_OR_BRACE, REASON_COMMA_OR_BRACKET, REASON_NOT_BOOL, REASON_NOT_NUMBER, REASON_NOT_OBJECT, REASON_NOT_TEXT,
  REASON_NOT_TIMESTAMP, REASON_OBJECT, REASON_TRAILING,
} from './portable/decode-reasons'
import {
  DECODE_COLUMN_BYTES, DECODE_COLUMN_TYPE, DECODE_TYPE_BOOL, DECODE_TYPE_TIMESTAMP, DECODE_TYPE_UTF8,
} from './portable/layout'

/** Decodes the record that begins at `p`, which is no blank, and ends with the line feed at `end`. Returns false if it is bad. */
// @ts-ignore: decorator
@inline
export function decodeJson(p: usize, end: usize, allowList: bool): bool {
  if (load<u8>(p) == 0x7b) p = decodeObject(p)
  else p = allowList && load<u8>(p) == 0x5b ? decodeList(p) : fail(REASON_NOT_OBJECT, p)
  if (!p) return false
  p = skipBlanks(p)
  if (p != end) {
    fail(REASON_TRAILING, p)
    return false
  }
  return true
}

function decodeList(p: usize): usize {
  p = skipBlanks(p + 1)
  if (load<u8>(p) == 0x5d) return p + 1
  while (true) {
    if (hasTemplates) p = decodeListedObjects(p)
    if (load<u8>(p) != 0x7b) return fail(REASON_OBJECT, p)
    p = decodeObject(p)
    if (!p) return 0
    p = skipBlanks(p)
    const c = load<u8>(p)
    if (c == 0x5d) return p + 1
    if (c != 0x2c) return fail(REASON_COMMA_OR_BRACKET, p)
    p = skipBlanks(p + 1)
  }
}

/** Decodes the object at `p` into a row; returns the address behind it. */
function decodeObject(p: usize): usize {
  beginRow()
  p = skipBlanks(p + 1)
  if (load<u8>(p) != 0x7d) {
    // Most objects have their keys in the order of the columns.
    let expected = columns
    while (true) {
      p = scanKey(p)
      if (!p) return 0
      const column = findColumn(stringPtr, <u32>(stringEnd - stringPtr), expected)
      if (column) {
        p = decodeValue(column, p)
        expected = column + DECODE_COLUMN_BYTES
      } else {
        p = skipValue(p)
      }
      if (!p) return 0
      p = skipBlanks(p)
      const c = load<u8>(p)
      if (c == 0x7d) break
      if (c != 0x2c) return fail(REASON_COMMA_OR_BRACE, p)
      p = skipBlanks(p + 1)
    }
  }
  if (!endRow()) return 0
  return p + 1
}

/** Decodes the value at `p` for a column; returns the address behind it. */
// @ts-ignore: decorator
@inline
function decodeValue(column: usize, p: usize): usize {
  const type = load<u32>(column, DECODE_COLUMN_TYPE)
  const end = readValue(p, type, valueAt(column))
  if (!end) return decodeOther(column, type, p)
  putValid(column)
  return end
}

/** Null, or a value that the column cannot hold or that is none. */
function decodeOther(column: usize, type: u32, p: usize): usize {
  const c = load<u8>(p)
  const end = skipValue(p)
  if (!end) return 0
  if (c == 0x6e) putNull(column)
  else if ((<u32>c - 0x30 <= 9 || c == 0x2d) && type != DECODE_TYPE_UTF8 && type != DECODE_TYPE_BOOL) putNumber(column, type, p)
  else putBad(column, reasonOf(type), p)
  return end
}

function reasonOf(type: u32): i32 {
  if (type == DECODE_TYPE_UTF8) return REASON_NOT_TEXT
  if (type == DECODE_TYPE_BOOL) return REASON_NOT_BOOL
  return type == DECODE_TYPE_TIMESTAMP ? REASON_NOT_TIMESTAMP : REASON_NOT_NUMBER
}
