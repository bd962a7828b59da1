// Plain numbers, as nearly all are: at most 16 digits, or 15 and a point among them, read by SIMD without a loop.
// Invariant: a number that this takes is taken by number.ts with the same value; at whatever else there is, it stops.
import { DECODE_SPAN_BYTES, DECODE_SPAN_LENGTH } from './portable/layout'

// Constants lie in memory: V8 would make them anew for each number.
/** From n on: the lanes that bring the first n of 16 bytes to the right end; lanes out of range in front. */
const lanes = memory.data<i8>([
  -16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
], 16)
const zeros = memory.data<u64>([0x3030303030303030, 0x3030303030303030], 16)
const nines = memory.data<u64>([0x0909090909090909, 0x0909090909090909], 16)
const bytes = memory.data<u64>([0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff], 16)
const tens = memory.data<i16>([10, 10, 10, 10, 10, 10, 10, 10], 16)
const hundreds = memory.data<i16>([100, 1, 100, 1, 100, 1, 100, 1], 16)
const tenThousands = memory.data<i16>([10000, 1, 10000, 1, 10000, 1, 10000, 1], 16)
/** What 0 to 15 decimals divide by; the same for negative numbers. */
const divisors = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  -1e0, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7, -1e8, -1e9, -1e10, -1e11, -1e12, -1e13, -1e14, -1e15,
])

/**
 * Reads the numbers of the spans [span, end) into f64 values that lie `toValue` behind their spans, as long as they are plain
 * and their digits make no more than `limit`, which f64 holds exactly. Returns the span at which it stopped. Conditions stand one
 * by one, no function between them: each is one comparison and one branch that way.
 */
export function readPlainFloats(span: usize, end: usize, toValue: usize, limit: u64): usize {
  if (!ASC_FEATURE_SIMD) return span
  for (; span < end; span += DECODE_SPAN_BYTES) {
    const start = <usize>load<u32>(span)
    const isNegative = <usize>(load<u8>(start) == 0x2d)
    const first = start + isNegative
    const length = load<u32>(span, DECODE_SPAN_LENGTH) - <u32>isNegative
    const digits = i8x16.sub(v128.load(first), v128.load(zeros))
    const others = ~i8x16.bitmask(i8x16.eq(i8x16.min_u(digits, v128.load(nines)), digits))
    let whole: u32 = ctz(others)
    let decimals: u32 = 0
    if (whole != length) {
      if (load<u8>(first + whole) != 0x2e) break
      if (<u32>ctz(others & others - 1) != length) break
      decimals = length - whole - 1
      if (decimals == 0) break
    }
    if (whole == 0) break
    // A zero, and a digit behind it.
    if ((load<u16>(first) & 0xf0ff) == 0x3030) break
    const rightmost = v128.load(lanes + whole + decimals)
    // From the point on, one lane further.
    const taken = i8x16.sub(rightmost, i8x16.ge_s(rightmost, i8x16.splat(<i8>whole)))
    const mantissa = sixteenDigits(v128.swizzle(digits, taken))
    if (mantissa > limit) break
    store<f64>(span + toValue, <f64>(<i64>mantissa) / load<f64>(divisors + (isNegative << 7) + (<usize>decimals << 3)))
  }
  return span
}

/** The number that 16 digit values make, the first in the lowest lane. */
// @ts-ignore: decorator
@inline
function sixteenDigits(digits: v128): u64 {
  const pairs = i16x8.add(i16x8.shr_u(digits, 8), i16x8.mul(v128.and(digits, v128.load(bytes)), v128.load(tens)))
  const fours = i32x4.dot_i16x8_s(pairs, v128.load(hundreds))
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), v128.load(tenThousands))
  const both = i64x2.extract_lane(eights, 0)
  return (both & 0xffffffff) * 100000000 + (both >>> 32)
}
