/**
 * Twin of assembly/integer.ts: integer arithmetic, exact by BigInt. What does not fit is null and counted; a division by zero is
 * null.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { Instruction } from './vector.js'

/** Exact results; null for a division by zero. */
const OPERATIONS: Readonly<Record<number, (a: bigint, b: bigint) => bigint | null>> = {
  [O.OP_MOD_I32]: (a, b) => b === 0n ? null : a % b,
  [O.OP_MOD_I64]: (a, b) => b === 0n ? null : a % b,
  [O.OP_FLOOR_DIV_I32]: (a, b) => b === 0n ? null : floorDivide(a, b),
  [O.OP_FLOOR_DIV_I64]: (a, b) => b === 0n ? null : floorDivide(a, b),
  [O.OP_ADD_I64]: (a, b) => a + b,
  [O.OP_SUB_I64]: (a, b) => a - b,
  [O.OP_MUL_I64]: (a, b) => a * b,
  [O.OP_NEG_I64]: a => -a,
  [O.OP_ABS_I64]: a => a < 0n ? -a : a,
  [O.OP_SIGN_I64]: a => a > 0n ? 1n : a < 0n ? -1n : 0n,
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b !== 0n && (a < 0n) !== (b < 0n) ? quotient - 1n : quotient
}

export function runInteger(instruction: Instruction): void {
  const { op, rows, dst, a, b } = instruction
  const isUnary = op >= O.OP_NEG_I64
  const is32 = op === O.OP_MOD_I32 || op === O.OP_FLOOR_DIV_I32
  const operation = OPERATIONS[op]!
  if (isUnary) dst.passNulls(a)
  else dst.passNulls(a, b)
  const left = is32 ? a.i32 : a.i64
  const right = isUnary ? left : is32 ? b.i32 : b.i64
  const [hasA, hasB] = [a.validRows(), isUnary ? a.validRows() : b.validRows()]
  const isNull = (row: number): boolean => !hasA(row) || !hasB(row)
  const [out32, out64] = [dst.i32, dst.i64]
  const overflows: number[] = []
  for (let row = 0; row < rows; row++) {
    if (isNull(row)) continue
    const result = operation(BigInt(left[row]!), BigInt(right[row]!))
    if (result === null) dst.setNull(row)
    else if (BigInt.asIntN(is32 ? 32 : 64, result) !== result) overflows.push(row)
    else if (is32) out32[row] = Number(result)
    else out64[row] = result
  }
  instruction.setOverflows(overflows)
}
