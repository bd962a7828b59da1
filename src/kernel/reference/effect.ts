/**
 * Twin of assembly/effect.ts, selection.ts and collect.ts: what is done to the selected rows.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as O from '../../../assembly/portable/opcodes.js'
import type { KernelMemory } from '../memory.js'
import { hashWord, mixHash } from './hash.js'
import type { Instruction, VectorRegister } from './vector.js'

export function runEffect(instruction: Instruction): void {
  const { op, a, memory, frame } = instruction
  const selected = instruction.selectedRows()
  switch (op) {
    case O.OP_FILTER: {
      const predicate = a.u8
      return keep(instruction, selected, row => predicate[row] === 1 && a.isValid(row), instruction.number(3))
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

function raiseMaxTime(instruction: Instruction, selected: readonly number[]): void {
  const { a, memory, frame } = instruction
  const times = a.f64
  const slot = (memory.read(frame + L.FRAME_MAX_TIMES) >>> 3) + instruction.number(3)
  for (const row of selected) {
    const time = times[row]!
    if (a.isValid(row) && time < Infinity && time > memory.f64[slot]!) memory.f64[slot] = time
  }
}

function collect(instruction: Instruction, selected: readonly number[]): void {
  const { a, memory, frame } = instruction
  const output = memory.read(frame + L.FRAME_OUTPUTS) + instruction.number(3) * L.OUTPUT_BYTES
  const isFloat = instruction.number(4) === 1
  const width = memory.read(output + L.OUTPUT_WIDTH)
  const values = memory.read(output + L.OUTPUT_VALUES)
  const validity = memory.read(output + L.OUTPUT_VALIDITY)
  const first = memory.read(frame + L.FRAME_OUTPUT_ROWS)
  selected.forEach((row, i) => {
    const to = values + (first + i) * width
    if (a.isValid(row)) {
      memory.u8[validity + ((first + i) >>> 3)]! |= 1 << ((first + i) & 7)
      copyValue(memory, a, row, to, width)
      if (isFloat) canonicalizeNaN(memory, to, width)
    } else {
      memory.u8.fill(0, to, to + width)
      memory.write(output + L.OUTPUT_NULL_COUNT, memory.read(output + L.OUTPUT_NULL_COUNT) + 1)
    }
  })
}

function copyValue(memory: KernelMemory, from: VectorRegister, row: number, to: number, width: number): void {
  const at = from.values + row * width
  memory.u8.copyWithin(to, at, at + width)
}

/** A NaN's other bits differ between engines; one form of it leaves. */
function canonicalizeNaN(memory: KernelMemory, ptr: number, width: number): void {
  if (width === 8 && Number.isNaN(memory.f64[ptr >>> 3])) memory.i64[ptr >>> 3] = 0x7ff8000000000000n
  if (width === 4 && Number.isNaN(memory.f32[ptr >>> 2])) memory.u32[ptr >>> 2] = 0x7fc00000
}
