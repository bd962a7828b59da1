// Comparison instructions: two vectors of one type to a vector of bool, a byte 0 or 1 each.
// Floats are in a total order, −∞ … +∞ < NaN with −0 = 0 and NaN = NaN, so that a filter agrees with an ORDER BY or a group key.
import { FRAME_TEXT_TABLE } from './portable/layout'
import { OP_EQ_BOOL, OP_EQ_F32, OP_EQ_F64, OP_EQ_I32, OP_EQ_I64, OP_LE_TEXT, OP_LT_TEXT } from './portable/opcodes'
import { compareText } from './text-compare'
import { dstOf, isValid, operandA, operandB, passNulls2, rowsOf, validityOf, valuesOf } from './vector'

const EQ = 0
const NE = 1
const LT = 2
const LE = 3

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
  switch (op & ~3) {
    case OP_EQ_BOOL: return byKind<u8>(kind, x, y, out, n)
    case OP_EQ_I32: return byKind<i32>(kind, x, y, out, n)
    case OP_EQ_I64: return byKind<i64>(kind, x, y, out, n)
    case OP_EQ_F32: return byKind<f32>(kind, x, y, out, n)
    default: return byKind<f64>(kind, x, y, out, n)
  }
}

function byKind<T>(kind: i32, a: usize, b: usize, out: usize, n: i32): void {
  switch (kind) {
    case EQ: return compare<T>(EQ, a, b, out, n)
    case NE: return compare<T>(NE, a, b, out, n)
    case LT: return compare<T>(LT, a, b, out, n)
    default: return compare<T>(LE, a, b, out, n)
  }
}

/** Eight rows at a time in the SIMD build, so that at most seven are read behind the last. */
// @ts-ignore: decorator
@inline
function compare<T>(kind: i32, a: usize, b: usize, out: usize, n: i32): void {
  const end = out + n
  if (ASC_FEATURE_SIMD && sizeof<T>() > 1) {
    for (; out < end; out += 8, a += 8 * sizeof<T>(), b += 8 * sizeof<T>()) {
      let words: v128
      if (sizeof<T>() == 8) {
        const first = mask<T>(kind, v128.load(a), v128.load(b))
        const second = mask<T>(kind, v128.load(a, 16), v128.load(b, 16))
        const third = mask<T>(kind, v128.load(a, 32), v128.load(b, 32))
        const fourth = mask<T>(kind, v128.load(a, 48), v128.load(b, 48))
        words = i16x8.narrow_i32x4_s(packPairs(first, second), packPairs(third, fourth))
      } else {
        words = i16x8.narrow_i32x4_s(mask<T>(kind, v128.load(a), v128.load(b)), mask<T>(kind, v128.load(a, 16), v128.load(b, 16)))
      }
      store<u64>(out, i64x2.extract_lane(i8x16.narrow_i16x8_s(words, words), 0) & 0x0101010101010101)
    }
  } else {
    for (; out < end; out++, a += sizeof<T>(), b += sizeof<T>()) store<u8>(out, <u8>one<T>(kind, load<T>(a), load<T>(b)))
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
function mask<T>(kind: i32, x: v128, y: v128): v128 {
  if (isFloat<T>()) {
    if (kind == EQ) return v128.or(v128.eq<T>(x, y), v128.and(v128.ne<T>(x, x), v128.ne<T>(y, y)))
    if (kind == NE) return v128.andnot(v128.ne<T>(x, y), v128.and(v128.ne<T>(x, x), v128.ne<T>(y, y)))
    if (kind == LT) return v128.or(v128.lt<T>(x, y), v128.and(v128.eq<T>(x, x), v128.ne<T>(y, y)))
    return v128.or(v128.le<T>(x, y), v128.ne<T>(y, y))
  }
  if (kind == EQ) return v128.eq<T>(x, y)
  if (kind == NE) return v128.ne<T>(x, y)
  if (kind == LT) return v128.lt<T>(x, y)
  return v128.le<T>(x, y)
}

/** x ∘ y in the total order. */
// @ts-ignore: decorator
@inline
function one<T>(kind: i32, x: T, y: T): bool {
  if (isFloat<T>()) {
    if (kind == EQ) return x == y || (x != x && y != y)
    if (kind == NE) return x != y && (x == x || y == y)
    if (kind == LT) return x < y || (x == x && y != y)
    return x <= y || y != y
  }
  if (kind == EQ) return x == y
  if (kind == NE) return x != y
  if (kind == LT) return x < y
  return x <= y
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
