/**
 * Twin of assembly/arithmetic.ts and elementary.ts: f64 arithmetic, which JavaScript's own numbers are, and functions.
 */
import { exp, ln, log10, pow } from '../../../assembly/portable/elementary.js'
import * as O from '../../../assembly/portable/opcodes.js'
import { atan2, cos, sin, tan } from '../../../assembly/portable/trigonometry.js'
import { startOf } from './event-time.js'
import type { Instruction } from './vector.js'

const BINARY: Readonly<Record<number, (a: number, b: number) => number>> = {
  [O.OP_ADD_F64]: (a, b) => a + b,
  [O.OP_SUB_F64]: (a, b) => a - b,
  [O.OP_MUL_F64]: (a, b) => a * b,
  [O.OP_DIV_F64]: (a, b) => a / b,
  [O.OP_MOD_F64]: (a, b) => a % b,
  [O.OP_FLOOR_DIV_F64]: (a, b) => Math.floor(a / b),
  [O.OP_POW_F64]: pow,
  [O.OP_ATAN2_F64]: atan2,
}

const UNARY: Readonly<Record<number, (a: number) => number>> = {
  [O.OP_NEG_F64]: a => -a,
  [O.OP_ABS_F64]: Math.abs,
  [O.OP_SQRT_F64]: Math.sqrt,
  [O.OP_FLOOR_F64]: Math.floor,
  [O.OP_CEIL_F64]: Math.ceil,
  [O.OP_TRUNC_F64]: Math.trunc,
  [O.OP_ROUND_F64]: Math.round,
  [O.OP_SIGN_F64]: Math.sign,
  [O.OP_EXP_F64]: exp,
  [O.OP_LN_F64]: ln,
  [O.OP_LOG10_F64]: log10,
  [O.OP_SIN_F64]: sin,
  [O.OP_COS_F64]: cos,
  [O.OP_TAN_F64]: tan,
}

export function runArithmetic(instruction: Instruction): void {
  const { op, rows, dst, a, b } = instruction
  if (op === O.OP_FLOOR_TO) return floorTo(instruction)
  if (op === O.OP_MUL_ADD_F64) return multiplyAdd(instruction)
  const x = a.f64
  const out = dst.f64
  const unary = UNARY[op]
  if (unary) {
    dst.passNulls(a)
    for (let row = 0; row < rows; row++) out[row] = unary(x[row]!)
    return
  }
  const binary = BINARY[op]!
  const y = b.f64
  dst.passNulls(a, b)
  for (let row = 0; row < rows; row++) out[row] = binary(x[row]!, y[row]!)
}

function multiplyAdd({ rows, dst, a, b, c }: Instruction): void {
  const [x, y, z] = [a.f64, b.f64, c.f64]
  const out = dst.f64
  dst.passNulls(a, b, c)
  for (let row = 0; row < rows; row++) out[row] = x[row]! * y[row]! + z[row]!
}

function floorTo({ rows, dst, a, b, c }: Instruction): void {
  const times = a.f64
  const [step, origin] = [b.f64[0]!, c.f64[0]!]
  const out = dst.f64
  dst.passNulls(a, b)
  for (let row = 0; row < rows; row++) out[row] = startOf(times[row]!, step, origin)
}
