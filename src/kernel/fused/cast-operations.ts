/**
 * How fused blocks cast between bool, numbers and time. A value that does not fit makes the block decline: what is null then, and
 * counted, is for the instructions one by one.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { ColumnType } from '../../data/schema.js'
import { moveHighDown } from './arithmetic-operations.js'
import type { Value } from './block-values.js'
import type { LaneOperation, LaneOperations, LaneWriter } from './lane-writer.js'
import { CODE, SIMD } from './wasm-opcodes.js'

/** 2^31: the first f64 whose integer part no i32 holds. */
const I32_END = 2_147_483_648

/** Two groups of eight-byte lanes from one of four-byte lanes. */
function widening(op: number, opHigh?: number): LaneOperation {
  return {
    lanes(w, { args: [a] }, group) {
      w.lanes(a!, group >> 1)
      if (group & 1 && opHigh !== undefined) return w.simd(opHigh)
      if (group & 1) moveHighDown(w, a!, group >> 1)
      w.simd(op)
    },
  }
}

/** Pushes the low eight bytes of two pushes as one. */
function joinLow(w: LaneWriter, write: (group: number) => void, group: number): void {
  write(2 * group)
  write(2 * group + 1)
  w.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
}

function narrowing(op: number): LaneOperation {
  return {
    lanes(w, { args: [a] }, group) {
      joinLow(w, each => {
        w.lanes(a!, each)
        w.simd(op)
      }, group)
    },
  }
}

/** a ≠ 0, and not NaN. */
function toBool(type: ColumnType, width: number, ne: number, gt: number): LaneOperation {
  const isFloat = type === 'f64'
  return {
    mask(w, { args: [a] }) {
      w.narrow(width, group => {
        // |x| > 0 is false for NaN.
        w.lanes(a!, group)
        if (isFloat) w.simd(SIMD.f64x2Abs)
        w.splat(type, 0)
        w.simd(isFloat ? gt : ne)
      })
    },
  }
}

const BOOL_TO_I32: LaneOperation = {
  lanes(w, { args: [a] }, group) {
    w.wideMask(a!, 4, group)
    w.simd(SIMD.i32x4Neg)
  },
}

/** Negates what fits: `write` pushes a group's mask of what fits. */
function unless(width: number, write: (w: LaneWriter, a: Value, group: number) => void): NonNullable<LaneOperation['misfits']> {
  return (w, { args: [a] }) => {
    w.narrow(width, group => write(w, a!, group))
    w.simd(SIMD.not)
  }
}

const F64_TO_I32: LaneOperation = {
  ...narrowing(SIMD.i32x4TruncSatF64x2SZero),
  misfits: unless(8, (w, a, group) => {
    w.lanes(a, group)
    w.splat('f64', -I32_END - 1)
    w.simd(SIMD.f64x2Gt)
    w.lanes(a, group)
    w.splat('f64', I32_END)
    w.simd(SIMD.f64x2Lt)
    w.simd(SIMD.and)
  }),
}

const I64_TO_I32: LaneOperation = {
  lanes(w, { args: [a] }, group) {
    w.lanes(a!, 2 * group)
    w.lanes(a!, 2 * group + 1)
    w.shuffle([0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27])
  },
  misfits(w, value) {
    const [a] = value.args
    w.narrow(8, group => {
      w.lanes(value, group >> 1)
      w.simd(group & 1 ? SIMD.i64x2ExtendHighI32x4S : SIMD.i64x2ExtendLowI32x4S)
      w.lanes(a!, group)
      w.simd(SIMD.i64x2Ne)
    })
  },
}

/** To the nearest; SIMD has no instruction for it. */
const I64_TO_F64: LaneOperation = {
  lanes(w, { args: [a] }, group) {
    w.lanes(a!, group)
    w.simd(SIMD.i64x2ExtractLane)
    w.put(0, CODE.f64ConvertI64S)
    w.simd(SIMD.f64x2Splat)
    w.lanes(a!, group)
    w.simd(SIMD.i64x2ExtractLane)
    w.put(1, CODE.f64ConvertI64S)
    w.simd(SIMD.f64x2ReplaceLane)
    w.put(1)
  },
}

const F64_TO_TIME: LaneOperation = {
  lanes(w, { args: [a] }, group) {
    w.lanes(a!, group)
  },
  misfits: unless(8, (w, a, group) => {
    w.lanes(a, group)
    w.simd(SIMD.f64x2Abs)
    w.splat('f64', O.TIME_MAX_MS)
    w.simd(SIMD.f64x2Le)
  }),
}

export const CASTS: LaneOperations = {
  [O.OP_BOOL_TO_I32]: BOOL_TO_I32,
  [O.OP_I32_TO_BOOL]: toBool('i32', 4, SIMD.i32x4Ne, 0),
  [O.OP_I64_TO_BOOL]: toBool('i64', 8, SIMD.i64x2Ne, 0),
  [O.OP_F64_TO_BOOL]: toBool('f64', 8, 0, SIMD.f64x2Gt),
  [O.OP_I32_TO_I64]: widening(SIMD.i64x2ExtendLowI32x4S, SIMD.i64x2ExtendHighI32x4S),
  [O.OP_I32_TO_F64]: widening(SIMD.f64x2ConvertLowI32x4S),
  [O.OP_F32_TO_F64]: widening(SIMD.f64x2PromoteLowF32x4),
  [O.OP_F64_TO_F32]: narrowing(SIMD.f32x4DemoteF64x2Zero),
  [O.OP_F64_TO_I32]: F64_TO_I32,
  [O.OP_I64_TO_I32]: I64_TO_I32,
  [O.OP_I64_TO_F64]: I64_TO_F64,
  [O.OP_F64_TO_TIME]: F64_TO_TIME,
}
