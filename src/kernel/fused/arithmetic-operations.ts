/**
 * How fused blocks compute with numbers: f64, the panes of times, and i64 as far as SIMD can tell that a result fits.
 * Invariant: the operations, and their order, of assembly/arithmetic.ts, integer.ts and time.ts: the same bits come out.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { OperationValue, Value } from './block-values.js'
import type { LaneOperation, LaneOperations, LaneWriter } from './lane-writer.js'
import { SIMD } from './wasm-opcodes.js'

const SIGN_BIT = -(2n ** 63n)

function binary(op: number, then?: number): LaneOperation {
  return {
    lanes(w, { args: [a, b] }, group) {
      w.lanes(a!, group)
      w.lanes(b!, group)
      w.simd(op)
      if (then !== undefined) w.simd(then)
    },
  }
}

function unary(op: number): LaneOperation {
  return {
    lanes(w, { args: [a] }, group) {
      w.lanes(a!, group)
      w.simd(op)
    },
  }
}

/** Rounded after each of the two operations, as they are one by one. */
const MUL_ADD: LaneOperation = {
  lanes(w, { args: [a, b, c] }, group) {
    w.lanes(a!, group)
    w.lanes(b!, group)
    w.simd(SIMD.f64x2Mul)
    w.lanes(c!, group)
    w.simd(SIMD.f64x2Add)
  },
}

/** Half up; the sign of x stays where the result is zero. */
const ROUND: LaneOperation = {
  lanes(w, { args: [a] }, group) {
    w.lanes(a!, group)
    w.lanes(a!, group)
    w.simd(SIMD.f64x2Floor)
    const low = w.tee('v128')
    w.lanes(a!, group)
    w.get(low)
    w.simd(SIMD.f64x2Sub)
    w.splat('f64', 0.5)
    w.simd(SIMD.f64x2Ge)
    w.splat('f64', 1)
    w.simd(SIMD.and)
    w.simd(SIMD.f64x2Add)
    w.splat('i64', SIGN_BIT)
    w.simd(SIMD.bitselect)
  },
}

const SIGN: LaneOperation = {
  lanes(w, { args: [a] }, group) {
    w.splat('f64', 1)
    w.splat('f64', -1)
    w.lanes(a!, group)
    for (const op of [SIMD.f64x2Lt, SIMD.f64x2Gt]) {
      w.lanes(a!, group)
      w.splat('f64', 0)
      w.simd(op)
      w.simd(SIMD.bitselect)
    }
  },
}

/** The start of the step that a time lies in; one less where the quotient was rounded up to it. */
const FLOOR_TO: LaneOperation = {
  lanes(w, { args: [time, step, origin] }, group) {
    w.lanes(origin!, group)
    w.lanes(time!, group)
    w.lanes(origin!, group)
    w.simd(SIMD.f64x2Sub)
    w.lanes(step!, group)
    w.simd(SIMD.f64x2Div)
    w.simd(SIMD.f64x2Floor)
    w.lanes(step!, group)
    w.simd(SIMD.f64x2Mul)
    w.simd(SIMD.f64x2Add)
    const start = w.tee('v128')
    w.get(start)
    w.lanes(time!, group)
    w.simd(SIMD.f64x2Gt)
    w.lanes(step!, group)
    w.simd(SIMD.and)
    w.simd(SIMD.f64x2Sub)
  },
  valid: (w, { args: [time, step] }) => w.allValid([time!, step!]),
}

/** x + y or x − y, whose sign tells where it left the range. */
function wrapping(op: number, isSub: boolean): LaneOperation {
  return {
    ...binary(op),
    misfits(w, value) {
      const [a, b] = value.args as [Value, Value]
      signs(w, group => {
        w.lanes(a, group)
        w.lanes(isSub ? b : value, group)
        w.simd(SIMD.xor)
        w.lanes(isSub ? a : b, group)
        w.lanes(value, group)
        w.simd(SIMD.xor)
        w.simd(SIMD.and)
      })
    },
  }
}

/** Pushes the mask of the eight-byte lanes that are negative. */
function signs(w: LaneWriter, write: (group: number) => void): void {
  w.narrow(8, group => {
    write(group)
    w.splat('i64', 0)
    w.simd(SIMD.i64x2LtS)
  })
}

/** −x or |x|: only the least i64 has none. */
function reflecting(op: number): LaneOperation {
  return {
    ...unary(op),
    misfits(w, { args: [a] }) {
      w.narrow(8, group => {
        w.lanes(a!, group)
        w.splat('i64', SIGN_BIT)
        w.simd(SIMD.i64x2Eq)
      })
    },
  }
}

/** A comparison gives −1 for true: (x < 0) − (x > 0) is the sign. */
const SIGN_I64: LaneOperation = {
  lanes(w, { args: [a] }, group) {
    w.lanes(a!, group)
    w.splat('i64', 0)
    w.simd(SIMD.i64x2LtS)
    w.lanes(a!, group)
    w.splat('i64', 0)
    w.simd(SIMD.i64x2GtS)
    w.simd(SIMD.i64x2Sub)
  },
}

/** Whether an i32 division can be done in f64, where it is exact: by a literal that neither overflows nor is 0. */
export function hasPlainDivisor(value: Value): boolean {
  return value.kind === 'constant' && value.value !== null && value.value !== 0 && value.value !== -1
}

/** x / c for four i32, cut off or rounded down, as i32. */
function quotient(w: LaneWriter, { args: [a, b] }: OperationValue, group: number, isFloor: boolean): void {
  const divisor = Number((b as Extract<Value, { kind: 'constant' }>).value)
  for (const isHigh of [false, true]) {
    w.lanes(a!, group)
    if (isHigh) moveHighDown(w, a!, group)
    w.simd(SIMD.f64x2ConvertLowI32x4S)
    w.splat('f64', divisor)
    w.simd(SIMD.f64x2Div)
    w.simd(isFloor ? SIMD.f64x2Floor : SIMD.f64x2Trunc)
    w.simd(SIMD.i32x4TruncSatF64x2SZero)
  }
  w.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
}

/** Behind a push of lanes: pushes the upper half of them, low. */
export function moveHighDown(w: LaneWriter, value: Value, group: number): void {
  w.lanes(value, group)
  w.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31])
}

const MOD_I32: LaneOperation = {
  lanes(w, value, group) {
    w.lanes(value.args[0]!, group)
    quotient(w, value, group, false)
    w.lanes(value.args[1]!, group)
    w.simd(SIMD.i32x4Mul)
    w.simd(SIMD.i32x4Sub)
  },
}

export const ARITHMETIC: LaneOperations = {
  [O.OP_ADD_F64]: binary(SIMD.f64x2Add),
  [O.OP_SUB_F64]: binary(SIMD.f64x2Sub),
  [O.OP_MUL_F64]: binary(SIMD.f64x2Mul),
  [O.OP_DIV_F64]: binary(SIMD.f64x2Div),
  [O.OP_MUL_ADD_F64]: MUL_ADD,
  [O.OP_FLOOR_DIV_F64]: binary(SIMD.f64x2Div, SIMD.f64x2Floor),
  [O.OP_NEG_F64]: unary(SIMD.f64x2Neg),
  [O.OP_ABS_F64]: unary(SIMD.f64x2Abs),
  [O.OP_SQRT_F64]: unary(SIMD.f64x2Sqrt),
  [O.OP_FLOOR_F64]: unary(SIMD.f64x2Floor),
  [O.OP_CEIL_F64]: unary(SIMD.f64x2Ceil),
  [O.OP_TRUNC_F64]: unary(SIMD.f64x2Trunc),
  [O.OP_ROUND_F64]: ROUND,
  [O.OP_SIGN_F64]: SIGN,
  [O.OP_FLOOR_TO]: FLOOR_TO,
  [O.OP_ADD_I64]: wrapping(SIMD.i64x2Add, false),
  [O.OP_SUB_I64]: wrapping(SIMD.i64x2Sub, true),
  [O.OP_NEG_I64]: reflecting(SIMD.i64x2Neg),
  [O.OP_ABS_I64]: reflecting(SIMD.i64x2Abs),
  [O.OP_SIGN_I64]: SIGN_I64,
  [O.OP_MOD_I32]: MOD_I32,
  [O.OP_FLOOR_DIV_I32]: { lanes: (w, value, group) => quotient(w, value, group, true) },
}
