// Comparison instructions: two vectors of one type to a vector of bool, a byte 0 or 1 each.
// Floats are in a total order, −∞ … +∞ < NaN with −0 = 0 and NaN = NaN, so that a filter agrees with an ORDER BY or a group key.
import { FRAME_TEXT_TABLE } from './portable/layout'
import { OP_EQ_BOOL, OP_EQ_F32, OP_EQ_F64, OP_EQ_I32, OP_EQ_I64, OP_LE_TEXT, OP_LT_TEXT } from './portable/opcodes'
import { compareText } from './text-compare'
import { dstOf, isValid, operandA, operandB, passNulls2, rowsOf, validityOf, valuesOf } from './vector'

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
  const x = valuesOf(a)
  const y = valuesOf(b)
  const out = valuesOf(dst)
  if (op >= OP_LT_TEXT) return compareTexts(frame, op == OP_LE_TEXT, dst, x, y, n)
  const kind = op & 3
  if (kind <= NE) writeEqual(op & ~3, x, y, out, n)
  else if (kind == LE) writeLess(op & ~3, y, x, out, n)
  else writeLess(op & ~3, x, y, out, n)
  if (kind != NE && kind != LE) return
  for (let i: usize = 0; i < <usize>n; i += 8) store<u64>(out + i, load<u64>(out + i) ^ ALL_TRUE)
}

function writeEqual(type: i32, x: usize, y: usize, out: usize, n: i32): void {
  write(true, type, x, y, out, n)
}

/** A byte per row: whether x < y, by the opcode of the equality of their type. */
export function writeLess(type: i32, x: usize, y: usize, out: usize, n: i32): void {
  write(false, type, x, y, out, n)
}

// @ts-ignore: decorator
@inline
function write(isEqual: bool, type: i32, x: usize, y: usize, out: usize, n: i32): void {
  switch (type) {
    case OP_EQ_BOOL: return compare<u8>(isEqual, x, y, out, n)
    case OP_EQ_I32: return compare<i32>(isEqual, x, y, out, n)
    case OP_EQ_I64: return compare<i64>(isEqual, x, y, out, n)
    case OP_EQ_F32: return compare<f32>(isEqual, x, y, out, n)
    default: return compare<f64>(isEqual, x, y, out, n)
  }
}

/** Eight rows at a time in the SIMD build, so that at most seven are read behind the last. */
// @ts-ignore: decorator
@inline
function compare<T>(isEqual: bool, a: usize, b: usize, out: usize, n: i32): void {
  const end = out + n
  if (ASC_FEATURE_SIMD && sizeof<T>() > 1) {
    for (; out < end; out += 8, a += 8 * sizeof<T>(), b += 8 * sizeof<T>()) {
      let words: v128
      if (sizeof<T>() == 8) {
        const first = mask<T>(isEqual, v128.load(a), v128.load(b))
        const second = mask<T>(isEqual, v128.load(a, 16), v128.load(b, 16))
        const third = mask<T>(isEqual, v128.load(a, 32), v128.load(b, 32))
        const fourth = mask<T>(isEqual, v128.load(a, 48), v128.load(b, 48))
        words = i16x8.narrow_i32x4_s(packPairs(first, second), packPairs(third, fourth))
      } else {
        const first = mask<T>(isEqual, v128.load(a), v128.load(b))
        words = i16x8.narrow_i32x4_s(first, mask<T>(isEqual, v128.load(a, 16), v128.load(b, 16)))
      }
      store<u64>(out, i64x2.extract_lane(i8x16.narrow_i16x8_s(words, words), 0) & ALL_TRUE)
    }
  } else {
    for (; out < end; out++, a += sizeof<T>(), b += sizeof<T>()) store<u8>(out, <u8>one<T>(isEqual, load<T>(a), load<T>(b)))
  }
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

/** x = y or x < y, in the total order. */
// @ts-ignore: decorator
@inline
function one<T>(isEqual: bool, x: T, y: T): bool {
  if (isFloat<T>()) return isEqual ? x == y || (x != x && y != y) : x < y || (x == x && y != y)
  return isEqual ? x == y : x < y
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
