/**
 * Twin of assembly/group-keys.ts: from the key registers of the selected rows to key rows.
 * Invariant: equal keys have equal bytes: NaN is one NaN, −0 is 0, a null is a zero word and its null bit; text is its code.
 */
import * as O from '../../../assembly/portable/group-opcodes.js'
import * as L from '../../../assembly/portable/layout.js'
import type { KernelMemory } from '../memory.js'

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

export function beginKeys(memory: KernelMemory, frame: number, table: number): void {
  const n = selectedCount(memory, frame)
  const vectors = memory.read(table + L.GROUP_VECTORS)
  const keyBytes = memory.read(table + L.GROUP_KEY_BYTES)
  for (let i = 0; i < n; i++) memory.i64[(vectors + L.GROUP_VECTOR_KEYS + i * keyBytes) >>> 3] = 0n
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

/** One key: `op` is GROUP_KEY_…. */
export function writeKey(memory: KernelMemory, op: number, frame: number, table: number, register: number, key: number): void {
  const n = selectedCount(memory, frame)
  const rows = selectedRows(memory, frame)
  const source = registerAt(memory, frame, register)
  const values = memory.read(source + L.REGISTER_VALUES)
  const validity = memory.read(source + L.REGISTER_VALIDITY)
  const keyBytes = memory.read(table + L.GROUP_KEY_BYTES)
  const vectors = memory.read(table + L.GROUP_VECTORS)
  for (let i = 0; i < n; i++) {
    const row = rowAt(memory, rows, i)
    const out = vectors + L.GROUP_VECTOR_KEYS + i * keyBytes
    const word = out + 8 + key * 8
    if (validity && !bitAt(memory, validity, row)) {
      memory.u8[out + (key >>> 3)]! |= 1 << (key & 7)
      memory.i64[word >>> 3] = 0n
    } else {
      writeWord(memory, op, values, row, word)
    }
  }
}

/** The last word of the key rows: the pane's start. */
export function writePane(memory: KernelMemory, frame: number, table: number, register: number): void {
  const n = selectedCount(memory, frame)
  const rows = selectedRows(memory, frame)
  const values = memory.read(registerAt(memory, frame, register) + L.REGISTER_VALUES)
  const keyBytes = memory.read(table + L.GROUP_KEY_BYTES)
  const first = memory.read(table + L.GROUP_VECTORS) + L.GROUP_VECTOR_KEYS + keyBytes - 8
  for (let i = 0; i < n; i++) writeFloat(memory, memory.f64[(values >>> 3) + rowAt(memory, rows, i)]!, first + i * keyBytes)
}
