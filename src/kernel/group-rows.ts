/**
 * Group rows between kernel memory and blocks: packing a task's groups or a state's rows, loading a part to be merged.
 * Invariant: packing copies; what is packed stays as it was, and a block depends on its groups' values and order alone.
 */
import { assert } from '../base/errors.js'
import type { BlockSlice, GroupsBlock } from '../data/block.js'
import { partEnds, planGroups, readParts, type GroupsPlan } from '../data/groups-block.js'
import type { ArenaScope } from './arena.js'
import type { GroupTable } from './group-table.js'
import type { KernelSet } from './kernel-set.js'
import type { KernelMemory } from './memory.js'
import type { RowShape } from './row-shape.js'
import type { RowTable } from './row-table.js'
import type { TextTable } from './text-table.js'

/** The pane is the last word of a key row. */
const PANE_BYTES = 8

/** Gives memory for a block: at least so many bytes, from a multiple of 8 on. */
export type AllocateBlock = (bytes: number) => Uint8Array

/** Rows laid out in the scope's memory, by part. */
interface PackedRows {
  readonly rows: number
  /** Rows of each part. */
  readonly counts: readonly number[]
}

/** A task's groups, one part per partition. Their states must be finished. */
export function packGroupTable(
  set: KernelSet, scope: ArenaScope, shape: RowShape, table: GroupTable, text: TextTable,
  { partitions, allocate }: { readonly partitions: number; readonly allocate: AllocateBlock },
): GroupsBlock {
  const { places, counts } = table.partition(scope, partitions)
  const length = table.count * shape.rowBytes
  if (shape.hasText) {
    const rows = scope.allocate(length)
    set.kernels.packGroups(table.ptr, places, rows)
    return packRows(set, scope, shape, text, { rows, counts }, allocate)
  }
  const sizes = { numRows: table.count, rowBytes: shape.rowBytes, numParts: partitions, numTexts: 0 }
  const { block, plan } = newBlock(sizes, 0, allocate)
  writePartEnds(block, counts, counts.map(() => 0))
  const address = set.memory.addressOf(block.bytes)
  const rows = address === null ? scope.allocate(length) : address + plan.rowsAt
  set.kernels.packGroups(table.ptr, places, rows)
  if (address === null) block.bytes.set(set.memory.u8.subarray(rows, rows + length), plan.rowsAt)
  return block
}

/** A block to be written. */
function newBlock(
  sizes: Omit<GroupsBlock, 'kind' | 'bytes'>, textBytes: number, allocate: AllocateBlock,
): { readonly block: GroupsBlock; readonly plan: GroupsPlan } {
  const plan = planGroups(sizes, textBytes)
  return { block: { kind: 'groups', ...sizes, bytes: allocate(plan.totalBytes).subarray(0, plan.totalBytes) }, plan }
}

/** The rows of a table in one part. */
export function packRowTable(
  set: KernelSet, scope: ArenaScope, shape: RowShape, { rows: own, count }: RowTable, text: TextTable, allocate: AllocateBlock,
): GroupsBlock {
  let rows = own
  if (shape.hasText) {
    // Words that hold text are overwritten on the way.
    rows = scope.allocate(count * shape.rowBytes)
    set.memory.copy(rows, own, count * shape.rowBytes)
  }
  return packRows(set, scope, shape, text, { rows, counts: [count] }, allocate)
}

function packRows(
  set: KernelSet, scope: ArenaScope, shape: RowShape, text: TextTable, { rows, counts }: PackedRows, allocate: AllocateBlock,
): GroupsBlock {
  const { kernels, memory } = set
  const { rowBytes, numTextWords } = shape
  const numRows = counts.reduce((sum, count) => sum + count, 0)
  const codes = scope.allocate(numRows * numTextWords * 4)
  const ends = scope.allocate(numRows * numTextWords * 4)
  const textEnds: number[] = []
  let row = rows
  let numTexts = 0
  for (const count of counts) {
    if (shape.hasText && count > 0) {
      const start = numTexts === 0 ? 0 : memory.read(ends + (numTexts - 1) * 4)
      numTexts += kernels.numberRowText(shape.ptr, text.ptr, row, count, codes + numTexts * 4, ends + numTexts * 4, start)
    }
    textEnds.push(numTexts)
    row += count * rowBytes
  }
  const textBytes = numTexts === 0 ? 0 : memory.read(ends + (numTexts - 1) * 4)
  const sizes = { numRows, rowBytes, numParts: counts.length, numTexts }
  const { block, plan } = newBlock(sizes, textBytes, allocate)
  const { bytes } = block
  writePartEnds(block, counts, textEnds)
  copyOut(memory, rows, row - rows, bytes, plan.rowsAt)
  if (numTexts > 0) {
    bytes.set(memory.u8.subarray(ends, ends + numTexts * 4), plan.endsAt)
    const strings = scope.allocate(textBytes)
    kernels.copyTexts(text.ptr, codes, numTexts, strings)
    bytes.set(memory.u8.subarray(strings, strings + textBytes), plan.textAt)
  }
  return block
}

/** Copies from kernel memory to wherever the block lies. */
function copyOut(memory: KernelMemory, ptr: number, length: number, to: Uint8Array, at: number): void {
  const address = memory.addressOf(to)
  if (address === null) to.set(memory.u8.subarray(ptr, ptr + length), at)
  else memory.copy(address + at, ptr, length)
}

function writePartEnds(block: GroupsBlock, counts: readonly number[], textEnds: readonly number[]): void {
  const words = partEnds(block)
  let rows = 0
  counts.forEach((count, part) => {
    rows += count
    words[part * 2] = rows
    words[part * 2 + 1] = textEnds[part]!
  })
}

/** Rows in kernel memory, about to be merged. */
export interface LoadedRows {
  readonly rows: number
  readonly count: number
  /** As `mergeGroupRows` takes them; all 0 where the rows hold no text. */
  readonly ends: number
  readonly bytes: number
  readonly memo: number
}

/** One-part slices of rows without text: where they lie, if that is in kernel memory, or copied one behind the other. */
export function loadRows(set: KernelSet, scope: ArenaScope, shape: RowShape, slices: readonly BlockSlice[]): LoadedRows[] {
  const parts = slices.map(slice => partOf(slice))
  const addresses = parts.map(part => set.memory.addressOf(part.rows))
  if (addresses.every(rows => rows !== null)) {
    return addresses.map((rows, i) => ({ rows, count: parts[i]!.numRows, ends: 0, bytes: 0, memo: 0 }))
  }
  const count = parts.reduce((sum, part) => sum + part.numRows, 0)
  const rows = scope.allocate(count * shape.rowBytes)
  let to = rows
  for (const part of parts) {
    set.memory.u8.set(part.rows, to)
    to += part.rows.length
  }
  return [{ rows, count, ends: 0, bytes: 0, memo: 0 }]
}

/** Copies a one-part slice of rows with text into the scope's memory. */
export function loadTextRows(set: KernelSet, scope: ArenaScope, slice: BlockSlice): LoadedRows {
  const { memory } = set
  const part = partOf(slice)
  const rows = scope.allocate(part.rows.length)
  const bytes = scope.allocate(part.text.length)
  const ends = scope.allocate((part.numTexts + 1) * 4)
  const memo = scope.allocateZeroed((part.numTexts + 1) * 4)
  memory.u8.set(part.rows, rows)
  memory.u8.set(part.text, bytes)
  memory.write(ends, part.textStart)
  memory.u32.set(part.ends, (ends >>> 2) + 1)
  return { rows, count: part.numRows, ends, bytes: bytes - part.textStart, memo }
}

function partOf({ block, start, end }: BlockSlice): ReturnType<typeof readParts> {
  assert(block.kind === 'groups' && end === start + 1, 'no part of partial groups')
  return readParts(block, start, end)
}

/** The pane that a row in kernel memory is of; 0 where there are no windows. */
export function paneOfRow(set: KernelSet, { layout, keyBytes }: RowShape, row: number): number {
  return layout.hasPane ? set.memory.f64[(row + keyBytes) / PANE_BYTES - 1]! : 0
}
