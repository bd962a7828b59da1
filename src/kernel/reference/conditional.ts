/**
 * Twin of assembly/conditional.ts: if, coalesce, least and greatest, as a choice between two registers in every row.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import { compareIntegers, compareNumbers, compareText } from './compare.js'
import type { Instruction, VectorRegister } from './vector.js'

/** How two rows compare, by the opcode of least. */
const ORDERS: Readonly<Record<number, (instruction: Instruction) => (row: number) => number>> = {
  [O.OP_LEAST_BOOL]: ({ a: { u8: x }, b: { u8: y } }) => row => compareNumbers(x[row]!, y[row]!),
  [O.OP_LEAST_I32]: ({ a: { i32: x }, b: { i32: y } }) => row => compareNumbers(x[row]!, y[row]!),
  [O.OP_LEAST_F32]: ({ a: { f32: x }, b: { f32: y } }) => row => compareNumbers(x[row]!, y[row]!),
  [O.OP_LEAST_F64]: ({ a: { f64: x }, b: { f64: y } }) => row => compareNumbers(x[row]!, y[row]!),
  [O.OP_LEAST_I64]: ({ a: { i64: x }, b: { i64: y } }) => row => compareIntegers(x[row]!, y[row]!),
  [O.OP_LEAST_TEXT]: ({ a: { i32: x }, b: { i32: y }, memory, textTable }) => row =>
    compareText(memory, textTable, x[row]!, y[row]!),
}

export function runConditional(instruction: Instruction): void {
  const { op, a, b, c } = instruction
  if (op <= O.OP_IF_8) {
    const condition = a.u8
    const isValid = a.validRows()
    return choose(instruction, WIDTHS[op - O.OP_IF_1]!, b, c, row => condition[row] === 1 && isValid(row))
  }
  if (op <= O.OP_COALESCE_8) return choose(instruction, WIDTHS[op - O.OP_COALESCE_1]!, a, b, a.validRows())
  const isGreatest = op >= O.OP_GREATEST_BOOL
  const index = op - (isGreatest ? O.OP_GREATEST_BOOL : O.OP_LEAST_BOOL)
  const order = ORDERS[O.OP_LEAST_BOOL + index]!(instruction)
  const [hasA, hasB] = [a.validRows(), b.validRows()]
  const takesA = (row: number): boolean => {
    if (!hasA(row) || !hasB(row)) return hasA(row)
    return isGreatest ? order(row) >= 0 : order(row) <= 0
  }
  choose(instruction, WIDTHS_OF_ORDER[index]!, a, b, takesA)
}

/** Bytes per value by opcode of if and coalesce. */
const WIDTHS = [1, 4, 8]
/** Bytes per value of bool, i32, i64, f32, f64 and text. */
const WIDTHS_OF_ORDER = [1, 4, 8, 4, 8, 4]

/** dst = x where `takesX` says so, else y, nulls included. */
function choose(
  { dst, rows }: Instruction, width: number, x: VectorRegister, y: VectorRegister, takesX: (row: number) => boolean,
): void {
  const [hasX, hasY] = [x.validRows(), y.validRows()]
  const [fromX, fromY, out] = [x, y, dst].map(register => bitsOf(register, width)) as [Bits, Bits, Bits]
  dst.setNoNulls()
  for (let row = 0; row < rows; row++) {
    const isX = takesX(row)
    if (isX ? hasX(row) : hasY(row)) out[row] = isX ? fromX[row]! : fromY[row]!
    else dst.setNull(row)
  }
}

/** Values as integers of their width, so that a copy keeps every bit. */
type Bits = { [row: number]: number | bigint }

function bitsOf(register: VectorRegister, width: number): Bits {
  if (width === 1) return register.u8
  return width === 4 ? register.u32 : register.i64
}
