// Comparison instructions: two vectors of one type to a vector of bool, a byte 0 or 1 each.
// Floats are in a total order, −∞ … +∞ < NaN with −0 = 0 and NaN = NaN, so that a filter agrees with an ORDER BY or a group key.
import { FRAME_TEXT_TABLE } from './portable/layout'
import { OP_EQ_BOOL, OP_EQ_F32, OP_EQ_F64, OP_EQ_I32, OP_EQ_I64, OP_LE_TEXT, OP_LT_TEXT } from './portable/opcodes'
import { compareText } from './text-compare'
import { dstOf, isValid, operandA, operandB, passNulls2, rowsOf, strideOf, validityOf, valuesOf } from './vector'

/** Two of the four comparisons are the others turned round: in a total order x ≠ y is not x = y, and x ≤ y is not y < x. */
const NE = 1
const LE = 3

const ALL_TRUE: u64 = 0x0101010101010101

export function runCompare(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  const b = operandB(frame, instruction)
  passNulls2(dst, a, b, n)
  if (op >= OP_LT_TEXT) compareTexts(frame, op == OP_LE_TEXT, dst, valuesOf(a), valuesOf(b), n)
  else writeCompared(op, a, b, valuesOf(dst), n)
}

/** A byte per row, 0 or 1: whether the comparison, which is not one of text, is true of the registers, null or not. */
export function writeCompared(op: i32, a: usize, b: usize, out: usize, n: i32): void {
  const kind = op & 3
  const isEqual = kind <= NE
  if (kind == LE) {
    const x = a
    a = b
    b = x
  }
  switch (op & ~3) {
    case OP_EQ_BOOL: { compare<u8>(isEqual, a, b, out, n); break }
    case OP_EQ_I32: { compare<i32>(isEqual, a, b, out, n); break }
    case OP_EQ_I64: { compare<i64>(isEqual, a, b, out, n); break }
    case OP_EQ_F32: { compare<f32>(isEqual, a, b, out, n); break }
    default: { compare<f64>(isEqual, a, b, out, n); break }
  }
  if (kind != NE && kind != LE) return
  for (let i: usize = 0; i < <usize>n; i += 8) store<u64>(out + i, load<u64>(out + i) ^ ALL_TRUE)
}

/** Of registers, each of which may hold one value for all rows. In the SIMD build at most seven rows are read behind the last. */
// @ts-ignore: decorator
@inline
function compare<T>(isEqual: bool, a: usize, b: usize, out: usize, n: i32): void {
  const rows: usize = ASC_FEATURE_SIMD && sizeof<T>() > 1 ? 8 : 1
  const stepX = strideOf(a) * rows
  const stepY = strideOf(b) * rows
  let x = valuesOf(a)
  let y = valuesOf(b)
  for (const end = out + n; out < end; out += rows, x += stepX, y += stepY) {
    if (rows == 8) store<u64>(out, isEqual ? compareEight<T>(true, x, y) : compareEight<T>(false, x, y))
    else store<u8>(out, isEqual ? one<T>(true, load<T>(x), load<T>(y)) : one<T>(false, load<T>(x), load<T>(y)))
  }
}

// @ts-ignore: decorator
@inline
function compareEight<T>(isEqual: bool, x: usize, y: usize): u64 {
  const first = mask<T>(isEqual, v128.load(x), v128.load(y))
  const second = mask<T>(isEqual, v128.load(x, 16), v128.load(y, 16))
  let words: v128
  if (sizeof<T>() == 8) {
    const third = mask<T>(isEqual, v128.load(x, 32), v128.load(y, 32))
    const fourth = mask<T>(isEqual, v128.load(x, 48), v128.load(y, 48))
    words = i16x8.narrow_i32x4_s(packPairs(first, second), packPairs(third, fourth))
  } else words = i16x8.narrow_i32x4_s(first, second)
  return i64x2.extract_lane(i8x16.narrow_i16x8_s(words, words), 0) & ALL_TRUE
}

/** The low halves of four eight-byte masks. */
// @ts-ignore: decorator
@inline
function packPairs(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6)
}

// @ts-ignore: decorator
@inline
function mask<T>(isEqual: bool, x: v128, y: v128): v128 {
  if (isFloat<T>()) {
    if (isEqual) return v128.or(v128.eq<T>(x, y), v128.and(v128.ne<T>(x, x), v128.ne<T>(y, y)))
    return v128.or(v128.lt<T>(x, y), v128.and(v128.eq<T>(x, x), v128.ne<T>(y, y)))
  }
  return isEqual ? v128.eq<T>(x, y) : v128.lt<T>(x, y)
}

/** x = y or x < y, in the total order; 0 or 1, without a branch. */
// @ts-ignore: decorator
@inline
function one<T>(isEqual: bool, x: T, y: T): i32 {
  if (isEqual) return isFloat<T>() ? <i32>(x == y) | <i32>(x != x) & <i32>(y != y) : <i32>(x == y)
  return isFloat<T>() ? <i32>(x < y) | <i32>(x == x) & <i32>(y != y) : <i32>(x < y)
}

function compareTexts(frame: usize, orEqual: bool, dst: usize, a: usize, b: usize, n: i32): void {
  const table = <usize>load<u32>(frame, FRAME_TEXT_TABLE)
  const validity = validityOf(dst)
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const at = <usize>row << 2
    let result = false
    if (isValid(validity, row)) {
      const order = compareText(table, load<i32>(a + at), load<i32>(b + at))
      result = orEqual ? order <= 0 : order < 0
    }
    store<u8>(out + row, <u8>result)
  }
}
