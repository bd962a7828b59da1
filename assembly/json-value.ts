// JSON values straight into a column: what a value nearly always is. Anything else is left to json.ts, which says what is wrong.
// Invariant: a value that this takes is taken there with the same result; it writes at `out` only, and never into the input.
import { storeNumber, textTable } from './decode-columns'
import { scanString, skipValue, stringEnd, stringPtr } from './json-text'
import { scanDecimal, scanEnd } from './number'
import { readPlainNumber } from './plain-number'
import { DECODE_TYPE_BOOL, DECODE_TYPE_NONE, DECODE_TYPE_TIMESTAMP, DECODE_TYPE_UTF8 } from './portable/layout'
import { internShort, internText } from './text-table'
import { parseTimestamp } from './timestamp-text'
import { invalidUtf8 } from './utf8'

// Constants lie in memory: V8 would make them anew for each value.
const quotes = memory.data<u64>([0x2222222222222222, 0x2222222222222222], 16)
const backslashes = memory.data<u64>([0x5c5c5c5c5c5c5c5c, 0x5c5c5c5c5c5c5c5c], 16)
const blanks = memory.data<u64>([0x2020202020202020, 0x2020202020202020], 16)

/** Reads the value at `p` into the value of a column at `out`; returns the address behind it, or 0 if it is not that easy. */
// @ts-ignore: decorator
@inline
export function readValue(p: usize, type: u32, out: usize): usize {
  if (type == DECODE_TYPE_UTF8) return readText(p, out)
  if (type == DECODE_TYPE_BOOL) return readBool(p, out)
  const end = readPlainNumber(p, type, out)
  return end ? end : readOther(p, type, out)
}

/** Skips a value that no column takes; returns the address behind it, or 0 if something is wrong with it. */
// @ts-ignore: decorator
@inline
export function skipChecked(p: usize): usize {
  let end: usize = 0
  if (load<u8>(p) == 0x22) {
    const length = shortLength(p + 1)
    if (length >= 0) return p + length + 2
  } else {
    end = readPlainNumber(p, DECODE_TYPE_NONE, 0)
  }
  return end ? end : skipOther(p)
}

function skipOther(p: usize): usize {
  const end = skipValue(p)
  return end && !invalidUtf8(p, end) ? end : 0
}

// @ts-ignore: decorator
@inline
function readText(p: usize, out: usize): usize {
  if (load<u8>(p++) != 0x22) return 0
  const length = shortLength(p)
  if (length < 0) return readLongText(p, out)
  store<i32>(out, internShort(textTable, p, length))
  return p + length + 1
}

/** The length of a string at `p` that is short, ASCII and without escapes, else −1. */
// @ts-ignore: decorator
@inline
function shortLength(p: usize): i32 {
  if (!ASC_FEATURE_SIMD) return -1
  const v = v128.load(p)
  // As signed bytes control characters and what is not ASCII are alike below the blank.
  const stops = i8x16.bitmask(v128.or(
    v128.or(i8x16.eq(v, v128.load(quotes)), i8x16.eq(v, v128.load(backslashes))), i8x16.gt_s(v128.load(blanks), v)))
  const length = ctz(stops)
  return stops && load<u8>(p + length) == 0x22 ? length : -1
}

function readLongText(p: usize, out: usize): usize {
  const end = scanString(p)
  if (!end || invalidUtf8(p, end)) return 0
  store<i32>(out, internText(textTable, stringPtr, <i32>(stringEnd - stringPtr)))
  return end
}

function readOther(p: usize, type: u32, out: usize): usize {
  const c = load<u8>(p)
  if (c == 0x22) {
    if (type != DECODE_TYPE_TIMESTAMP) return 0
    const end = scanString(p + 1)
    return end && parseTimestamp(stringPtr, <i32>(stringEnd - stringPtr), out) ? end : 0
  }
  return (c == 0x2d || <u32>c - 0x30 <= 9) && scanDecimal(p) && !storeNumber(type, out) ? scanEnd : 0
}

function readBool(p: usize, out: usize): usize {
  const word = load<u32>(p)
  const isFalse = word == 0x736c6166 && load<u8>(p, 4) == 0x65
  if (!isFalse && word != 0x65757274) return 0
  store<u8>(out, <u8>!isFalse)
  return p + 4 + <usize>isFalse
}
