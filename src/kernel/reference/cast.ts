/**
 * Twin of assembly/cast.ts: casts between numbers, bool and time. What does not fit is null and counted.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { Instruction } from './vector.js'

/** A row's result; null = does not fit. */
type Convert = (instruction: Instruction) => {
  readonly out: { [row: number]: number | bigint }
  readonly of: (row: number) => number | bigint | null
}

const CASTS: Readonly<Record<number, Convert>> = {
  [O.OP_BOOL_TO_I32]: ({ dst, a: { u8: x } }) => ({ out: dst.i32, of: row => x[row]! }),
  [O.OP_I32_TO_BOOL]: ({ dst, a: { i32: x } }) => ({ out: dst.u8, of: row => Number(x[row] !== 0) }),
  [O.OP_I32_TO_I64]: ({ dst, a: { i32: x } }) => ({ out: dst.i64, of: row => BigInt(x[row]!) }),
  [O.OP_I32_TO_F64]: ({ dst, a: { i32: x } }) => ({ out: dst.f64, of: row => x[row]! }),
  [O.OP_I64_TO_BOOL]: ({ dst, a: { i64: x } }) => ({ out: dst.u8, of: row => Number(x[row] !== 0n) }),
  [O.OP_I64_TO_I32]: ({ dst, a: { i64: x } }) =>
    ({ out: dst.i32, of: row => BigInt.asIntN(32, x[row]!) === x[row] ? Number(x[row]) : null }),
  [O.OP_I64_TO_F64]: ({ dst, a: { i64: x } }) => ({ out: dst.f64, of: row => Number(x[row]) }),
  [O.OP_F32_TO_F64]: ({ dst, a: { f32: x } }) => ({ out: dst.f64, of: row => x[row]! }),
  [O.OP_F64_TO_F32]: ({ dst, a: { f64: x } }) => ({ out: dst.f32, of: row => x[row]! }),
  [O.OP_F64_TO_BOOL]: ({ dst, a: { f64: x } }) => ({ out: dst.u8, of: row => Number(x[row] !== 0 && !Number.isNaN(x[row])) }),
  [O.OP_F64_TO_I32]: ({ dst, a: { f64: x } }) => ({
    out: dst.i32,
    of: row => Math.trunc(x[row]!) === (x[row]! | 0) ? x[row]! | 0 : null,
  }),
  [O.OP_F64_TO_I64]: ({ dst, a: { f64: x } }) => ({ out: dst.i64, of: row => truncateToI64(x[row]!) }),
  [O.OP_F64_TO_TIME]: ({ dst, a: { f64: x } }) =>
    ({ out: dst.f64, of: row => Math.abs(x[row]!) <= O.TIME_MAX_MS ? x[row]! : null }),
}

/** The integer part, or null where no i64 is that. */
export function truncateToI64(x: number): bigint | null {
  if (!Number.isFinite(x)) return null
  const integer = BigInt(Math.trunc(x))
  return BigInt.asIntN(64, integer) === integer ? integer : null
}

export function runCast(instruction: Instruction): void {
  const { op, rows, dst, a } = instruction
  dst.passNulls(a)
  const { out, of } = CASTS[op]!(instruction)
  const isValid = dst.validRows()
  const overflows: number[] = []
  for (let row = 0; row < rows; row++) {
    if (!isValid(row)) continue
    const result = of(row)
    if (result === null) overflows.push(row)
    else out[row] = result
  }
  instruction.setOverflows(overflows)
}
