// JSON documents to columns: objects with any keys in any order. A record is a line: an object (NDJSON), or an object or a list
// of objects (JSON). Only the columns that are asked for are decoded; everything else is checked and skipped.
import {
  beginRow, columns, columnsEnd, endRow, fail, putBad, putBool, putNull, putNumber, putText, putTimestampText,
} from './decode-columns'
import {
  WORD_NULL, WORD_TRUE, scanFalse, scanKey, scanString, scanWord, skipBlanks, skipValue, stringEnd, stringPtr,
} from './json-text'
import { scanDecimal, scanEnd } from './number'
import {
  REASON_COMMA_OR_BRACE, REASON_COMMA_OR_BRACKET, REASON_NOT_BOOL, REASON_NOT_NUMBER, REASON_NOT_OBJECT, REASON_NOT_TEXT,
  REASON_NOT_TIMESTAMP,
  REASON_NUMBER, REASON_OBJECT, REASON_TRAILING,
} from './portable/decode-reasons'
import {
  DECODE_COLUMN_BYTES, DECODE_COLUMN_NAME, DECODE_COLUMN_NAME_BYTES, DECODE_COLUMN_TYPE, DECODE_COLUMN_WORD, DECODE_TYPE_BOOL,
  DECODE_TYPE_TIMESTAMP, DECODE_TYPE_UTF8,
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
      const column = findColumn(expected)
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
  return endRow() ? p + 1 : 0
}

/** The column that bears the name scanned last, or 0. */
// @ts-ignore: decorator
@inline
function findColumn(expected: usize): usize {
  const length = <u32>(stringEnd - stringPtr)
  const word = length < 8 ? load<u64>(stringPtr) & ((<u64>1 << (length << 3)) - 1) : load<u64>(stringPtr)
  if (expected < columnsEnd && hasName(expected, word, length)) return expected
  return findColumnAnywhere(word, length)
}

function findColumnAnywhere(word: u64, length: u32): usize {
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    if (hasName(column, word, length)) return column
  }
  return 0
}

// @ts-ignore: decorator
@inline
function hasName(column: usize, word: u64, length: u32): bool {
  return load<u64>(column, DECODE_COLUMN_WORD) == word && load<u32>(column, DECODE_COLUMN_NAME_BYTES) == length &&
    (length <= 8 || equalTails(load<u32>(column, DECODE_COLUMN_NAME), stringPtr, length))
}

/** Whether two texts of equal length, longer than eight bytes, agree behind the first eight. */
function equalTails(a: usize, b: usize, length: usize): bool {
  const last = length - 8
  for (let i: usize = 8; i < last; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false
  }
  return load<u64>(a + last) == load<u64>(b + last)
}

/** Decodes the value at `p` for a column; returns the address behind it. */
// @ts-ignore: decorator
@inline
function decodeValue(column: usize, p: usize): usize {
  const type = load<u32>(column, DECODE_COLUMN_TYPE)
  const c = load<u8>(p)
  if (c == 0x22) {
    if (type != DECODE_TYPE_UTF8) return decodeOther(column, type, p)
    const end = scanString(p + 1)
    if (end) putText(column, stringPtr, <i32>(stringEnd - stringPtr))
    return end
  }
  if (<u32>c - 0x30 <= 9 || c == 0x2d) {
    if (type == DECODE_TYPE_UTF8 || type == DECODE_TYPE_BOOL) return decodeOther(column, type, p)
    if (!scanDecimal(p)) return fail(REASON_NUMBER, scanEnd)
    putNumber(column, type, p)
    return scanEnd
  }
  return decodeOther(column, type, p)
}

/** Null, a bool, the text of a time, or a value that the column cannot hold. */
function decodeOther(column: usize, type: u32, p: usize): usize {
  const c = load<u8>(p)
  let end: usize
  if (c == 0x6e) {
    end = scanWord(p, WORD_NULL)
    putNull(column)
  } else if (c == 0x74 && type == DECODE_TYPE_BOOL) {
    end = scanWord(p, WORD_TRUE)
    putBool(column, 1)
  } else if (c == 0x66 && type == DECODE_TYPE_BOOL) {
    end = scanFalse(p)
    putBool(column, 0)
  } else if (c == 0x22 && type == DECODE_TYPE_TIMESTAMP) {
    end = scanString(p + 1)
    if (end) putTimestampText(column, stringPtr, <i32>(stringEnd - stringPtr), p)
  } else {
    end = skipValue(p)
    putBad(column, reasonOf(type), p)
  }
  return end
}

function reasonOf(type: u32): i32 {
  if (type == DECODE_TYPE_UTF8) return REASON_NOT_TEXT
  if (type == DECODE_TYPE_BOOL) return REASON_NOT_BOOL
  return type == DECODE_TYPE_TIMESTAMP ? REASON_NOT_TIMESTAMP : REASON_NOT_NUMBER
}
