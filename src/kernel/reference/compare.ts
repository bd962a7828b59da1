/**
 * Twin of assembly/compare.ts: comparisons to bool. Floats are in the total order −∞ … +∞ < NaN with −0 = 0 and NaN = NaN; text
 * is in the order of its UTF-8 bytes.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { KernelMemory } from '../memory.js'
import { textLength, textPtr } from './text-table.js'
import type { Instruction, VectorRegister } from './vector.js'

/** Negative, 0 or positive as `x` is below, equal to or above `y`. */
export function compareNumbers(x: number, y: number): number {
  if (x < y) return -1
  if (x > y) return 1
  return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
}

export function compareIntegers(x: bigint, y: bigint): number {
  return x < y ? -1 : Number(x > y)
}

/** The order of two codes' text. */
export function compareText(memory: KernelMemory, table: number, a: number, b: number): number {
  const [lengthA, lengthB] = [textLength(memory, table, a), textLength(memory, table, b)]
  const [ptrA, ptrB] = [textPtr(memory, table, a), textPtr(memory, table, b)]
  for (let i = 0; i < Math.min(lengthA, lengthB); i++) {
    const difference = memory.u8[ptrA + i]! - memory.u8[ptrB + i]!
    if (difference !== 0) return difference
  }
  return lengthA - lengthB
}

/** By the last two bits of the opcode: =, ≠, <, ≤. */
const OUTCOMES: readonly ((order: number) => boolean)[] =
  [order => order === 0, order => order !== 0, order => order < 0, order => order <= 0]

type RowOrder = (row: number) => number

/** By the other bits: how two rows compare. */
const ORDERS: Readonly<Record<number, (a: VectorRegister, b: VectorRegister) => RowOrder>> = {
  [O.OP_EQ_BOOL]: (a, b) => numbersOrder(a.u8, b.u8),
  [O.OP_EQ_I32]: (a, b) => numbersOrder(a.i32, b.i32),
  [O.OP_EQ_F32]: (a, b) => numbersOrder(a.f32, b.f32),
  [O.OP_EQ_F64]: (a, b) => numbersOrder(a.f64, b.f64),
  [O.OP_EQ_I64]: ({ i64: x }, { i64: y }) => row => compareIntegers(x[row]!, y[row]!),
}

function numbersOrder(x: ArrayLike<number>, y: ArrayLike<number>): RowOrder {
  return row => compareNumbers(x[row]!, y[row]!)
}

export function runCompare(instruction: Instruction): void {
  const { op, rows, dst, a, b } = instruction
  dst.passNulls(a, b)
  const out = dst.u8
  const isTrue = comparisonOf(instruction, op)
  for (let row = 0; row < rows; row++) out[row] = Number(isTrue(row))
}

/** Whether comparison `op` of a and b is true of a row; false where one of them is null. */
export function comparisonOf({ a, b, memory, textTable }: Instruction, op: number): (row: number) => boolean {
  const outcome = OUTCOMES[op & 3]!
  const codes = [a.i32, b.i32] as const
  const order = op === O.OP_LT_TEXT || op === O.OP_LE_TEXT
    ? (row: number) => compareText(memory, textTable, codes[0][row]!, codes[1][row]!)
    : ORDERS[op & ~3]!(a, b)
  const [hasA, hasB] = [a.validRows(), b.validRows()]
  return row => hasA(row) && hasB(row) && outcome(order(row))
}
