// Instructions of integer arithmetic. A result that does not fit is null and, in a selected row, counted; so is nothing else: a
// division by zero is just null. Loops run without a branch for overflow where that can be tested after them.
import {
  OP_ABS_I64, OP_ADD_I64, OP_FLOOR_DIV_I32, OP_FLOOR_DIV_I64, OP_MOD_I32, OP_MOD_I64, OP_MUL_I64, OP_NEG_I64, OP_SIGN_I64,
  OP_SUB_I64,
} from './portable/opcodes'
import {
  addNull, addOverflow, dstOf, isValid, operandA, operandB, passNulls, passNulls2, rowsOf, validityOf, valuesOf,
} from './vector'

const I32_MAX: f64 = 2147483647
const I32_MIN: f64 = -2147483648
/** 2^63: the first f64 that no i64 holds. */
const I64_END: f64 = 9223372036854775808.0

export function runInteger(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  if (op >= OP_NEG_I64) {
    passNulls(dst, a, n)
    return runUnary(frame, op, dst, valuesOf(a), n)
  }
  const b = operandB(frame, instruction)
  passNulls2(dst, a, b, n)
  const x = valuesOf(a)
  const y = valuesOf(b)
  switch (op) {
    case OP_MOD_I32: return divide<i32>(frame, dst, x, y, n, false)
    case OP_FLOOR_DIV_I32: return divide<i32>(frame, dst, x, y, n, true)
    case OP_ADD_I64: return add(frame, dst, x, y, n, false)
    case OP_SUB_I64: return add(frame, dst, x, y, n, true)
    case OP_MUL_I64: return multiply(frame, dst, x, y, n)
    case OP_MOD_I64: return divide<i64>(frame, dst, x, y, n, false)
    case OP_FLOOR_DIV_I64: return divide<i64>(frame, dst, x, y, n, true)
    default: unreachable()
  }
}

/** Negative where x + y (or x − y) left the range. */
// @ts-ignore: decorator
@inline
function overflowSign(x: i64, y: i64, result: i64, isSub: bool): i64 {
  return isSub ? (x ^ y) & (x ^ result) : (x ^ result) & (y ^ result)
}

function add(frame: usize, dst: usize, a: usize, b: usize, n: i32, isSub: bool): void {
  const out = valuesOf(dst)
  let signs: i64 = 0
  for (let i: usize = 0, end = <usize>n << 3; i < end; i += 8) {
    const x = load<i64>(a + i)
    const y = load<i64>(b + i)
    const result = isSub ? x - y : x + y
    store<i64>(out + i, result)
    signs |= overflowSign(x, y, result, isSub)
  }
  if (signs >= 0) return
  for (let row = 0; row < n; row++) {
    const i = <usize>row << 3
    const overflows = overflowSign(load<i64>(a + i), load<i64>(b + i), load<i64>(out + i), isSub) < 0
    if (overflows && isValid(validityOf(dst), row)) addOverflow(frame, dst, row, n)
  }
}

function multiply(frame: usize, dst: usize, a: usize, b: usize, n: i32): void {
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const i = <usize>row << 3
    const x = load<i64>(a + i)
    const y = load<i64>(b + i)
    store<i64>(out + i, x * y)
    if (!fitsProduct(x, y) && isValid(validityOf(dst), row)) addOverflow(frame, dst, row, n)
  }
}

// @ts-ignore: decorator
@inline
function fitsProduct(x: i64, y: i64): bool {
  if (x == <i64><i32>x && y == <i64><i32>y) return true
  if (x == 0 || y == 0) return true
  // The quotient below would leave the range itself.
  if (x == -1) return y != i64.MIN_VALUE
  return (x * y) / x == y
}

/** Remainder with the sign of the dividend, or the quotient rounded down. */
function divide<T>(frame: usize, dst: usize, a: usize, b: usize, n: i32, isQuotient: bool): void {
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const i = <usize>row * sizeof<T>()
    const x = load<T>(a + i)
    const y = load<T>(b + i)
    let result: T = 0
    if (y == 0) {
      if (isValid(validityOf(dst), row)) addNull(dst, row, n)
    } else if (!isQuotient) {
      result = y == -1 ? 0 : x % y
    } else if (y == -1 && x == <T>(sizeof<T>() == 4 ? i32.MIN_VALUE : i64.MIN_VALUE)) {
      if (isValid(validityOf(dst), row)) addOverflow(frame, dst, row, n)
    } else {
      result = x / y
      if (result * y != x && (x < 0) != (y < 0)) result--
    }
    store<T>(out + i, result)
  }
}

function runUnary(frame: usize, op: i32, dst: usize, a: usize, n: i32): void {
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const i = <usize>row << 3
    const x = load<i64>(a + i)
    let result: i64
    switch (op) {
      case OP_NEG_I64: { result = -x; break }
      case OP_ABS_I64: { result = x < 0 ? -x : x; break }
      default: { result = x > 0 ? 1 : x < 0 ? -1 : 0; break }
    }
    store<i64>(out + i, result)
    if (x == i64.MIN_VALUE && op != OP_SIGN_I64 && isValid(validityOf(dst), row)) addOverflow(frame, dst, row, n)
  }
}

/** Whether the integer part of x is an i32 (i64). */
// @ts-ignore: decorator
@inline
export function fitsInteger<T>(x: f64): bool {
  if (sizeof<T>() == 4) return x > I32_MIN - 1 && x < I32_MAX + 1
  return x >= -I64_END && x < I64_END
}
