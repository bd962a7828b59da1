// JSON as text, by the grammar of RFC 8259 and nothing more: strings, blanks, and values that no column takes.
// Invariant: a record ends with a line feed, which the grammar has no place for, so nothing here looks for the end; a function
// that fails has said why (decode-columns.ts) and returns 0.
import { fail, textTable } from './decode-columns'
import { scanDecimal, scanEnd } from './number'
import {
  NESTING_MAX, REASON_COLON, REASON_COMMA_OR_BRACE, REASON_COMMA_OR_BRACKET, REASON_CONTROL, REASON_ESCAPE, REASON_KEY,
  REASON_NUMBER,
  REASON_STRING_END, REASON_SURROGATE, REASON_TOO_DEEP, REASON_VALUE,
} from './portable/decode-reasons'
import { freeText } from './text-table'

/** The string scanned last, without its quotes and escapes. */
export let stringPtr: usize = 0
export let stringEnd: usize = 0

/** The first byte from `p` that is no blank of JSON; the line feed, which ends the record, counts as none. */
export function skipBlanks(p: usize): usize {
  while (true) {
    const c = load<u8>(p)
    if (c != 0x20 && c != 0x09 && c != 0x0d) return p
    p++
  }
}

/**
 * Scans a string from behind its opening quote; returns the address behind the closing one. A string with escapes is resolved in
 * free room of the text table, so that it is good until the next one is entered or scanned.
 */
export function scanString(p: usize): usize {
  const stop = findNextStop(p)
  stringPtr = p
  stringEnd = stop
  return load<u8>(stop) == 0x22 ? stop + 1 : scanEscaped(p, stop)
}

/** The first byte from `p` that a string cannot hold as it is: a quote, a backslash, a control character. */
// @ts-ignore: decorator
@inline
export function findStop(p: usize): usize {
  if (ASC_FEATURE_SIMD) {
    while (true) {
      const v = v128.load(p)
      const marks = i8x16.bitmask(v128.or(
        v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))), i8x16.lt_u(v, i8x16.splat(0x20))))
      if (marks) return p + ctz(marks)
      p += 16
    }
  } else {
    while (true) {
      const v = load<u64>(p)
      const quotes = v ^ 0x2222222222222222, slashes = v ^ 0x5c5c5c5c5c5c5c5c
      // A byte below n: its top bit comes up when n is taken off and was not set. The lowest mark is right; borrows go upwards.
      const marks = 0x8080808080808080 &
        ((quotes - 0x0101010101010101 & ~quotes) | (slashes - 0x0101010101010101 & ~slashes) | (v - 0x2020202020202020 & ~v))
      if (marks) return p + (<usize>ctz(marks) >> 3)
      p += 8
    }
  }
}

/** The same where a call costs little beside the rest. */
export function findNextStop(p: usize): usize {
  return findStop(p)
}

/** Goes on with a string at the first byte that is not plain. The resolved text never outgrows what has been read of it. */
function scanEscaped(start: usize, p: usize): usize {
  let out = freeText(textTable, <i32>(findClose(p) - start))
  memory.copy(out, start, p - start)
  stringPtr = out
  out += p - start
  while (true) {
    const c = load<u8>(p)
    if (c == 0x22) {
      stringEnd = out
      return p + 1
    }
    if (c < 0x20) return fail(c == 0x0a ? REASON_STRING_END : REASON_CONTROL, p)
    if (c == 0x5c) {
      const escape = load<u8>(p, 1)
      if (escape == 0x75) {
        const codePoint = scanCodePoint(p + 2)
        if (codePoint < 0) return 0
        p += codePoint > 0xffff ? 12 : 6
        out = putCodePoint(out, codePoint)
      } else {
        const plain = resolveEscape(escape)
        if (!plain) return fail(REASON_ESCAPE, p + 1)
        store<u8>(out++, plain)
        p += 2
      }
    } else {
      const stop = findNextStop(p)
      memory.copy(out, p, stop - p)
      out += stop - p
      p = stop
    }
  }
}

/** Where a string ends at the latest, from its first byte that is not plain: the closing quote or what cannot be. */
function findClose(p: usize): usize {
  while (load<u8>(p) == 0x5c && load<u8>(p, 1) >= 0x20) p = findNextStop(p + 2)
  return p
}

/** The character that stands behind a backslash for another, or 0. */
function resolveEscape(c: u8): u8 {
  switch (c) {
    case 0x22: case 0x5c: case 0x2f: return c
    case 0x62: return 0x08
    case 0x66: return 0x0c
    case 0x6e: return 0x0a
    case 0x72: return 0x0d
    case 0x74: return 0x09
    default: return 0
  }
}

/** The code point of `\u` from behind the u, with the second half of a surrogate pair where there is one; −1 on failure. */
function scanCodePoint(p: usize): i32 {
  const high = scanHex(p)
  if (high < 0 || high < 0xd800 || high > 0xdfff) return high
  if (high > 0xdbff) {
    fail(REASON_SURROGATE, p - 2)
    return -1
  }
  if (load<u8>(p, 4) != 0x5c || load<u8>(p, 5) != 0x75) {
    fail(REASON_SURROGATE, p - 2)
    return -1
  }
  const low = scanHex(p + 6)
  if (low < 0) return -1
  if (low < 0xdc00 || low > 0xdfff) {
    fail(REASON_SURROGATE, p - 2)
    return -1
  }
  return 0x10000 + (high - 0xd800 << 10) + (low - 0xdc00)
}

function scanHex(p: usize): i32 {
  let value = 0
  for (const end = p + 4; p < end; p++) {
    const c = <u32>load<u8>(p)
    const digit = c - 0x30 <= 9 ? c - 0x30 : (c | 0x20) - 0x61 <= 5 ? (c | 0x20) - 0x57 : 16
    if (digit > 15) {
      fail(REASON_ESCAPE, p)
      return -1
    }
    value = value << 4 | digit
  }
  return value
}

function putCodePoint(p: usize, c: i32): usize {
  if (c < 0x80) {
    store<u8>(p, c)
    return p + 1
  }
  if (c < 0x800) {
    store<u8>(p, 0xc0 | c >> 6)
    store<u8>(p, 0x80 | c & 0x3f, 1)
    return p + 2
  }
  if (c < 0x10000) {
    store<u8>(p, 0xe0 | c >> 12)
    store<u8>(p, 0x80 | c >> 6 & 0x3f, 1)
    store<u8>(p, 0x80 | c & 0x3f, 2)
    return p + 3
  }
  store<u8>(p, 0xf0 | c >> 18)
  store<u8>(p, 0x80 | c >> 12 & 0x3f, 1)
  store<u8>(p, 0x80 | c >> 6 & 0x3f, 2)
  store<u8>(p, 0x80 | c & 0x3f, 3)
  return p + 4
}

/** Scans a key and its colon; the key is the string scanned last. Returns where the value begins. */
export function scanKey(p: usize): usize {
  if (load<u8>(p) != 0x22) return fail(REASON_KEY, p)
  p = scanString(p + 1)
  if (!p) return 0
  p = skipBlanks(p)
  if (load<u8>(p) != 0x3a) return fail(REASON_COLON, p)
  return skipBlanks(p + 1)
}

/** The words of JSON, as their first four bytes. */
const WORD_NULL: u32 = 0x6c6c756e
const WORD_TRUE: u32 = 0x65757274
const WORD_FALSE: u32 = 0x736c6166

/** The address behind `null` or `true` at `p`. */
function scanWord(p: usize, word: u32): usize {
  if (load<u32>(p) == word) return p + 4
  while (load<u8>(p) == <u8>word) {
    word >>= 8
    p++
  }
  return fail(REASON_VALUE, p)
}

function scanFalse(p: usize): usize {
  const rest = scanWord(p, WORD_FALSE)
  if (!rest) return 0
  return load<u8>(rest) == 0x65 ? rest + 1 : fail(REASON_VALUE, rest)
}

/** Scans a value of any kind; returns the address behind it. */
export function skipValue(p: usize): usize {
  let depth = 0
  // A bit per level, the innermost lowest: 1 = an object.
  let levels: u64 = 0
  while (true) {
    const c = load<u8>(p)
    if (c == 0x7b || c == 0x5b) {
      if (depth == NESTING_MAX) return fail(REASON_TOO_DEEP, p)
      const isObject = c == 0x7b
      p = skipBlanks(p + 1)
      if (load<u8>(p) == (isObject ? 0x7d : 0x5d)) {
        p++
      } else {
        depth++
        levels = levels << 1 | <u64>isObject
        if (isObject) p = scanKey(p)
        if (!p) return 0
        continue
      }
    } else {
      p = skipScalar(p, c)
      if (!p) return 0
    }
    // A value has ended: close what ends with it.
    while (true) {
      if (!depth) return p
      p = skipBlanks(p)
      const isObject = <bool>(levels & 1)
      const next = load<u8>(p)
      if (next == 0x2c) {
        p = skipBlanks(p + 1)
        if (isObject) p = scanKey(p)
        if (!p) return 0
        break
      }
      if (next != (isObject ? 0x7d : 0x5d)) return fail(isObject ? REASON_COMMA_OR_BRACE : REASON_COMMA_OR_BRACKET, p)
      p++
      depth--
      levels >>= 1
    }
  }
}

function skipScalar(p: usize, c: u8): usize {
  switch (c) {
    case 0x22: return scanString(p + 1)
    case 0x6e: return scanWord(p, WORD_NULL)
    case 0x74: return scanWord(p, WORD_TRUE)
    case 0x66: return scanFalse(p)
  }
  if (c != 0x2d && <u32>c - 0x30 > 9) return fail(REASON_VALUE, p)
  return scanDecimal(p) ? scanEnd : fail(REASON_NUMBER, scanEnd)
}
