// Instructions of f64 arithmetic. Every row is computed, valid or not; the SIMD and the scalar loops do the same IEEE operations.
// Transcendental functions come from portable/elementary.ts and trigonometry.ts, so that all engines give the same bits.
import { exp, ln, log10, pow } from './portable/elementary'
import {
  OP_ABS_F64, OP_ADD_F64, OP_ATAN2_F64, OP_CEIL_F64, OP_COS_F64, OP_DIV_F64, OP_EXP_F64, OP_FLOOR_DIV_F64, OP_FLOOR_F64,
  OP_LN_F64, OP_LOG10_F64, OP_MOD_F64, OP_MUL_F64, OP_NEG_F64, OP_POW_F64, OP_ROUND_F64, OP_SIGN_F64, OP_SIN_F64, OP_SQRT_F64,
  OP_SUB_F64, OP_TAN_F64, OP_TRUNC_F64,
} from './portable/opcodes'
import { atan2, cos, sin, tan } from './portable/trigonometry'
import { dstOf, operandA, operandB, passNulls, passNulls2, rowsOf, valuesOf } from './vector'

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
  passNulls2(dst, a, b, n)
  runBinary(op, valuesOf(a), valuesOf(b), valuesOf(dst), n)
}

function runBinary(op: i32, a: usize, b: usize, out: usize, n: i32): void {
  switch (op) {
    case OP_ADD_F64: return binary(OP_ADD_F64, a, b, out, n)
    case OP_SUB_F64: return binary(OP_SUB_F64, a, b, out, n)
    case OP_MUL_F64: return binary(OP_MUL_F64, a, b, out, n)
    case OP_DIV_F64: return binary(OP_DIV_F64, a, b, out, n)
    case OP_FLOOR_DIV_F64: return binary(OP_FLOOR_DIV_F64, a, b, out, n)
    default: return binaryCall(op, a, b, out, n)
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
    default: return unaryCall(op, a, out, n)
  }
}

// @ts-ignore: decorator
@inline
function binary(op: i32, a: usize, b: usize, out: usize, n: i32): void {
  const end = out + (<usize>n << 3)
  if (ASC_FEATURE_SIMD) {
    for (; out < end; out += 32, a += 32, b += 32) {
      v128.store(out, binaryPair(op, v128.load(a), v128.load(b)))
      v128.store(out, binaryPair(op, v128.load(a, 16), v128.load(b, 16)), 16)
    }
  } else {
    for (; out < end; out += 8, a += 8, b += 8) store<f64>(out, binaryOne(op, load<f64>(a), load<f64>(b)))
  }
}

// @ts-ignore: decorator
@inline
function binaryPair(op: i32, x: v128, y: v128): v128 {
  if (op == OP_ADD_F64) return f64x2.add(x, y)
  if (op == OP_SUB_F64) return f64x2.sub(x, y)
  if (op == OP_MUL_F64) return f64x2.mul(x, y)
  if (op == OP_DIV_F64) return f64x2.div(x, y)
  return f64x2.floor(f64x2.div(x, y))
}

// @ts-ignore: decorator
@inline
function binaryOne(op: i32, x: f64, y: f64): f64 {
  if (op == OP_ADD_F64) return x + y
  if (op == OP_SUB_F64) return x - y
  if (op == OP_MUL_F64) return x * y
  if (op == OP_DIV_F64) return x / y
  return floor<f64>(x / y)
}

// @ts-ignore: decorator
@inline
function unary(op: i32, a: usize, out: usize, n: i32): void {
  const end = out + (<usize>n << 3)
  if (ASC_FEATURE_SIMD) {
    for (; out < end; out += 32, a += 32) {
      v128.store(out, unaryPair(op, v128.load(a)))
      v128.store(out, unaryPair(op, v128.load(a, 16)), 16)
    }
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
  const low = floor<f64>(x)
  // The sign of x stays where the result is zero.
  return copysign<f64>(x - low >= 0.5 ? low + 1 : low, x)
}

function binaryCall(op: i32, a: usize, b: usize, out: usize, n: i32): void {
  const end = out + (<usize>n << 3)
  for (; out < end; out += 8, a += 8, b += 8) {
    const x = load<f64>(a)
    const y = load<f64>(b)
    let result: f64
    switch (op) {
      case OP_MOD_F64: { result = x % y; break }
      case OP_POW_F64: { result = pow(x, y); break }
      default: { result = atan2(x, y); break }
    }
    store<f64>(out, result)
  }
}

function unaryCall(op: i32, a: usize, out: usize, n: i32): void {
  const end = out + (<usize>n << 3)
  for (; out < end; out += 8, a += 8) {
    const x = load<f64>(a)
    let result: f64
    switch (op) {
      case OP_SIGN_F64: { result = x > 0 ? 1 : x < 0 ? -1 : x; break }
      case OP_EXP_F64: { result = exp(x); break }
      case OP_LN_F64: { result = ln(x); break }
      case OP_LOG10_F64: { result = log10(x); break }
      case OP_SIN_F64: { result = sin(x); break }
      case OP_COS_F64: { result = cos(x); break }
      default: { result = tan(x); break }
    }
    store<f64>(out, result)
  }
}
