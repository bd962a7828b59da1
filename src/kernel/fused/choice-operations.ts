/**
 * How fused blocks choose and reason: if, coalesce, least, greatest, and three-valued logic.
 * Invariant: where nothing can be null this is bitwise; else what assembly/boolean.ts and conditional.ts say of nulls holds.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import { VALUE_BYTES } from '../../data/schema.js'
import type { OperationValue, Value } from './block-values.js'
import { pushLess } from './compare-operations.js'
import type { LaneOperation, LaneOperations, LaneWriter, Local } from './lane-writer.js'
import { CODE, SIMD } from './wasm-opcodes.js'

/** Pushes the mask of rows in which a bool is there and is `wanted`. */
function pushKnown(w: LaneWriter, value: Value, wanted: boolean): void {
  const valid = w.valid(value)
  if (valid) w.maskOfBits(valid)
  w.mask(value)
  if (valid) w.simd(wanted ? SIMD.and : SIMD.andnot)
  else if (!wanted) w.simd(SIMD.not)
}

/** Pushes the mask of rows that one operand decides: a false one for and, a true one for or. */
function pushDecided(w: LaneWriter, { id, args: [a, b] }: OperationValue, decisive: boolean): void {
  w.once(`decided ${id}`, 'v128', () => {
    pushKnown(w, a!, decisive)
    pushKnown(w, b!, decisive)
    w.simd(SIMD.or)
  })
}

function logic(decisive: boolean): LaneOperation {
  const hasNulls = (w: LaneWriter, { args }: OperationValue): boolean => args.some(arg => w.valid(arg) !== null)
  return {
    mask(w, value) {
      if (hasNulls(w, value)) {
        pushDecided(w, value, decisive)
        if (!decisive) w.simd(SIMD.not)
        return
      }
      for (const arg of value.args) w.mask(arg)
      w.simd(decisive ? SIMD.or : SIMD.and)
    },
    valid(w, value) {
      const both = w.allValid(value.args)
      if (!both) return null
      pushDecided(w, value, decisive)
      w.simd(SIMD.i16x8Bitmask)
      w.get(both)
      w.put(CODE.i32Or)
      return w.set('i32')
    },
  }
}

const NOT: LaneOperation = {
  mask(w, { args: [a] }) {
    w.mask(a!)
    w.simd(SIMD.not)
  },
}

const IS_NULL: LaneOperation = {
  mask(w, { args: [a] }) {
    const valid = w.valid(a!)
    if (!valid) return w.constant(Array<number>(16).fill(0))
    w.maskOfBits(valid)
    w.simd(SIMD.not)
  },
  valid: () => null,
}

/** Pushes what is chosen of two values, given the mask of the rows that take the first. */
function pushChoice(
  w: LaneWriter, first: Value, second: Value, group: number, pushMask: (width: number) => void,
): void {
  w.lanes(first, group)
  w.lanes(second, group)
  pushMask(VALUE_BYTES[first.type])
  w.simd(SIMD.bitselect)
}

function pushMaskChoice(w: LaneWriter, first: Value, second: Value, pushMask: () => void): void {
  w.mask(first)
  w.mask(second)
  pushMask()
  w.simd(SIMD.bitselect)
}

/** (bits & a) | (~bits & b), where null is all ones. */
function chosenBits(w: LaneWriter, bits: () => void, a: Local | null, b: Local | null): Local | null {
  if (!a && !b) return null
  bits()
  const chosen = w.set('i32')
  const side = (local: Local | null): void => {
    w.get(chosen)
    if (!local) return
    w.get(local)
    w.put(CODE.i32And)
  }
  side(a)
  // ~chosen & b, of eight bits.
  w.get(chosen)
  w.put(CODE.i32Const, 0xff, 0x01, CODE.i32Xor)
  if (b) {
    w.get(b)
    w.put(CODE.i32And)
  }
  w.put(CODE.i32Or)
  return w.set('i32')
}

const IF: LaneOperation = {
  lanes(w, { args: [condition, then, otherwise], id }, group) {
    const isKnown = w.valid(condition!) === null
    pushChoice(w, then!, otherwise!, group, width => {
      if (isKnown) w.wideMask(condition!, width, group)
      else w.widen(w.keep(`taken ${id}`, 'v128', () => pushKnown(w, condition!, true)), width, group)
    })
  },
  mask(w, { args: [condition, then, otherwise] }) {
    pushMaskChoice(w, then!, otherwise!, () => pushKnown(w, condition!, true))
  },
  valid(w, { args: [condition, then, otherwise] }) {
    return chosenBits(w, () => {
      pushKnown(w, condition!, true)
      w.simd(SIMD.i16x8Bitmask)
    }, w.valid(then!), w.valid(otherwise!))
  },
}

/** Where either is there. */
function eitherValid(w: LaneWriter, { args }: OperationValue): Local | null {
  const bits = args.map(arg => w.valid(arg))
  return bits.includes(null) ? null : w.combineBits(CODE.i32Or, bits as Local[])
}

const COALESCE: LaneOperation = {
  lanes(w, { args: [a, b], id }, group) {
    const valid = w.valid(a!)
    if (!valid) return w.lanes(a!, group)
    pushChoice(w, a!, b!, group, width => w.widen(w.keep(`present ${id}`, 'v128', () => w.maskOfBits(valid)), width, group))
  },
  mask(w, { args: [a, b] }) {
    const valid = w.valid(a!)
    if (!valid) return w.mask(a!)
    pushMaskChoice(w, a!, b!, () => w.maskOfBits(valid))
  },
  valid: eitherValid,
}

/** The smaller or the greater of two, the first if they are equal; a null is passed over. */
function extreme(isGreatest: boolean): LaneOperation {
  const pushTakesSecond = (w: LaneWriter, [a, b]: readonly Value[], group: number): void =>
    isGreatest ? pushLess(w, a!, b!, group) : pushLess(w, b!, a!, group)
  return {
    lanes(w, { args, id }, group) {
      const [a, b] = args as [Value, Value]
      const [validA, validB] = [w.valid(a), w.valid(b)]
      if (!validA && !validB) return pushChoice(w, b, a, group, () => pushTakesSecond(w, args, group))
      const taken = w.keep(`taken ${id}`, 'v128', () => {
        w.narrow(VALUE_BYTES[a.type], each => pushTakesSecond(w, args, each))
        if (validB) {
          w.maskOfBits(validB)
          w.simd(SIMD.and)
        }
        if (!validA) return
        // Also where the first is not there.
        w.maskOfBits(validA)
        w.simd(SIMD.not)
        w.simd(SIMD.or)
      })
      pushChoice(w, b, a, group, width => w.widen(taken, width, group))
    },
    valid: eitherValid,
  }
}

const LEAST = extreme(false)
const GREATEST = extreme(true)

export const CHOICES: LaneOperations = {
  [O.OP_AND]: logic(false),
  [O.OP_OR]: logic(true),
  [O.OP_NOT]: NOT,
  [O.OP_IS_NULL]: IS_NULL,
  [O.OP_IF_1]: IF, [O.OP_IF_4]: IF, [O.OP_IF_8]: IF,
  [O.OP_COALESCE_1]: COALESCE, [O.OP_COALESCE_4]: COALESCE, [O.OP_COALESCE_8]: COALESCE,
  [O.OP_LEAST_I32]: LEAST, [O.OP_LEAST_I64]: LEAST, [O.OP_LEAST_F32]: LEAST, [O.OP_LEAST_F64]: LEAST,
  [O.OP_GREATEST_I32]: GREATEST, [O.OP_GREATEST_I64]: GREATEST, [O.OP_GREATEST_F32]: GREATEST, [O.OP_GREATEST_F64]: GREATEST,
}
