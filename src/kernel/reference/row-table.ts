/**
 * Twin of assembly/row-table.ts: groups of a state as rows, found by their keys, over the same layout.
 * Invariant: rows are numbered by first appearance; slots lie where the wasm builds put them.
 */
import * as R from '../../../assembly/portable/group-rows.js'
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { hashKeyRow, sameKey } from './group-table.js'

/** Bytes of the key row that are compared: all but the pane. */
export function comparedBytes(memory: KernelMemory, shape: number): number {
  return memory.read(shape + R.SHAPE_KEY_BYTES) - memory.read(shape + R.SHAPE_HAS_PANE) * 8
}

interface Slot {
  readonly at: number
  /** Row number + 1, or 0. */
  readonly number: number
  readonly hash: number
}

/** The slot that holds the row's key, or the free one where it belongs. */
export function findSlot(memory: KernelMemory, table: number, row: number): Slot {
  const shape = memory.read(table + R.ROWS_SHAPE)
  const bytes = comparedBytes(memory, shape)
  const rowBytes = memory.read(shape + R.SHAPE_ROW_BYTES)
  const hash = hashKeyRow(memory, row, bytes)
  const slots = memory.read(table + R.ROWS_SLOTS)
  const mask = memory.read(table + R.ROWS_SLOT_MASK)
  const first = memory.read(table + R.ROWS_FIRST)
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const at = slots + slot * R.ROWS_SLOT_BYTES
    const number = memory.read(at + 4)
    const isHere = (memory.read(at) | 0) === hash && sameKey(memory, first + (number - 1) * rowBytes, row, bytes)
    if (number === 0 || isHere) return { at, number, hash }
  }
}

/** Copies a row into the table, which has room for it and not its key. */
export function appendRow(memory: KernelMemory, table: number, row: number, { at, hash }: Slot): void {
  const shape = memory.read(table + R.ROWS_SHAPE)
  const rowBytes = memory.read(shape + R.SHAPE_ROW_BYTES)
  const count = memory.read(table + R.ROWS_COUNT)
  const to = memory.read(table + R.ROWS_FIRST) + count * rowBytes
  memory.u8.copyWithin(to, row, row + rowBytes)
  memory.write(at, hash)
  memory.write(at + 4, count + 1)
  memory.write(table + R.ROWS_COUNT, count + 1)
}

export function touchRow(memory: KernelMemory, table: number, number: number): void {
  memory.u8[memory.read(table + R.ROWS_TOUCHED) + (number >>> 3)]! |= 1 << (number & 7)
}

function rehashRows(memory: KernelMemory, table: number): void {
  const slots = memory.read(table + R.ROWS_SLOTS)
  const mask = memory.read(table + R.ROWS_SLOT_MASK)
  memory.u8.fill(0, slots, slots + (mask + 1) * R.ROWS_SLOT_BYTES)
  const shape = memory.read(table + R.ROWS_SHAPE)
  const bytes = comparedBytes(memory, shape)
  const rowBytes = memory.read(shape + R.SHAPE_ROW_BYTES)
  const count = memory.read(table + R.ROWS_COUNT)
  const first = memory.read(table + R.ROWS_FIRST)
  for (let number = 1; number <= count; number++) {
    const hash = hashKeyRow(memory, first + (number - 1) * rowBytes, bytes)
    let slot = hash & mask
    while (memory.read(slots + slot * R.ROWS_SLOT_BYTES + 4) !== 0) slot = (slot + 1) & mask
    memory.write(slots + slot * R.ROWS_SLOT_BYTES, hash)
    memory.write(slots + slot * R.ROWS_SLOT_BYTES + 4, number)
  }
}

function takeTouched(memory: KernelMemory, table: number, numbers: number): number {
  const bits = memory.read(table + R.ROWS_TOUCHED)
  const count = memory.read(table + R.ROWS_COUNT)
  memory.write(table + R.ROWS_IS_TOUCHED, 0)
  let n = 0
  for (let number = 0; number < count; number++) {
    if ((memory.u8[bits + (number >>> 3)]! >>> (number & 7)) & 1) memory.write(numbers + 4 * n++, number)
  }
  memory.u8.fill(0, bits, bits + ((count + 7) >>> 3))
  return n
}

function findRows(memory: KernelMemory, table: number, rows: number, n: number, numbers: number): number {
  const rowBytes = memory.read(memory.read(table + R.ROWS_SHAPE) + R.SHAPE_ROW_BYTES)
  let found = 0
  for (let i = 0; i < n; i++) {
    const { number } = findSlot(memory, table, rows + i * rowBytes)
    if (number !== 0) memory.write(numbers + 4 * found++, number - 1)
  }
  return found
}

export function rowTableKernels({ memory }: ReferenceContext): Pick<Kernels, 'rehashRows' | 'takeTouched' | 'findRows'> {
  return {
    rehashRows: table => rehashRows(memory, table),
    takeTouched: (table, numbers) => takeTouched(memory, table, numbers),
    findRows: (table, rows, n, numbers) => findRows(memory, table, rows, n, numbers),
  }
}
