// Where the values of an object lie whose shape is not known: its keys come in any order, its values may be null, blanks stand
// anywhere.
// Invariant: an object whose values are found is right, as json.ts has it, if they are; no key has come twice.
import { columns, columnsEnd } from './decode-columns'
import { findColumn } from './json-columns'
import { findNextStop, findStop, skipBlanks, skipValue } from './json-text'
import { DECODE_COLUMN_BYTES, DECODE_COLUMN_SPANS, DECODE_SPAN_QUOTED } from './portable/layout'
import { setSpan } from './value-spans'

/** Finds the values of the object at `p`, for the spans `at` in each list; returns the address behind it, or 0: not easy. */
export function locateMembers(p: usize, at: usize): usize {
  if (load<u8>(p) != 0x7b) return 0
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    store<u64>(<usize>load<u32>(column, DECODE_COLUMN_SPANS) + at, 0)
  }
  p = skipBlanks(p + 1)
  if (load<u8>(p) == 0x7d) return p + 1
  // Most objects have their keys in the order of the columns.
  let expected = columns
  while (load<u8>(p) == 0x22) {
    const key = p + 1
    const keyEnd = findStop(key)
    if (load<u8>(keyEnd) != 0x22) return 0
    p = keyEnd + 1
    if (load<u8>(p) != 0x3a) {
      p = skipBlanks(p)
      if (load<u8>(p) != 0x3a) return 0
    }
    p++
    if (load<u8>(p) <= 0x20) p = skipBlanks(p)
    const column = findColumn(key, <u32>(keyEnd - key), expected)
    if (column) {
      p = locateValue(p, <usize>load<u32>(column, DECODE_COLUMN_SPANS) + at)
      expected = column + DECODE_COLUMN_BYTES
    } else {
      p = skipValue(p)
    }
    if (!p) return 0
    if (load<u8>(p) <= 0x20) p = skipBlanks(p)
    const c = load<u8>(p)
    if (c == 0x7d) return p + 1
    if (c != 0x2c) return 0
    p++
    if (load<u8>(p) <= 0x20) p = skipBlanks(p)
  }
  return 0
}

/** Notes in a span, free so far, where the value at `p` lies; returns the address behind it, or 0. */
// @ts-ignore: decorator
@inline
function locateValue(p: usize, span: usize): usize {
  if (load<u32>(span)) return 0
  if (load<u8>(p) != 0x22) {
    const end = findScalarEnd(p)
    setSpan(span, p, end, 0)
    return end
  }
  p++
  let end = findStop(p)
  while (load<u8>(end) == 0x5c && load<u8>(end, 1) >= 0x20) end = findNextStop(end + 2)
  setSpan(span, p, end, DECODE_SPAN_QUOTED)
  return load<u8>(end) == 0x22 ? end + 1 : 0
}

/** Address of the first byte from `p` that no number and no word can hold: a comma, a brace, a blank, the line feed. */
// @ts-ignore: decorator
@inline
function findScalarEnd(p: usize): usize {
  if (ASC_FEATURE_SIMD) {
    while (true) {
      const v = v128.load(p)
      const marks = i8x16.bitmask(v128.or(
        v128.or(i8x16.eq(v, i8x16.splat(0x2c)), i8x16.eq(v, i8x16.splat(0x7d))), i8x16.lt_u(v, i8x16.splat(0x21))))
      if (marks) return p + ctz(marks)
      p += 16
    }
  } else {
    while (load<u8>(p) > 0x20 && load<u8>(p) != 0x2c && load<u8>(p) != 0x7d) p++
    return p
  }
}
