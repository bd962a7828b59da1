/**
 * Sums of the one group of an aggregation without keys, in the very loop that computes what is summed up: adding in the rows'
 * order takes as long as most programs take for a row, and so both run side by side.
 * Invariant: row by row, as `addStatistics` of the kernels adds; a vector whose last turn is not full, or of which rows were
 * taken away before, is left to the instructions.
 */
import { FRAME_GROUP_TABLE, FRAME_SELECTION_COUNT, GROUP_STATES } from '../../../assembly/portable/layout.js'
import { FUSED_SUMMED } from '../../../assembly/portable/opcodes.js'
import type { BlockValues } from './block-values.js'
import { loadFrom, type Code, type LaneWriter, type Local } from './lane-writer.js'
import { signed, unsigned } from './wasm-encoding.js'
import { CODE, SIMD } from './wasm-opcodes.js'

/** Groups of lanes of f64 in a turn of eight rows. */
const GROUPS = 4
/** The upper lane of a pair, twice. */
const UPPER_LANE = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]

/**
 * Appends the additions to the body; gives the code behind the loop that stores the sums and returns, if the vector was one to be
 * summed up here. @param rest rows that are left: below 0 behind a last turn that was not full.
 */
export function writeSums(writer: LaneWriter, { sums }: BlockValues, rest: Local): Code {
  if (sums.length === 0 || sums.some(({ value }) => writer.valid(value))) return []
  const state = writer.beforeLoop('state', 'i32', () => loadFrom(GROUP_STATES, loadFrom(FRAME_GROUP_TABLE, [CODE.get, 0])))
  const stores = sums.flatMap(({ value, offset }): Code => {
    // Only its lower lane counts.
    const sum = writer.beforeLoop(`sum ${offset}`, 'v128', () =>
      [CODE.get, state, 0xfd, SIMD.load64Zero, 0, ...unsigned(offset)])
    writer.get(sum)
    for (let group = 0; group < GROUPS; group++) {
      writer.lanes(value, group)
      writer.simd(SIMD.f64x2Add)
      writer.lanes(value, group)
      writer.lanes(value, group)
      writer.shuffle(UPPER_LANE)
      writer.simd(SIMD.f64x2Add)
    }
    writer.put(CODE.set, sum)
    return [CODE.get, state, CODE.get, sum, 0xfd, SIMD.store64Lane, 0, ...unsigned(offset), 0]
  })
  return [...loadFrom(FRAME_SELECTION_COUNT, [CODE.get, 0]), CODE.i32Const, ...signed(-1), CODE.i32Eq,
    CODE.get, rest, CODE.i32Const, 0, CODE.i32Eq, CODE.i32And,
    CODE.if, CODE.empty, ...stores, CODE.i32Const, FUSED_SUMMED, CODE.return, CODE.end]
}
