// Instructions of f64 arithmetic. Every row is computed, valid or not; the SIMD and the scalar loops do the same IEEE operations.
import { startOf } from './event-time'
import {
  OP_ABS_F64, OP_ADD_F64, OP_CEIL_F64, OP_DIV_F64, OP_FLOOR_DIV_F64, OP_FLOOR_F64, OP_FLOOR_TO, OP_MUL_ADD_F64, OP_MUL_F64,
  OP_NEG_F64, OP_ROUND_F64, OP_SIGN_F64, OP_SQRT_F64, OP_SUB_F64, OP_TRUNC_F64,
} from './portable/opcodes'
import {
  dstOf, operandA, operandB, operandC, passNulls, passNulls2, passNulls3, rowsOf, strideOf, valuesOf,
} from './vector'

/** Opcodes from here on take one operand. */
const FIRST_UNARY = OP_NEG_F64

export function runArithmetic(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  if (op >= FIRST_UNARY) {
    passNulls(dst, a, n)
    return runUnary(op, valuesOf(a), valuesOf(dst), n)
  }
  const b = operandB(frame, instruction)
  const c = operandC(frame, instruction)
  const out = valuesOf(dst)
  // Step and origin of floorTo are literals: a null in them makes all null.
  passNulls2(dst, a, b, n)
  switch (op) {
    case OP_FLOOR_TO: return floorTo(valuesOf(a), valuesOf(b), valuesOf(c), out, n)
    case OP_ADD_F64: return combine(OP_ADD_F64, a, b, c, out, n)
    case OP_SUB_F64: return combine(OP_SUB_F64, a, b, c, out, n)
    case OP_MUL_F64: return combine(OP_MUL_F64, a, b, c, out, n)
    case OP_DIV_F64: return combine(OP_DIV_F64, a, b, c, out, n)
    case OP_FLOOR_DIV_F64: return combine(OP_FLOOR_DIV_F64, a, b, c, out, n)
    case OP_MUL_ADD_F64: {
      passNulls3(dst, a, b, c, n)
      return combine(OP_MUL_ADD_F64, a, b, c, out, n)
    }
    default: unreachable()
  }
}

function runUnary(op: i32, a: usize, out: usize, n: i32): void {
  switch (op) {
    case OP_NEG_F64: return unary(OP_NEG_F64, a, out, n)
    case OP_ABS_F64: return unary(OP_ABS_F64, a, out, n)
    case OP_SQRT_F64: return unary(OP_SQRT_F64, a, out, n)
    case OP_FLOOR_F64: return unary(OP_FLOOR_F64, a, out, n)
    case OP_CEIL_F64: return unary(OP_CEIL_F64, a, out, n)
    case OP_TRUNC_F64: return unary(OP_TRUNC_F64, a, out, n)
    case OP_ROUND_F64: return unary(OP_ROUND_F64, a, out, n)
    case OP_SIGN_F64: return unary(OP_SIGN_F64, a, out, n)
    default: unreachable()
  }
}

/** Rows of a turn of a loop. */
const TURN_ROWS: usize = ASC_FEATURE_SIMD ? 4 : 1

/** Of registers, each of which may hold one value for all rows. */
// @ts-ignore: decorator
@inline
function combine(op: i32, a: usize, b: usize, c: usize, out: usize, n: i32): void {
  const end = out + (<usize>n << 3)
  const stepX = strideOf(a) * TURN_ROWS
  const stepY = strideOf(b) * TURN_ROWS
  const stepZ = strideOf(c) * TURN_ROWS
  let x = valuesOf(a)
  let y = valuesOf(b)
  let z = valuesOf(c)
  for (; out < end; out += 8 * TURN_ROWS, x += stepX, y += stepY, z += stepZ) {
    if (ASC_FEATURE_SIMD) {
      v128.store(out, combinePair(op, v128.load(x), v128.load(y), z))
      v128.store(out, combinePair(op, v128.load(x, 16), v128.load(y, 16), z + 16), 16)
    } else store<f64>(out, combineOne(op, load<f64>(x), load<f64>(y), z))
  }
}

// @ts-ignore: decorator
@inline
function combinePair(op: i32, x: v128, y: v128, z: usize): v128 {
  if (op == OP_ADD_F64) return f64x2.add(x, y)
  if (op == OP_SUB_F64) return f64x2.sub(x, y)
  if (op == OP_MUL_F64) return f64x2.mul(x, y)
  if (op == OP_DIV_F64) return f64x2.div(x, y)
  if (op == OP_MUL_ADD_F64) return f64x2.add(f64x2.mul(x, y), v128.load(z))
  return f64x2.floor(f64x2.div(x, y))
}

// @ts-ignore: decorator
@inline
function combineOne(op: i32, x: f64, y: f64, z: usize): f64 {
  if (op == OP_ADD_F64) return x + y
  if (op == OP_SUB_F64) return x - y
  if (op == OP_MUL_F64) return x * y
  if (op == OP_DIV_F64) return x / y
  if (op == OP_MUL_ADD_F64) return x * y + load<f64>(z)
  return floor<f64>(x / y)
}

// @ts-ignore: decorator
@inline
function unary(op: i32, a: usize, out: usize, n: i32): void {
  const end = out + (<usize>n << 3)
  if (ASC_FEATURE_SIMD) {
    for (; out < end; out += 16, a += 16) v128.store(out, unaryPair(op, v128.load(a)))
  } else {
    for (; out < end; out += 8, a += 8) store<f64>(out, unaryOne(op, load<f64>(a)))
  }
}

// @ts-ignore: decorator
@inline
function unaryPair(op: i32, x: v128): v128 {
  if (op == OP_NEG_F64) return f64x2.neg(x)
  if (op == OP_ABS_F64) return f64x2.abs(x)
  if (op == OP_SQRT_F64) return f64x2.sqrt(x)
  if (op == OP_FLOOR_F64) return f64x2.floor(x)
  if (op == OP_CEIL_F64) return f64x2.ceil(x)
  if (op == OP_TRUNC_F64) return f64x2.trunc(x)
  if (op == OP_SIGN_F64) {
    const one = v128.bitselect(x, f64x2.splat(1), i64x2.splat(i64.MIN_VALUE))
    return v128.bitselect(one, x, f64x2.gt(f64x2.abs(x), f64x2.splat(0)))
  }
  const low = f64x2.floor(x)
  const up = v128.and(f64x2.ge(f64x2.sub(x, low), f64x2.splat(0.5)), f64x2.splat(1))
  return v128.bitselect(x, f64x2.add(low, up), i64x2.splat(i64.MIN_VALUE))
}

// @ts-ignore: decorator
@inline
function unaryOne(op: i32, x: f64): f64 {
  if (op == OP_NEG_F64) return -x
  if (op == OP_ABS_F64) return abs<f64>(x)
  if (op == OP_SQRT_F64) return sqrt<f64>(x)
  if (op == OP_FLOOR_F64) return floor<f64>(x)
  if (op == OP_CEIL_F64) return ceil<f64>(x)
  if (op == OP_TRUNC_F64) return trunc<f64>(x)
  if (op == OP_SIGN_F64) return abs<f64>(x) > 0 ? copysign<f64>(1, x) : x
  const low = floor<f64>(x)
  // The sign of x stays where the result is zero.
  return copysign<f64>(x - low >= 0.5 ? low + 1 : low, x)
}

/** Of `n` numbers the last step, counted from an origin, that is not above each; step and origin are one number each. */
export function floorTo(a: usize, step: usize, origin: usize, out: usize, n: i32): void {
  const end = out + (<usize>n << 3)
  if (ASC_FEATURE_SIMD) {
    const size = v128.load64_splat(step)
    const first = v128.load64_splat(origin)
    for (; out < end; out += 16, a += 16) {
      const time = v128.load(a)
      const start = f64x2.add(first, f64x2.mul(f64x2.floor(f64x2.div(f64x2.sub(time, first), size)), size))
      v128.store(out, f64x2.sub(start, v128.and(size, f64x2.gt(start, time))))
    }
  } else {
    const size = load<f64>(step)
    const first = load<f64>(origin)
    for (; out < end; out += 8, a += 8) store<f64>(out, startOf(load<f64>(a), size, first))
  }
}
