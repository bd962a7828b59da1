/**
 * Twin of assembly/effect.ts, selection.ts and collect.ts: what is done to the selected rows.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as O from '../../../assembly/portable/opcodes.js'
import type { KernelMemory } from '../memory.js'
import { comparisonOf } from './compare.js'
import { raiseMaxTime, timeCheckOf } from './event-time.js'
import { hashWord, mixHash } from './hash.js'
import type { Instruction } from './vector.js'

export function runEffect(instruction: Instruction): void {
  const { op, a, memory, frame } = instruction
  const selected = instruction.selectedRows()
  switch (op) {
    case O.OP_FILTER: {
      const predicate = a.u8
      const isValid = a.validRows()
      return keep(instruction, selected, row => predicate[row] === 1 && isValid(row), instruction.number(1))
    }
    case O.OP_FILTER_COMPARED:
      return keep(instruction, selected, comparisonOf(instruction, instruction.number(4)), instruction.number(1))
    case O.OP_FILTER_VALID: {
      const isValid = a.validRows()
      const isWanted = instruction.number(4) === 1
      return keep(instruction, selected, row => isValid(row) === isWanted, instruction.number(1))
    }
    case O.OP_SAMPLE: {
      const [key, threshold] = [a.i32[0]!, instruction.b.f64[0]!]
      const first = memory.f64[(frame + L.FRAME_FIRST_ORDINAL) >>> 3]! + memory.read(frame + L.FRAME_VECTOR_START)
      return keep(instruction, selected, row => sampleHash(first + row, key) < threshold, L.FIGURE_FILTERED)
    }
    case O.OP_LIMIT: {
      const remaining = a.f64
      const kept = Math.min(remaining[0]!, selected.length)
      remaining[0] = remaining[0]! - kept
      const last = selected[kept - 1] ?? -1
      return keep(instruction, selected, row => row <= last, L.FIGURE_FILTERED)
    }
    case O.OP_COLLECT: return collect(instruction, selected)
    case O.OP_END_ROWS:
      memory.write(frame + L.FRAME_OUTPUT_ROWS, memory.read(frame + L.FRAME_OUTPUT_ROWS) + selected.length)
      return instruction.addFigure(L.FIGURE_ROWS_OUT, selected.length)
    case O.OP_MAX_TIME: return raiseMaxTime(instruction, selected)
    case O.OP_TIME_RANGE: return
    case O.OP_KEEP_TIMED: case O.OP_KEEP_IN_TIME:
      return keep(instruction, selected, timeCheckOf(instruction), instruction.number(1))
  }
}

/** Narrows the selection to rows that pass and counts the others. */
function keep(instruction: Instruction, selected: readonly number[], passes: (row: number) => boolean, figure: number): void {
  const kept = selected.filter(passes)
  instruction.select(kept)
  instruction.addFigure(figure, selected.length - kept.length)
}

/** A number in [0, 2^32) from a row's ordinal and the sample's key. */
function sampleHash(ordinal: number, key: number): number {
  return mixHash(hashWord(ordinal % 2 ** 32 | 0, ordinal / 2 ** 32 | 0) ^ key) >>> 0
}

function collect(instruction: Instruction, selected: readonly number[]): void {
  const { a, memory, frame } = instruction
  const output = memory.read(frame + L.FRAME_OUTPUTS) + instruction.number(3) * L.OUTPUT_BYTES
  const isFloat = instruction.number(4) === 1
  const width = memory.read(output + L.OUTPUT_WIDTH)
  const values = memory.read(output + L.OUTPUT_VALUES)
  const validity = memory.read(output + L.OUTPUT_VALIDITY)
  const first = memory.read(frame + L.FRAME_OUTPUT_ROWS)
  const { u8 } = memory
  const isValid = a.validRows()
  const copyValue = copierOf(memory, width, isFloat)
  const from = a.values / width
  let nulls = 0
  selected.forEach((row, i) => {
    const at = first + i
    if (isValid(row)) {
      u8[validity + (at >>> 3)]! |= 1 << (at & 7)
      copyValue(from + row, values / width + at)
    } else {
      u8.fill(0, values + at * width, values + (at + 1) * width)
      nulls++
    }
  })
  memory.write(output + L.OUTPUT_NULL_COUNT, memory.read(output + L.OUTPUT_NULL_COUNT) + nulls)
}

/**
 * Copies one value of `width` bytes; places are counted in values. A NaN's other bits differ between engines: one form of it
 * leaves.
 */
function copierOf({ u8, u32, i64, f32, f64 }: KernelMemory, width: number, isFloat: boolean): (from: number, to: number) => void {
  if (width === 1) return (from, to) => { u8[to] = u8[from]! }
  if (width === 4) return (from, to) => { u32[to] = isFloat && Number.isNaN(f32[from]) ? 0x7fc00000 : u32[from]! }
  return (from, to) => { i64[to] = isFloat && Number.isNaN(f64[from]) ? 0x7ff8000000000000n : i64[from]! }
}
