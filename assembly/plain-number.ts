// Plain numbers, as nearly all are: at most 15 bytes of digits with at most one point among them, read by SIMD without a loop.
// Invariant: a number that this takes is taken by number.ts with the same value; whatever else there is, this says so and writes
// nothing.
import { decimalToFloat } from './decimal-float'
import { DECODE_TYPE_F32, DECODE_TYPE_F64, DECODE_TYPE_I32, DECODE_TYPE_I64, DECODE_TYPE_NONE } from './portable/layout'
import { TIMESTAMP_MAX } from './timestamp-text'

// Constants lie in memory: V8 would make them anew for each number.
/** From n on: the lanes that bring the first n of 16 bytes to the right end; lanes out of range in front. */
const lanes = memory.data<i8>([
  -16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
], 16)
const zeros = memory.data<u64>([0x3030303030303030, 0x3030303030303030], 16)
/** What brings the digits, and nothing else, above 0x75 as signed bytes. */
const toTop = memory.data<u64>([0x4646464646464646, 0x4646464646464646], 16)
const belowTop = memory.data<u64>([0x7575757575757575, 0x7575757575757575], 16)
const tens = memory.data<i16>([10, 10, 10, 10, 10, 10, 10, 10], 16)
const hundreds = memory.data<i16>([100, 1, 100, 1, 100, 1, 100, 1], 16)
const tenThousands = memory.data<i16>([10000, 1, 10000, 1, 10000, 1, 10000, 1], 16)

/**
 * Reads the number at `p` into the value of a column at `out`, nowhere for DECODE_TYPE_NONE; returns the address behind it, or 0
 * if it is not so plain.
 */
export function readPlainNumber(p: usize, type: u32, out: usize): usize {
  if (!ASC_FEATURE_SIMD) return 0
  const isNegative = load<u8>(p) == 0x2d
  const first = p + <usize>isNegative
  const text = v128.load(first)
  const others = i8x16.bitmask(i8x16.gt_s(i8x16.add(text, v128.load(toTop)), v128.load(belowTop))) ^ 0xffff
  if (!others) return 0
  const whole = ctz(others)
  let end = first + whole
  let decimals = 0
  if (load<u8>(end) == 0x2e) {
    const behind = others & others - 1
    if (!behind) return 0
    end = first + ctz(behind)
    decimals = ctz(behind) - whole - 1
    if (!decimals) return 0
  }
  if (!whole || whole > 1 && load<u8>(first) == 0x30 || (load<u8>(end) | 0x20) == 0x65) return 0
  if (type == DECODE_TYPE_NONE) return end
  const digits = i8x16.sub(text, v128.load(zeros))
  const rightmost = v128.load(lanes + whole + decimals)
  // From the point on, one lane further.
  const mantissa = sixteenDigits(v128.swizzle(digits, i8x16.sub(rightmost, i8x16.ge_s(rightmost, i8x16.splat(<i8>whole)))))
  return storePlain(mantissa, decimals, isNegative, type, out) ? end : 0
}

/** The number that 16 digit values make, the first in the lowest lane. */
// @ts-ignore: decorator
@inline
function sixteenDigits(digits: v128): u64 {
  const pairs = i16x8.add(i16x8.shr_u(digits, 8), i16x8.mul(v128.and(digits, i16x8.splat(0xff)), v128.load(tens)))
  const fours = i32x4.dot_i16x8_s(pairs, v128.load(hundreds))
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), v128.load(tenThousands))
  const both = i64x2.extract_lane(eights, 0)
  return (both & 0xffffffff) * 100000000 + (both >>> 32)
}

// @ts-ignore: decorator
@inline
function storePlain(mantissa: u64, decimals: i32, isNegative: bool, type: u32, out: usize): bool {
  if (type == DECODE_TYPE_I32 || type == DECODE_TYPE_I64) {
    const value = isNegative ? -<i64>mantissa : <i64>mantissa
    if (decimals) return false
    if (type == DECODE_TYPE_I64) {
      store<i64>(out, value)
    } else {
      if (value != <i64>(<i32>value)) return false
      store<i32>(out, <i32>value)
    }
    return true
  }
  const value = reinterpret<f64>(reinterpret<u64>(decimalToFloat(mantissa, -decimals)) | <u64>isNegative << 63)
  if (type == DECODE_TYPE_F32) {
    store<f32>(out, <f32>value)
  } else {
    if (type != DECODE_TYPE_F64 && !(abs(value) <= TIMESTAMP_MAX)) return false
    store<f64>(out, value)
  }
  return true
}
