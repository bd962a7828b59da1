// Numbers as text: the grammar of RFC 8259 and nothing more, read exactly. `scanDecimal` is what the JSON and CSV decoders use;
// `parseDecimal` and `parseInteger64` serve casts.
// Invariant: a scan stops at the first byte that is no part of the number, so any such byte (a line feed) is a sentinel.
import { decimalToFloat, roundDecimal } from './decimal-float'
import { parseFloat64 } from './host'

/** Why text is not an integer of its column's type. */
export const INTEGER_OK = 0
export const INTEGER_FRACTION = 1
export const INTEGER_OUT_OF_RANGE = 2

const MANTISSA_DIGITS_MAX = 19
// Enough for any record: an exponent beyond it cannot be made up for by digits.
const EXPONENT_MAX = 99999999
const ZEROS: u64 = 0x3030303030303030

const powersOfTen = memory.data<u64>([1, 10, 100, 1000, 10000, 100000, 1000000, 10000000])

/** What the last scan found: first byte behind the number, or where it broke off. */
export let scanEnd: usize = 0
/** The integer of the last `decimalInteger` that was INTEGER_OK. */
export let integerValue: i64 = 0

let scanStart: usize = 0
let isNegative = false
// The number is ± mantissa × 10^exponent, and a little more if digits that are not 0 were cut off.
let mantissa: u64 = 0
let exponent: i32 = 0
let isCut = false

/** Scans a JSON number at `ptr`. Returns whether there is one; `scanEnd` tells where it ends or what cannot be. */
export function scanDecimal(ptr: usize): bool {
  scanStart = ptr
  isNegative = load<u8>(ptr) == 0x2d
  const first = ptr + <usize>isNegative
  mantissa = 0
  isCut = false
  let p = scanDigits(first)
  scanEnd = p
  if (p == first) return false
  if (load<u8>(first) == 0x30 && p > first + 1) {
    scanEnd = first + 1
    return false
  }
  let digits = <i32>(p - first)
  let power = 0
  if (load<u8>(p) == 0x2e) {
    const fraction = p + 1
    p = scanDigits(fraction)
    scanEnd = p
    if (p == fraction) return false
    power = <i32>(fraction - p)
    digits += <i32>(p - fraction)
  }
  const mantissaEnd = p
  exponent = 0
  if ((load<u8>(p) | 0x20) == 0x65) {
    p = scanExponent(p + 1)
    if (!p) return false
  }
  if (digits > MANTISSA_DIGITS_MAX) rescanMantissa(first, mantissaEnd)
  else exponent += power
  scanEnd = p
  return true
}

/** Appends the run of digits at `p` to the mantissa, up to eight at a time. */
function scanDigits(p: usize): usize {
  for (;;) {
    const digits = load<u64>(p) ^ ZEROS
    // The lowest marked byte is the first that is no digit; carries only reach bytes above it.
    const others = (digits + 0x7676767676767676 | digits) & 0x8080808080808080
    if (!others) {
      mantissa = mantissa * 100000000 + eightDigits(digits)
      p += 8
      continue
    }
    const bits = <u64>ctz(others) & 0x38
    if (bits) {
      mantissa = mantissa * load<u64>(powersOfTen + <usize>bits) + eightDigits(digits << (64 - bits))
      p += <usize>(bits >> 3)
    }
    return p
  }
}

/** The number that eight digit values make, the first in the lowest byte. */
// @ts-ignore: decorator
@inline
function eightDigits(digits: u64): u64 {
  digits = digits * 10 + (digits >> 8)
  return ((digits & 0x000000ff000000ff) * 0x000f424000000064 + (digits >> 16 & 0x000000ff000000ff) * 0x0000271000000001) >> 32
}

/** Reads an exponent behind its `e` into `exponent`. Returns the end, or 0 with `scanEnd` set. */
function scanExponent(p: usize): usize {
  const sign = load<u8>(p)
  if (sign == 0x2d || sign == 0x2b) p++
  const first = p
  let value = 0
  for (;;) {
    const digit = <u32>load<u8>(p) - 0x30
    if (digit > 9) break
    if (value < EXPONENT_MAX) value = value * 10 + digit
    p++
  }
  if (p == first) {
    scanEnd = p
    return 0
  }
  exponent = sign == 0x2d ? -value : value
  return p
}

/** For more digits than a mantissa holds: the first 19 that count, `exponent` moved to fit. Digits lie in [p, end). */
function rescanMantissa(p: usize, end: usize): void {
  mantissa = 0
  let taken = 0
  let afterPoint = false
  for (; p < end; p++) {
    const c = load<u8>(p)
    if (c == 0x2e) {
      afterPoint = true
    } else if (taken < MANTISSA_DIGITS_MAX) {
      mantissa = mantissa * 10 + (c - 0x30)
      if (mantissa) taken++
      if (afterPoint) exponent--
    } else {
      if (c != 0x30) isCut = true
      if (!afterPoint) exponent++
    }
  }
}

/** The number scanned last, rounded correctly. */
// @ts-ignore: decorator
@inline
export function decimalFloat(): f64 {
  const value = isCut ? cutFloat() : decimalToFloat(mantissa, exponent)
  return isNegative ? -value : value
}

function cutFloat(): f64 {
  const below = roundDecimal(mantissa, exponent)
  if (below == roundDecimal(mantissa + 1, exponent)) return below
  return abs(parseFloat64(scanStart, <i32>(scanEnd - scanStart)))
}

/** The number scanned last as an integer, exactly, in `integerValue`; or why it is none. `1.0` and `1e3` are integers. */
export function decimalInteger(): i32 {
  // Digits were cut off behind the 19th: what has more before its point is too large, anything else has a fraction.
  if (isCut) return exponent > 0 ? INTEGER_OUT_OF_RANGE : INTEGER_FRACTION
  let value = mantissa
  let power = exponent
  if (value == 0) power = 0
  for (; power < 0; power++) {
    if (value % 10) return INTEGER_FRACTION
    value /= 10
  }
  for (; power > 0; power--) {
    if (value > 922337203685477580) return INTEGER_OUT_OF_RANGE
    value *= 10
  }
  const limit = isNegative ? <u64>1 << 63 : ((<u64>1 << 63) - 1)
  if (value > limit) return INTEGER_OUT_OF_RANGE
  integerValue = isNegative ? -(<i64>value) : <i64>value
  return INTEGER_OK
}

/**
 * The number that `length` bytes hold, as f64 at `out`: a JSON number, also with a leading `+`, or NaN, Infinity, -Infinity;
 * blanks around it are skipped. Returns 1, or 0 if they hold none.
 */
export function parseDecimal(ptr: usize, length: i32, out: usize): i32 {
  const end = trimEnd(ptr, ptr + length)
  const start = skipSign(trimStart(ptr, end), end)
  if (scanWithin(start, end)) store<f64>(out, decimalFloat())
  else return parseSpecial(start, end, out)
  return 1
}

/**
 * The integer that `length` bytes hold, as i64 at `out`, by the same grammar. Returns 1, or 0 if they hold none or it does not
 * fit.
 */
export function parseInteger64(ptr: usize, length: i32, out: usize): i32 {
  const end = trimEnd(ptr, ptr + length)
  if (!scanWithin(skipSign(trimStart(ptr, end), end), end) || decimalInteger() != INTEGER_OK) return 0
  store<i64>(out, integerValue)
  return 1
}

/**
 * Whether [start, end) is one JSON number. The byte behind it is a sentinel for as long as this takes: what follows may go on
 * like a number.
 */
export function scanWithin(start: usize, end: usize): bool {
  const behind = load<u8>(end)
  store<u8>(end, 0x0a)
  const isNumber = scanDecimal(start) && scanEnd == end
  store<u8>(end, behind)
  return isNumber
}

/** NaN, Infinity and -Infinity as JavaScript writes them. */
export function parseSpecial(start: usize, end: usize, out: usize): i32 {
  const length = end - start
  if (length == 3 && load<u16>(start) == 0x614e && load<u8>(start, 2) == 0x4e) {
    store<f64>(out, NaN)
    return 1
  }
  const negative = length == 9 && load<u8>(start) == 0x2d
  if (length != 8 && !negative || load<u64>(start + <usize>negative) != 0x7974696e69666e49) return 0
  store<f64>(out, negative ? -Infinity : Infinity)
  return 1
}

/** A leading `+`, where a digit, a point or a word may follow but no second sign. */
export function skipSign(start: usize, end: usize): usize {
  return start + 1 < end && load<u8>(start) == 0x2b && load<u8>(start, 1) != 0x2d ? start + 1 : start
}

/** First byte of [start, end) that is no blank, or `end`. */
export function trimStart(start: usize, end: usize): usize {
  while (start < end && isBlank(load<u8>(start))) start++
  return start
}

/** The end of [start, end) without the blanks before it. */
export function trimEnd(start: usize, end: usize): usize {
  while (end > start && isBlank(load<u8>(end - 1))) end--
  return end
}

// @ts-ignore: decorator
@inline
function isBlank(c: u32): bool {
  return c == 0x20 || c == 0x09 || c == 0x0d || c == 0x0a
}
