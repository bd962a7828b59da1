// CSV to columns, as RFC 4180 has it: fields in quotes may hold delimiters, line breaks and doubled quotes; lines end with LF or
// CR LF.
// Invariant: a quote opens only at the start of a field, so records end where src/data/record-boundary.ts says they do.
import {
  addBad, beginRow, endRow, fail, failWith, putBad, putFloat, putNull, putNumber, putText, putTimestampText, putValid,
  valueAt,
} from './decode-columns'
import { findByte } from './find-byte'
import { readBool } from './json-value'
import { parseSpecial, scanWithin, skipSign, trimEnd, trimStart } from './number'
import { readPlainNumbers } from './plain-number'
import {
  REASON_BEHIND_QUOTE, REASON_FIELD_COUNT, REASON_NOT_BOOL, REASON_NOT_NUMBER, REASON_QUOTE_END, REASON_QUOTE_INSIDE,
  REASON_TOO_LONG, REASON_UTF8,
} from './portable/decode-reasons'
import {
  DECODE_COLUMN_TYPE, DECODE_DELIMITER, DECODE_FIELDS, DECODE_FIELD_BYTES, DECODE_FIELD_COLUMN, DECODE_FIELD_COUNT,
  DECODE_FIELD_QUOTED, DECODE_FIELD_SPAN, DECODE_INPUT, DECODE_INPUT_END, DECODE_RECORD_BYTES_MAX, DECODE_SCRATCH,
  DECODE_SPAN_BYTES, DECODE_SPAN_LENGTH, DECODE_TYPE_BOOL, DECODE_TYPE_F32, DECODE_TYPE_F64, DECODE_TYPE_TIMESTAMP,
  DECODE_TYPE_UTF8,
} from './portable/layout'
import { invalidUtf8 } from './utf8'
import { spanRows } from './value-spans'

const QUOTE: u8 = 0x22
const QUOTED_PLAIN: u32 = 1
const QUOTED_DOUBLED: u32 = 2

let delimiter: u8 = 0
let inputEnd: usize = 0
let fields: usize = 0
let fieldCount: i32 = 0
let scratch: usize = 0

// Of the record split last: its number of fields, where the first one too many begins, and the first thing wrong with its quotes.
let fieldsFound: i32 = 0
let extraField: usize = 0
let splitReason: i32 = 0
let splitAt: usize = 0

export function decodeCsv(decode: usize): void {
  delimiter = load<u8>(decode, DECODE_DELIMITER)
  inputEnd = load<u32>(decode, DECODE_INPUT_END)
  fields = load<u32>(decode, DECODE_FIELDS)
  fieldCount = load<i32>(decode, DECODE_FIELD_COUNT)
  scratch = decode + DECODE_SCRATCH
  const recordBytesMax = load<u32>(decode, DECODE_RECORD_BYTES_MAX)
  let record = <usize>load<u32>(decode, DECODE_INPUT)
  while (record < inputEnd) {
    const end = splitRecord(record)
    if (!decodeRecord(record, end, recordBytesMax)) addBad(record)
    record = end + 1
  }
}

function decodeRecord(record: usize, end: usize, recordBytesMax: u32): bool {
  if (end == record || end == record + 1 && load<u8>(record) == 0x0d) return true
  if (end - record > <usize>recordBytesMax) return <bool>fail(REASON_TOO_LONG, record + recordBytesMax)
  const invalid = invalidUtf8(record, end)
  if (invalid) return <bool>fail(REASON_UTF8, invalid)
  if (splitReason) return <bool>fail(splitReason, splitAt)
  if (fieldsFound != fieldCount) {
    failWith(REASON_FIELD_COUNT, fieldsFound > fieldCount ? extraField : end, fieldsFound)
    return false
  }
  beginRow()
  const fieldsEnd = fields + <usize>fieldCount * DECODE_FIELD_BYTES
  for (let field = fields; field < fieldsEnd; field += DECODE_FIELD_BYTES) {
    const column = <usize>load<u32>(field, DECODE_FIELD_COLUMN)
    if (column) decodeField(column, field)
  }
  return endRow()
}

/** Notes the fields of the record at `p`; returns the address of the line feed that ends it. */
function splitRecord(p: usize): usize {
  fieldsFound = 0
  extraField = 0
  splitReason = 0
  while (true) {
    let start = p
    let end: usize
    let quoted: u32 = 0
    if (load<u8>(p) == 0x22) {
      start = p + 1
      quoted = QUOTED_PLAIN
      p = findByte(start, QUOTE)
      while (p < inputEnd - 1 && load<u8>(p, 1) == QUOTE) {
        quoted = QUOTED_DOUBLED
        p = findByte(p + 2, QUOTE)
      }
      if (p >= inputEnd) {
        // The quote behind the input: this one is never closed.
        noteSplit(REASON_QUOTE_END, start - 1)
        p = inputEnd - 1
      }
      end = p
      if (p < inputEnd - 1) p = endQuoted(p + 1)
    } else {
      p = findFieldEnd(p)
      end = load<u8>(p) == 0x0a && p > start && load<u8>(p - 1) == 0x0d ? p - 1 : p
    }
    addField(start, end, quoted)
    if (load<u8>(p) == 0x0a) return p
    p++
  }
}

/** Adds a field to those of the line. */
function addField(start: usize, end: usize, quoted: u32): void {
  if (fieldsFound < fieldCount) {
    const field = fields + <usize>fieldsFound * DECODE_FIELD_BYTES
    store<usize>(field, start, DECODE_FIELD_SPAN)
    store<usize>(field, end - start, DECODE_FIELD_SPAN + DECODE_SPAN_LENGTH)
    store<u32>(field, quoted, DECODE_FIELD_QUOTED)
  } else if (fieldsFound == fieldCount) {
    extraField = quoted ? start - 1 : start
  }
  fieldsFound++
}

function noteSplit(reason: i32, at: usize): void {
  if (splitReason) return
  splitReason = reason
  splitAt = at
}

/** From behind a closing quote to the delimiter or line feed, which has to follow at once. */
function endQuoted(p: usize): usize {
  const c = load<u8>(p)
  if (c == delimiter || c == 0x0a) return p
  if (c == 0x0d && load<u8>(p, 1) == 0x0a) return p + 1
  noteSplit(REASON_BEHIND_QUOTE, p)
  while (load<u8>(p) != delimiter && load<u8>(p) != 0x0a) p++
  return p
}

/** Address of the delimiter or line feed that ends a field without quotes. */
// @ts-ignore: decorator
@inline
function findFieldEnd(p: usize): usize {
  while (true) {
    p = findSeparator(p)
    if (load<u8>(p) != 0x22) return p
    noteSplit(REASON_QUOTE_INSIDE, p)
    p++
  }
}

/** Address of the first delimiter, line feed or quote from `p`. */
// @ts-ignore: decorator
@inline
function findSeparator(p: usize): usize {
  if (ASC_FEATURE_SIMD) {
    const delimiters = i8x16.splat(delimiter)
    while (true) {
      const v = v128.load(p)
      const marks = i8x16.bitmask(
        v128.or(v128.or(i8x16.eq(v, delimiters), i8x16.eq(v, i8x16.splat(0x0a))), i8x16.eq(v, i8x16.splat(0x22))))
      if (marks) return p + ctz(marks)
      p += 16
    }
  } else {
    while (true) {
      const c = load<u8>(p)
      if (c == delimiter || c == 0x0a || c == 0x22) return p
      p++
    }
  }
}

/** Decodes a field for a column. */
function decodeField(column: usize, field: usize): void {
  const quoted = load<u32>(field, DECODE_FIELD_QUOTED)
  const span = field + DECODE_FIELD_SPAN
  const start = <usize>load<u32>(span)
  let end = start + <usize>load<u32>(span, DECODE_SPAN_LENGTH)
  const type = load<u32>(column, DECODE_COLUMN_TYPE)
  if (spanRows && type != DECODE_TYPE_UTF8 && type != DECODE_TYPE_BOOL &&
    readPlainNumbers(span, span + DECODE_SPAN_BYTES, valueAt(column), type) != span) return putValid(column)
  if (quoted == QUOTED_DOUBLED) end = undoubleQuotes(start, end)
  const at = start - <usize>(quoted != 0)
  if (type != DECODE_TYPE_UTF8) decodeScalar(column, type, trimStart(start, end), trimEnd(start, end), at)
  else if (quoted || start < end) putText(column, start, <i32>(end - start))
  else putNull(column)
}

/** Turns doubled quotes into single ones, in place; returns the new end. */
function undoubleQuotes(p: usize, end: usize): usize {
  let out = p
  while (p < end) {
    const c = load<u8>(p)
    store<u8>(out++, c)
    p += c == 0x22 ? 2 : 1
  }
  return out
}

/** Decodes text without blanks around it for a column that is not text; none is null. `at` is where a bad value is reported. */
function decodeScalar(column: usize, type: u32, start: usize, end: usize, at: usize): void {
  if (start >= end) return putNull(column)
  if (type == DECODE_TYPE_BOOL) return decodeBool(column, start, end, at)
  const first = skipSign(start, end)
  if (scanWithin(first, end)) putNumber(column, type, at)
  else if (type == DECODE_TYPE_TIMESTAMP) putTimestampText(column, start, <i32>(end - start), at)
  else if (isFloat(type) && parseSpecial(first, end, scratch)) putFloat(column, type, load<f64>(scratch), at)
  else putBad(column, REASON_NOT_NUMBER, at)
}

// @ts-ignore: decorator
@inline
function isFloat(type: u32): bool {
  return type == DECODE_TYPE_F64 || type == DECODE_TYPE_F32
}

function decodeBool(column: usize, start: usize, end: usize, at: usize): void {
  const out = valueAt(column)
  const c = load<u8>(start)
  if (end == start + 1 && (c == 0x30 || c == 0x31)) store<u8>(out, c & 1)
  else if (readBool(start, out) != end) return putBad(column, REASON_NOT_BOOL, at)
  putValid(column)
}
