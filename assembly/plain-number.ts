// Plain numbers, as nearly all are: at most 16 digits, or 15 and a point among them, read by SIMD without a loop.
// Invariant: a number that this takes is taken by number.ts with the same value; at whatever else there is, it stops.
import { EXACT_MANTISSA_MAX, powersOfTen } from './decimal-float'
import {
  DECODE_SPAN_BYTES, DECODE_SPAN_LENGTH, DECODE_TYPE_F32, DECODE_TYPE_F64, DECODE_TYPE_I32, DECODE_TYPE_TIMESTAMP,
} from './portable/layout'
import { TIMESTAMP_MAX } from './timestamp-text'

// Constants lie in memory: V8 would make them anew for each number.
/** From n on: zeros but for the last n of 16 bytes. */
const lastBytes = memory.data<u64>([0, 0, 0xffffffffffffffff, 0xffffffffffffffff], 16)
/** Where the last 16 of no bytes stand: before the first one. Of n bytes they stand n further. */
const placesBefore = memory.data<u64>([0xf7f6f5f4f3f2f1f0, 0xfffefdfcfbfaf9f8], 16)
const points = memory.data<u64>([0x2e2e2e2e2e2e2e2e, 0x2e2e2e2e2e2e2e2e], 16)
const zeros = memory.data<u64>([0x3030303030303030, 0x3030303030303030], 16)
const nines = memory.data<u64>([0x0909090909090909, 0x0909090909090909], 16)
const evenBytes = memory.data<u64>([0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff], 16)
const tens = memory.data<i16>([10, 10, 10, 10, 10, 10, 10, 10], 16)
const hundreds = memory.data<i16>([100, 1, 100, 1, 100, 1, 100, 1], 16)
const tenThousands = memory.data<i16>([10000, 1, 10000, 1, 10000, 1, 10000, 1], 16)
const hundredMillions = memory.data<f64>([1e8, 1], 16)
const signs = memory.data<f64>([1, -1], 16)

/**
 * Reads the numbers of the spans [span, end) into values of a numeric type or timestamp from `out` on, as long as they are plain
 * and the type can hold them. Returns the span at which it stopped. Most have their digits where the one before has them: where
 * that is, is found out only if not. Conditions stand one by one, no function between them: each is one comparison and one branch
 * that way.
 */
export function readPlainNumbers(span: usize, end: usize, out: usize, type: u32): usize {
  if (!ASC_FEATURE_SIMD) return span
  const isDouble = type == DECODE_TYPE_F64 || type == DECODE_TYPE_TIMESTAMP
  const limit = type == DECODE_TYPE_TIMESTAMP ? TIMESTAMP_MAX : <f64>(EXACT_MANTISSA_MAX - 1)
  // The number before: its length without the sign; how its bytes become digits, the point going first; the largest that these
  // can be, 0 for the point; and what they are divided by.
  // At first these make digits of nothing that are too large.
  let lengthBefore: u32 = 0
  let shuffle = i8x16.splat(-1)
  let bases = shuffle
  let largest = i8x16.splat(0)
  let divisor: f64 = 1
  for (; span < end; span += DECODE_SPAN_BYTES) {
    const start = <usize>load<u32>(span)
    const isNegative = <u32>(load<u8>(start) == 0x2d)
    const first = start + isNegative
    const length = load<u32>(span, DECODE_SPAN_LENGTH) - isNegative
    // A zero, and a digit behind it.
    if ((load<u16>(first) & 0xf0ff) == 0x3030) break
    const text = v128.load(first)
    let isLike = length == lengthBefore
    let digits = text
    while (true) {
      if (!isLike) {
        if (length - 1 > 15) return span
        const whole = <u32>ctz(i8x16.bitmask(i8x16.eq(text, v128.load(points))) | 1 << length)
        const hasPoint = <u32>(whole < length)
        const decimals = length - whole - hasPoint
        if (whole == 0) return span
        if (decimals < hasPoint) return span
        const count = length - hasPoint
        lengthBefore = length
        shuffle = i8x16.sub(i8x16.add(v128.load(placesBefore), i8x16.splat(<i8>count)), v128.load(lastBytes + decimals))
        bases = v128.and(v128.load(zeros), v128.load(lastBytes + count))
        largest = v128.load(nines)
        if (hasPoint) {
          shuffle = i8x16.replace_lane(shuffle, 0, <i8>whole)
          bases = i8x16.replace_lane(bases, 0, 0x2e)
          largest = i8x16.replace_lane(largest, 0, 0)
        }
        divisor = load<f64>(powersOfTen + (<usize>decimals << 3))
      }
      digits = i8x16.sub(i8x16.swizzle(text, shuffle), bases)
      if (!v128.any_true(i8x16.sub_sat_u(digits, largest))) break
      if (!isLike) return span
      isLike = false
    }
    const mantissa = sixteenDigits(digits)
    if (mantissa > limit) break
    const value = mantissa / (divisor * load<f64>(signs + (<usize>isNegative << 3)))
    if (isDouble) {
      store<f64>(out, value)
      out += 8
    } else if (type == DECODE_TYPE_F32) {
      store<f32>(out, <f32>value)
      out += 4
    } else {
      if (divisor > 1) break
      if (type == DECODE_TYPE_I32) {
        if (abs(value) > <f64>i32.MAX_VALUE) break
        store<i32>(out, <i32>value)
        out += 4
      } else {
        store<i64>(out, <i64>value)
        out += 8
      }
    }
  }
  return span
}

/** The number that 16 digit values make, the first in the lowest lane; rounded once if it is no f64. */
// @ts-ignore: decorator
@inline
function sixteenDigits(digits: v128): f64 {
  const pairs = i16x8.add(i16x8.shr_u(digits, 8), i16x8.mul(v128.and(digits, v128.load(evenBytes)), v128.load(tens)))
  const fours = i32x4.dot_i16x8_s(pairs, v128.load(hundreds))
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), v128.load(tenThousands))
  const both = f64x2.mul(f64x2.convert_low_i32x4_s(eights), v128.load(hundredMillions))
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)
}
