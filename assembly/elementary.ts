// Instructions of functions that no machine has: remainder, powers, logarithms, angles. They come from portable/elementary.ts and
// trigonometry.ts, so that all engines give the same bits.
import { exp, ln, log10, pow } from './portable/elementary'
import {
  OP_COS_F64, OP_EXP_F64, OP_LN_F64, OP_LOG10_F64, OP_MOD_F64, OP_POW_F64, OP_SIN_F64,
} from './portable/opcodes'
import { atan2, cos, sin, tan } from './portable/trigonometry'
import { dstOf, operandA, operandB, passNulls, passNulls2, rowsOf, valuesOf } from './vector'

/** Opcodes from here on take one operand. */
const FIRST_UNARY = OP_EXP_F64

export function runElementary(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  if (op >= FIRST_UNARY) {
    passNulls(dst, a, n)
    return unary(op, valuesOf(a), valuesOf(dst), n)
  }
  const b = operandB(frame, instruction)
  passNulls2(dst, a, b, n)
  binary(op, valuesOf(a), valuesOf(b), valuesOf(dst), n)
}

function binary(op: i32, a: usize, b: usize, out: usize, n: i32): void {
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

function unary(op: i32, a: usize, out: usize, n: i32): void {
  const end = out + (<usize>n << 3)
  for (; out < end; out += 8, a += 8) {
    const x = load<f64>(a)
    let result: f64
    switch (op) {
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
