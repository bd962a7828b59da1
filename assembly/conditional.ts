// Instructions that choose between values: if, coalesce, least and greatest. What is chosen per row is first written as a byte
// per row, then the values and the bitmaps are chosen by it.
import { writeCompared } from './compare'
import { FRAME_SCRATCH, FRAME_TEXT_TABLE } from './portable/layout'
import {
  OP_COALESCE_1, OP_COALESCE_4, OP_COALESCE_8, OP_GREATEST_BOOL, OP_IF_1, OP_IF_4, OP_IF_8, OP_LEAST_BOOL, OP_LEAST_F32,
  OP_LEAST_I32, OP_LEAST_TEXT, OP_LT_BOOL,
} from './portable/opcodes'
import { compareText } from './text-compare'
import {
  bitmapBytes, clearBit, dstOf, isValid, operandA, operandB, operandC, ownValidity, rowsOf, setNoNulls, validityOf, valuesOf,
} from './vector'

/** Kinds of least and of greatest, in the order of their opcodes and of those of the comparisons. */
const BOOL = OP_LEAST_BOOL - OP_LEAST_BOOL
const I32 = OP_LEAST_I32 - OP_LEAST_BOOL
const F32 = OP_LEAST_F32 - OP_LEAST_BOOL
const TEXT = OP_LEAST_TEXT - OP_LEAST_BOOL

export function runConditional(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  const b = operandB(frame, instruction)
  const choice = <usize>load<u32>(frame, FRAME_SCRATCH)
  switch (op) {
    case OP_IF_1: return chooseIf<u8>(choice, dst, a, b, operandC(frame, instruction), n)
    case OP_IF_4: return chooseIf<u32>(choice, dst, a, b, operandC(frame, instruction), n)
    case OP_IF_8: return chooseIf<u64>(choice, dst, a, b, operandC(frame, instruction), n)
    case OP_COALESCE_1: return coalesce<u8>(choice, dst, a, b, n)
    case OP_COALESCE_4: return coalesce<u32>(choice, dst, a, b, n)
    case OP_COALESCE_8: return coalesce<u64>(choice, dst, a, b, n)
    default: return runExtreme(frame, op, choice, dst, a, b, n)
  }
}

function chooseIf<T>(choice: usize, dst: usize, condition: usize, then: usize, otherwise: usize, n: i32): void {
  const values = valuesOf(condition)
  const validity = validityOf(condition)
  if (!validity) return choose<T>(values, dst, then, otherwise, n)
  for (let row = 0; row < n; row++) store<u8>(choice + row, load<u8>(values + row) & <u8>isValid(validity, row))
  choose<T>(choice, dst, then, otherwise, n)
}

function coalesce<T>(choice: usize, dst: usize, a: usize, b: usize, n: i32): void {
  const validity = validityOf(a)
  for (let row = 0; row < n; row++) store<u8>(choice + row, <u8>isValid(validity, row))
  choose<T>(choice, dst, a, b, n)
}

/** dst = the value of `a` where the byte of `choice` is 1, else of `b`, nulls included. */
function choose<T>(choice: usize, dst: usize, a: usize, b: usize, n: i32): void {
  const x = valuesOf(a)
  const y = valuesOf(b)
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const i = <usize>row * sizeof<T>()
    store<T>(out + i, select<T>(load<T>(x + i), load<T>(y + i), load<u8>(choice + row) != 0))
  }
  const validityA = validityOf(a)
  const validityB = validityOf(b)
  if (!validityA && !validityB) return setNoNulls(dst)
  const own = ownValidity(dst)
  memory.fill(own, 255, bitmapBytes(n))
  for (let row = 0; row < n; row++) {
    if (!isValid(load<u8>(choice + row) ? validityA : validityB, row)) clearBit(own, row)
  }
}

/** Where both are there the smaller (greater), `a` if equal; else the one that is there. */
function runExtreme(frame: usize, op: i32, choice: usize, dst: usize, a: usize, b: usize, n: i32): void {
  const isGreatest = op >= OP_GREATEST_BOOL
  const kind = isGreatest ? op - OP_GREATEST_BOOL : op - OP_LEAST_BOOL
  if (kind == TEXT) {
    return extremeText(<usize>load<u32>(frame, FRAME_TEXT_TABLE), isGreatest, choice, dst, a, b, n)
  }
  // First the rows that take b.
  writeCompared(OP_LT_BOOL + (kind << 2), isGreatest ? a : b, isGreatest ? b : a, choice, n)
  const validityA = validityOf(a)
  const validityB = validityOf(b)
  for (let row = 0; row < n; row++) {
    store<u8>(choice + row, <u8>takesA(load<u8>(choice + row) != 0, validityA, validityB, row))
  }
  switch (kind) {
    case BOOL: return choose<u8>(choice, dst, a, b, n)
    case I32: case F32: return choose<u32>(choice, dst, a, b, n)
    default: return choose<u64>(choice, dst, a, b, n)
  }
}

function extremeText(table: usize, isGreatest: bool, choice: usize, dst: usize, a: usize, b: usize, n: i32): void {
  const x = valuesOf(a)
  const y = valuesOf(b)
  const validityA = validityOf(a)
  const validityB = validityOf(b)
  for (let row = 0; row < n; row++) {
    const i = <usize>row << 2
    let takesB = false
    if (isValid(validityA, row) && isValid(validityB, row)) {
      const order = compareText(table, load<i32>(x + i), load<i32>(y + i))
      takesB = isGreatest ? order < 0 : order > 0
    }
    store<u8>(choice + row, <u8>takesA(takesB, validityA, validityB, row))
  }
  choose<u32>(choice, dst, a, b, n)
}

// @ts-ignore: decorator
@inline
function takesA(takesB: bool, validityA: usize, validityB: usize, row: i32): bool {
  return isValid(validityA, row) && (!takesB || !isValid(validityB, row))
}
