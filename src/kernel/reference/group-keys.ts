/**
 * Twin of assembly/group-keys.ts: from the key registers of a row to its key row.
 * Invariant: equal keys have equal bytes: NaN is one NaN, −0 is 0, a null is a zero word and its null bit; text is its code.
 */
import * as O from '../../../assembly/portable/group-opcodes.js'
import * as L from '../../../assembly/portable/layout.js'
import type { KernelMemory } from '../memory.js'
import { startOf } from './event-time.js'

const NAN_HIGH = 0x7ff80000

/** Rows that effects see: the selected ones, or all of the vector. */
export function selectedCount(memory: KernelMemory, frame: number): number {
  const selected = memory.read(frame + L.FRAME_SELECTION_COUNT) | 0
  return selected < 0 ? memory.read(frame + L.FRAME_VECTOR_ROWS) : selected
}

/** Their row numbers (u16), or 0 where they are all rows of the vector. */
export function selectedRows(memory: KernelMemory, frame: number): number {
  return (memory.read(frame + L.FRAME_SELECTION_COUNT) | 0) < 0 ? 0 : memory.read(frame + L.FRAME_SELECTION)
}

export function registerAt(memory: KernelMemory, frame: number, index: number): number {
  return memory.read(frame + L.FRAME_REGISTERS) + index * L.REGISTER_BYTES
}

export function rowAt(memory: KernelMemory, rows: number, position: number): number {
  return rows ? memory.u16[(rows >>> 1) + position]! : position
}

export function bitAt(memory: KernelMemory, bits: number, row: number): boolean {
  return ((memory.u8[bits + (row >>> 3)]! >>> (row & 7)) & 1) !== 0
}

/** Writes the word of a value of a key opcode's type to `out`. */
function writeWord(memory: KernelMemory, op: number, values: number, row: number, out: number): void {
  switch (op) {
    case O.GROUP_KEY_F64: return writeFloat(memory, memory.f64[(values >>> 3) + row]!, out)
    case O.GROUP_KEY_F32: return writeFloat(memory, memory.f32[(values >>> 2) + row]!, out)
    case O.GROUP_KEY_I64: memory.i64[out >>> 3] = memory.i64[(values >>> 3) + row]!; return
    case O.GROUP_KEY_BOOL: memory.i64[out >>> 3] = BigInt(memory.u8[values + row]!); return
    default: memory.i64[out >>> 3] = BigInt(memory.i32[(values >>> 2) + row]!)
  }
}

function writeFloat(memory: KernelMemory, value: number, out: number): void {
  if (Number.isNaN(value)) {
    memory.write(out, 0)
    memory.write(out + 4, NAN_HIGH)
  } else {
    memory.f64[out >>> 3] = value + 0
  }
}

/** Writes the key row of row `row` to `out`, by the key and pane instructions before a `groupFind`. */
export function writeKeyRow(memory: KernelMemory, frame: number, find: number, row: number, out: number): void {
  const [numKeys, hasPane] = [memory.u16[(find >>> 1) + 2]!, memory.u16[(find >>> 1) + 3] === 1]
  const first = (find - (numKeys + Number(hasPane)) * L.INSTRUCTION_BYTES) >>> 1
  memory.i64[out >>> 3] = 0n
  for (let key = 0; key < numKeys; key++) {
    const at = first + key * (L.INSTRUCTION_BYTES / 2)
    const [op, register] = [memory.u16[at]!, registerAt(memory, frame, memory.u16[at + 2]!)]
    const validity = memory.read(register + L.REGISTER_VALIDITY)
    const word = out + 8 + key * 8
    if (validity && !bitAt(memory, validity, row)) {
      memory.u8[out + (key >>> 3)]! |= 1 << (key & 7)
      memory.i64[word >>> 3] = 0n
    } else {
      writeWord(memory, op, memory.read(register + L.REGISTER_VALUES), row, word)
    }
  }
  if (hasPane) writeFloat(memory, paneOfRow(memory, frame, find - L.INSTRUCTION_BYTES, row), out + 8 + numKeys * 8)
}

/** The start of the pane of a row. */
function paneOfRow(memory: KernelMemory, frame: number, pane: number, row: number): number {
  const operand = (index: number): number => memory.u16[(pane >>> 1) + 2 + index]!
  const valueOf = (register: number, at: number): number =>
    memory.f64[(memory.read(registerAt(memory, frame, register) + L.REGISTER_VALUES) >>> 3) + at]!
  const time = valueOf(operand(0), row)
  return operand(1) === O.NO_REGISTER ? time : startOf(time, valueOf(operand(2), 0), valueOf(operand(3), 0))
}
