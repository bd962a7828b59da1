/**
 * How fused blocks compare: to masks of the operands' width, narrowed to eight lanes where a bool is asked for.
 * Invariant: floats in the total order of assembly/compare.ts, −∞ … +∞ < NaN with −0 = 0; one instruction does where an operand
 * is known to be no NaN.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { Value } from './block-values.js'
import type { LaneOperation, LaneOperations, LaneWriter } from './lane-writer.js'
import { SIMD } from './wasm-opcodes.js'

interface Instructions {
  readonly eq: number
  readonly ne: number
  readonly lt: number
  readonly gt: number
  readonly le: number
  readonly ge: number
}

const F64: Instructions =
  { eq: SIMD.f64x2Eq, ne: SIMD.f64x2Ne, lt: SIMD.f64x2Lt, gt: SIMD.f64x2Gt, le: SIMD.f64x2Le, ge: SIMD.f64x2Ge }
const F32: Instructions =
  { eq: SIMD.f32x4Eq, ne: SIMD.f32x4Ne, lt: SIMD.f32x4Lt, gt: SIMD.f32x4Gt, le: SIMD.f32x4Le, ge: SIMD.f32x4Ge }

/** Pushes a group's mask; true as a result means that the mask is to be turned round. */
type Comparison = (w: LaneWriter, a: Value, b: Value, group: number) => boolean

function integers(op: number): Comparison {
  return (w, a, b, group) => {
    w.lanes(a, group)
    w.lanes(b, group)
    w.simd(op)
    return false
  }
}

/** Whether a value is never NaN. */
function isNumber(value: Value): boolean {
  if (value.kind === 'constant') return !Number.isNaN(value.value)
  return value.kind === 'operation' && value.op === O.OP_I32_TO_F64
}

function compareLanes(w: LaneWriter, a: Value, b: Value, group: number, op: number): void {
  w.lanes(a, group)
  w.lanes(b, group)
  w.simd(op)
}

/** = or ≠: two NaN are equal. */
function floatsEqual({ eq, ne }: Instructions, isEqual: boolean): Comparison {
  return (w, a, b, group) => {
    compareLanes(w, a, b, group, isEqual ? eq : ne)
    if (isNumber(a) || isNumber(b)) return false
    compareLanes(w, a, a, group, ne)
    compareLanes(w, b, b, group, ne)
    w.simd(SIMD.and)
    w.simd(isEqual ? SIMD.or : SIMD.andnot)
    return false
  }
}

/** Pushes a < b, where NaN is the largest; see Comparison. */
export function floatsLess({ lt, ge, eq, ne }: Instructions, w: LaneWriter, a: Value, b: Value, group: number): boolean {
  if (isNumber(b)) {
    compareLanes(w, a, b, group, lt)
    return false
  }
  if (isNumber(a)) {
    compareLanes(w, a, b, group, ge)
    return true
  }
  compareLanes(w, a, b, group, lt)
  compareLanes(w, a, a, group, eq)
  compareLanes(w, b, b, group, ne)
  w.simd(SIMD.and)
  w.simd(SIMD.or)
  return false
}

function floatsAtMost({ le, gt, ne }: Instructions): Comparison {
  return (w, a, b, group) => {
    if (isNumber(a) && !isNumber(b)) {
      compareLanes(w, a, b, group, gt)
      return true
    }
    compareLanes(w, a, b, group, le)
    if (isNumber(b)) return false
    compareLanes(w, b, b, group, ne)
    w.simd(SIMD.or)
    return false
  }
}

function comparison(width: number, compare: Comparison): LaneOperation {
  return {
    mask(w, { args: [a, b] }) {
      let isTurned = false
      w.narrow(width, group => { isTurned = compare(w, a!, b!, group) })
      if (isTurned) w.simd(SIMD.not)
    },
    wideMask(w, { args: [a, b] }, wanted, group) {
      if (wanted !== width) return false
      if (compare(w, a!, b!, group)) w.simd(SIMD.not)
      return true
    },
  }
}

/** = ≠ < ≤ of floats, in the order of their opcodes. */
function floats(width: number, instructions: Instructions): LaneOperation[] {
  return [
    comparison(width, floatsEqual(instructions, true)),
    comparison(width, floatsEqual(instructions, false)),
    comparison(width, (w, a, b, group) => floatsLess(instructions, w, a, b, group)),
    comparison(width, floatsAtMost(instructions)),
  ]
}

/** = or ≠ of bools. */
function bools(isEqual: boolean): LaneOperation {
  return {
    mask(w, { args: [a, b] }) {
      w.mask(a!)
      w.mask(b!)
      w.simd(SIMD.xor)
      if (isEqual) w.simd(SIMD.not)
    },
  }
}

function fromOpcode(first: number, operations: readonly LaneOperation[]): LaneOperations {
  return Object.fromEntries(operations.map((operation, i) => [first + i, operation]))
}

const whole = (width: number, ops: readonly number[]): LaneOperation[] => ops.map(op => comparison(width, integers(op)))

/** Pushes a < b in the order of the comparisons, as a mask of the operands' lanes. */
export function pushLess(w: LaneWriter, a: Value, b: Value, group: number): void {
  switch (a.type) {
    case 'f64': case 'timestamp': if (floatsLess(F64, w, a, b, group)) w.simd(SIMD.not); return
    case 'f32': if (floatsLess(F32, w, a, b, group)) w.simd(SIMD.not); return
    default: compareLanes(w, a, b, group, a.type === 'i64' ? SIMD.i64x2LtS : SIMD.i32x4LtS)
  }
}

export const COMPARISONS: LaneOperations = {
  ...fromOpcode(O.OP_EQ_BOOL, [bools(true), bools(false)]),
  ...fromOpcode(O.OP_EQ_I32, whole(4, [SIMD.i32x4Eq, SIMD.i32x4Ne, SIMD.i32x4LtS, SIMD.i32x4LeS])),
  ...fromOpcode(O.OP_EQ_I64, whole(8, [SIMD.i64x2Eq, SIMD.i64x2Ne, SIMD.i64x2LtS, SIMD.i64x2LeS])),
  ...fromOpcode(O.OP_EQ_F32, floats(4, F32)),
  ...fromOpcode(O.OP_EQ_F64, floats(8, F64)),
}

