/**
 * A block as a WebAssembly function of the frame: one loop over the vector, results in locals, only what later instructions read
 * in memory; the function may decline a vector. There are two of it: for vectors without nulls, and for any.
 * Invariant: it writes registers that the block's instructions write too, and the scratch: they can run after it.
 */
import {
  FRAME_SCRATCH, FRAME_VECTOR_ROWS, REGISTER_OWN_VALIDITY, REGISTER_VALIDITY, REGISTER_VALUES, VECTOR_VALIDITY_BYTES,
} from '../../../assembly/portable/layout.js'
import { FUSED_DECLINED, FUSED_DONE } from '../../../assembly/portable/opcodes.js'
import { VALUE_BYTES } from '../../data/schema.js'
import { ARITHMETIC } from './arithmetic-operations.js'
import { writeSums } from './block-sums.js'
import type { BlockValues, OperationValue } from './block-values.js'
import { CASTS } from './cast-operations.js'
import { CHOICES } from './choice-operations.js'
import { COMPARISONS } from './compare-operations.js'
import { LaneWriter, loadFrom, TURN_ROWS, type Code, type LaneOperations } from './lane-writer.js'
import { moduleBytes, signed, unsigned, type FunctionBody } from './wasm-encoding.js'
import { CODE, SIMD } from './wasm-opcodes.js'

/** Every instruction that can be part of a block, but the filter. */
export const OPERATIONS: LaneOperations = { ...ARITHMETIC, ...COMPARISONS, ...CHOICES, ...CASTS }

/** Number of the function for vectors with nulls. */
const WITH_NULLS = 1

/** Bytes of a group of lanes, and how many groups the widest values have. */
const LANE_BYTES = 16
const GROUPS_MAX = 4

const ALL_EIGHT = 255

/** The module of a block; its export `f0` takes the frame and gives what it has done, FUSED_…. */
export function emitBlock(values: BlockValues, isShared: boolean): Uint8Array<ArrayBuffer> {
  return moduleBytes([functionOf(values, false), functionOf(values, true)], isShared)
}

function functionOf(values: BlockValues, hasNulls: boolean): FunctionBody {
  const writer = new LaneWriter(OPERATIONS, hasNulls)
  const head: Code = hasNulls ? [] : goToNulls(writer, values)
  const rest = writer.local('i32')
  writer.setup.push(...loadFrom(FRAME_VECTOR_ROWS, [CODE.get, 0]), CODE.set, rest)
  writeFilters(writer, values)
  writeStores(writer, values)
  writeChecks(writer, values)
  // Sums of vectors with nulls are left to their instructions.
  const summed = hasNulls ? [] : writeSums(writer, values, rest)
  writer.moveOn()
  const again: Code = [CODE.get, rest, CODE.i32Const, ...signed(TURN_ROWS), CODE.i32Sub, CODE.tee, rest,
    CODE.i32Const, 0, CODE.i32GtS, CODE.brIf, 0]
  const code = [...head, ...writer.setup, CODE.loop, CODE.empty, ...writer.body, ...again, CODE.end,
    ...writer.after, ...summed, CODE.i32Const, FUSED_DONE]
  const { i32, v128 } = writer.counts
  const bytes = code.flatMap(part => {
    if (typeof part === 'number') return [part]
    return unsigned(1 + (part.type === 'i32' ? part.index : i32 + part.index))
  })
  return { i32Locals: i32, v128Locals: v128, code: bytes }
}

/** Calls the other function if one of the vectors has a bitmap. */
function goToNulls(writer: LaneWriter, { vectors }: BlockValues): Code {
  const validities = vectors.map(register => writer.registerField(register, REGISTER_VALIDITY))
  const registers = writer.setup.splice(0)
  if (validities.length === 0) return registers
  return [...registers, ...validities.flatMap((code, i) => i > 0 ? [...code, CODE.i32Or] : code),
    CODE.if, CODE.empty, CODE.get, 0, CODE.call, WITH_NULLS, CODE.return, CODE.end]
}

/** A bit per row that passes, in a bitmap per filter. */
function writeFilters(writer: LaneWriter, { filters }: BlockValues): void {
  filters.forEach((predicate, i) => {
    const bitmap = writer.moving(`bitmap ${i}`, TURN_ROWS / 8, () =>
      [...loadFrom(FRAME_SCRATCH, [CODE.get, 0]), CODE.i32Const, ...signed(i * VECTOR_VALIDITY_BYTES), CODE.i32Add])
    const valid = writer.valid(predicate)
    writer.get(bitmap)
    writer.mask(predicate)
    writer.simd(SIMD.i16x8Bitmask)
    if (valid) {
      writer.get(valid)
      writer.put(CODE.i32And)
    }
    writer.put(CODE.i32Store8, 0, 0)
  })
}

function writeStores(writer: LaneWriter, { stores }: BlockValues): void {
  for (let group = 0; group < GROUPS_MAX; group++) {
    for (const { register, value } of stores) {
      const width = VALUE_BYTES[value.type]
      if (group >= Math.max(width * TURN_ROWS / LANE_BYTES, 1)) continue
      const pointer = writer.moving(`store ${register}`, width * TURN_ROWS, () =>
        writer.registerField(register, REGISTER_VALUES))
      writer.get(pointer)
      if (value.type === 'bool') storeBool(writer, value)
      else {
        writer.lanes(value, group)
        writer.simd(SIMD.store)
        writer.put(0, ...unsigned(group * LANE_BYTES))
      }
    }
  }
  for (const { register, value } of stores) writeValidity(writer, register, value)
}

/** Eight bytes, 0 or 1. */
function storeBool(writer: LaneWriter, value: OperationValue): void {
  writer.mask(value)
  writer.mask(value)
  writer.simd(SIMD.i8x16NarrowI16x8S)
  writer.constant(Array<number>(16).fill(1))
  writer.simd(SIMD.and)
  writer.simd(SIMD.store64Lane)
  writer.put(0, 0, 0)
}

/** The register's bitmap; none where every row turned out to hold a value. */
function writeValidity(writer: LaneWriter, register: number, value: OperationValue): void {
  const valid = writer.valid(value)
  if (!valid) return writer.setRegister(register, REGISTER_VALIDITY, [CODE.i32Const, 0])
  const pointer = writer.moving(`own ${register}`, TURN_ROWS / 8, () => writer.registerField(register, REGISTER_OWN_VALIDITY))
  writer.put(CODE.get, pointer, CODE.get, valid, CODE.i32Store8, 0, 0)
  const all = writer.local('i32')
  writer.setup.push(CODE.i32Const, ...signed(ALL_EIGHT), CODE.set, all)
  writer.put(CODE.get, all, CODE.get, valid, CODE.i32And, CODE.set, all)
  writer.setRegister(register, REGISTER_VALIDITY, [CODE.i32Const, 0, ...writer.registerField(register, REGISTER_OWN_VALIDITY),
    CODE.get, all, CODE.i32Const, ...signed(ALL_EIGHT), CODE.i32Eq, CODE.select])
}

/** Declines the vector if a result did not fit. */
function writeChecks(writer: LaneWriter, { operations }: BlockValues): void {
  const misfits = writer.local('v128')
  let hasChecks = false
  for (const value of operations) {
    if (!writer.misfits(value)) continue
    hasChecks = true
    writer.get(misfits)
    writer.simd(SIMD.or)
    writer.put(CODE.set, misfits)
  }
  if (!hasChecks) return
  writer.after.unshift(CODE.get, misfits, 0xfd, SIMD.anyTrue,
    CODE.if, CODE.empty, CODE.i32Const, FUSED_DECLINED, CODE.return, CODE.end)
}
