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
const points = memory.data<u64>([0x2e2e2e2e2e2e2e2e, 0x2e2e2e2e2e2e2e2e], 16)
const zeros = memory.data<u64>([0x3030303030303030, 0x3030303030303030], 16)
const nines = memory.data<u64>([0x0909090909090909, 0x0909090909090909], 16)
const evenBytes = memory.data<u64>([0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff], 16)
const tens = memory.data<i16>([10, 10, 10, 10, 10, 10, 10, 10], 16)
const hundreds = memory.data<i16>([100, 1, 100, 1, 100, 1, 100, 1], 16)
const tenThousands = memory.data<i16>([10000, 1, 10000, 1, 10000, 1, 10000, 1], 16)
const hundredMillions = memory.data<f64>([1e8, 1], 16)

/**
 * Reads the numbers of the spans [span, end) into values of a numeric type or timestamp from `out` on, as long as they are plain
 * and the type can hold them. Returns the span at which it stopped. Conditions stand one by one, no function between them: each
 * is one comparison and one branch that way.
 */
export function readPlainNumbers(span: usize, end: usize, out: usize, type: u32): usize {
  if (!ASC_FEATURE_SIMD) return span
  const limit = type == DECODE_TYPE_TIMESTAMP ? TIMESTAMP_MAX : <f64>(EXACT_MANTISSA_MAX - 1)
  for (; span < end; span += DECODE_SPAN_BYTES) {
    const start = <usize>load<u32>(span)
    const isNegative = <u32>(load<u8>(start) == 0x2d)
    const first = start + isNegative
    let length = load<u32>(span, DECODE_SPAN_LENGTH) - isNegative
    if (length - 1 > 15) break
    // A zero, and a digit behind it.
    if ((load<u16>(first) & 0xf0ff) == 0x3030) break
    const last = first + length - 17
    let text = v128.load(last, 1)
    let decimals: u32 = 0
    const pointBits = <u32>i8x16.bitmask(i8x16.eq(text, v128.load(points))) >> (16 - length)
    if (pointBits) {
      const whole = <u32>ctz(pointBits)
      length--
      decimals = length - whole
      if (whole == 0) break
      if (decimals == 0) break
      // What stands before the point, one byte further.
      text = v128.bitselect(text, v128.load(last), v128.load(lastBytes + decimals))
    }
    const digits = v128.and(i8x16.sub(text, v128.load(zeros)), v128.load(lastBytes + length))
    if (v128.any_true(i8x16.sub_sat_u(digits, v128.load(nines)))) break
    const mantissa = sixteenDigits(digits)
    if (mantissa > limit) break
    const magnitude = mantissa / load<f64>(powersOfTen + (<usize>decimals << 3))
    const value = reinterpret<f64>(reinterpret<u64>(magnitude) | <u64>isNegative << 63)
    if (type == DECODE_TYPE_F64 || type == DECODE_TYPE_TIMESTAMP) {
      store<f64>(out, value)
      out += 8
    } else if (type == DECODE_TYPE_F32) {
      store<f32>(out, <f32>value)
      out += 4
    } else {
      if (decimals) break
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
