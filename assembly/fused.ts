// The instruction that runs many: a function that the host has compiled from the pure instructions and filters that follow it.
// Invariant: the function writes registers and, per filter, a bitmap into the scratch; what can be observed is changed here, from
// those bitmaps, as the filters one by one would.
import { findOnlyGroup } from './group-table'
import { STATISTICS_N } from './portable/group-opcodes'
import {
  FRAME_GROUP_TABLE, FRAME_SCRATCH, FRAME_SELECTION, FRAME_SELECTION_COUNT, GROUP_STATES, INSTRUCTION_BYTES,
  VECTOR_VALIDITY_BYTES,
} from './portable/layout'
import { FUSED_DECLINED, FUSED_SUMMED, OP_FILTER, OP_FILTER_COMPARED } from './portable/opcodes'
import { selectBits } from './selection'
import { addFigure, bitmapBytes, numberB, numberC, numberDst, rowsOf, selectedRows } from './vector'

/** Entry of the table: the function. */
// @ts-ignore: decorator
@inline
function functionOf(instruction: usize): i32 {
  return load<u16>(instruction, 4)
}

/** Runs the block; returns the bytes of the instructions that are done with it, 0 where it declined. */
export function runFused(frame: usize, instruction: usize): usize {
  const sums = numberC(instruction)
  if (sums) findOnlyGroup(<usize>load<u32>(frame, FRAME_GROUP_TABLE))
  const done = call_indirect<i32>(functionOf(instruction), frame)
  if (done == FUSED_DECLINED) return 0
  const blockBytes = <usize>numberB(instruction) * INSTRUCTION_BYTES
  const n = rowsOf(frame)
  if (done == FUSED_SUMMED) return blockBytes + countSummed(frame, instruction + INSTRUCTION_BYTES + blockBytes, sums, n)
  const words = <i32>bitmapBytes(n) >> 3
  const before = selectedRows(frame)
  let bitmap = <usize>load<u32>(frame, FRAME_SCRATCH)
  let selected: usize = 0
  let kept = before
  for (let at = instruction + INSTRUCTION_BYTES, end = at + blockBytes; at < end; at += INSTRUCTION_BYTES) {
    const op = load<u16>(at)
    if (op != OP_FILTER && op != OP_FILTER_COMPARED) continue
    if (!selected) narrowToSelection(frame, bitmap, words, n)
    const left = intersect(bitmap, selected, words)
    addFigure(frame, numberDst(at), kept - left)
    kept = left
    selected = bitmap
    bitmap += VECTOR_VALIDITY_BYTES
  }
  if (kept == before) return blockBytes
  if (kept) selectBits(selected, words, <usize>load<u32>(frame, FRAME_SELECTION))
  store<i32>(frame, kept, FRAME_SELECTION_COUNT)
  return blockBytes
}

/** Adds the vector's rows to the counts of `sums` instructions, the first of which is GROUP_ALL; returns their bytes. */
function countSummed(frame: usize, first: usize, sums: i32, n: i32): usize {
  const state = <usize>load<u32>(<usize>load<u32>(frame, FRAME_GROUP_TABLE), GROUP_STATES)
  const end = first + <usize>sums * INSTRUCTION_BYTES
  for (let at = first + INSTRUCTION_BYTES; at < end; at += INSTRUCTION_BYTES) {
    const sum = state + numberDst(at)
    store<f64>(sum, load<f64>(sum, STATISTICS_N) + <f64>n, STATISTICS_N)
  }
  return end - first
}

/** Clears the bits of rows that were not selected before the block, and those behind the last row. */
function narrowToSelection(frame: usize, bitmap: usize, words: i32, n: i32): void {
  const last = bitmap + (<usize>(words - 1) << 3)
  if (n & 63) store<u64>(last, load<u64>(last) & (((<u64>1) << (n & 63)) - 1))
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  if (count < 0) return
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  let i = 0
  for (let word = 0; word < words; word++) {
    let bits: u64 = 0
    const endRow = (word + 1) << 6
    for (; i < count; i++) {
      const row = <i32>load<u16>(selection + (<usize>i << 1))
      if (row >= endRow) break
      bits |= (<u64>1) << (row & 63)
    }
    const at = bitmap + (<usize>word << 3)
    store<u64>(at, load<u64>(at) & bits)
  }
}

/** Clears the bits of `bitmap` that are not in `other` (0 = all are); returns how many are left. */
function intersect(bitmap: usize, other: usize, words: i32): i32 {
  let count: u64 = 0
  for (let i: usize = 0, end = <usize>words << 3; i < end; i += 8) {
    let bits = load<u64>(bitmap + i)
    if (other) store<u64>(bitmap + i, bits &= load<u64>(other + i))
    count += popcnt(bits)
  }
  return <i32>count
}
