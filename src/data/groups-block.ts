/**
 * Partial groups on their way: what a task's aggregation gives, and what snapshots of its state hold. One piece of memory:
 *   end row and end string of each part (u32 pairs) | rows, from a multiple of 8 | end of each string (u32) | the strings' bytes
 * A part is what one partition gets. Rows (assembly/portable/group-rows.ts) hold text as the number of a string of their part.
 * Invariant: a part can be read without the others; strings are distinct within a part.
 */
import type { GroupsBlock } from './block.js'

const PART_WORDS = 2
const WORD_BYTES = 4
const NO_ENDS = new Uint32Array(0)
const NO_TEXT = new Uint8Array(0)

/** Where everything lies, in bytes from the start of the block's memory. */
export interface GroupsPlan {
  readonly rowsAt: number
  readonly endsAt: number
  readonly textAt: number
  readonly totalBytes: number
}

/** Lays out a block. @param textBytes of all strings together. */
export function planGroups(
  { numRows, rowBytes, numParts, numTexts }: Omit<GroupsBlock, 'kind' | 'bytes'>, textBytes: number,
): GroupsPlan {
  const rowsAt = Math.ceil(numParts * PART_WORDS * WORD_BYTES / 8) * 8
  const endsAt = rowsAt + numRows * rowBytes
  const textAt = endsAt + numTexts * WORD_BYTES
  return { rowsAt, endsAt, textAt, totalBytes: textAt + textBytes }
}

/** One or more parts of a block, one behind the other. */
export interface GroupsPart {
  readonly numRows: number
  readonly rows: Uint8Array
  readonly numTexts: number
  /** Where each string ends in the bytes of all the block's strings; the first starts at `textStart`. */
  readonly ends: Uint32Array
  readonly textStart: number
  readonly text: Uint8Array
}

/** A view costs more than what is read of a block's parts, which are many and small. */
const views = new WeakMap<GroupsBlock, Uint32Array>()

/** The words [end row, end string] of each part. */
export function partEnds(block: GroupsBlock): Uint32Array {
  let ends = views.get(block)
  if (!ends) views.set(block, ends = new Uint32Array(block.bytes.buffer, block.bytes.byteOffset, block.numParts * PART_WORDS))
  return ends
}

/** Rows of parts `[start, end)`; of one part when `end` is left out. */
export function partRows(block: GroupsBlock, start: number, end = start + 1): number {
  const ends = partEnds(block)
  return (end > 0 ? ends[(end - 1) * PART_WORDS]! : 0) - (start > 0 ? ends[(start - 1) * PART_WORDS]! : 0)
}

/** Views on parts `[start, end)`. */
export function readParts(block: GroupsBlock, start: number, end: number): GroupsPart {
  const { bytes, rowBytes } = block
  const parts = partEnds(block)
  const before = (word: number): number => start > 0 ? parts[(start - 1) * PART_WORDS + word]! : 0
  const upTo = (word: number): number => end > 0 ? parts[(end - 1) * PART_WORDS + word]! : 0
  const [firstRow, endRow, firstText, endText] = [before(0), upTo(0), before(1), upTo(1)]
  const { rowsAt, endsAt, textAt } = planGroups(block, 0)
  const rows = bytes.subarray(rowsAt + firstRow * rowBytes, rowsAt + endRow * rowBytes)
  if (block.numTexts === 0) return { numRows: endRow - firstRow, rows, numTexts: 0, ends: NO_ENDS, textStart: 0, text: NO_TEXT }
  const all = new Uint32Array(bytes.buffer, bytes.byteOffset + endsAt, block.numTexts)
  const textStart = firstText > 0 ? all[firstText - 1]! : 0
  const textEnd = endText > 0 ? all[endText - 1]! : 0
  return {
    numRows: endRow - firstRow, rows, numTexts: endText - firstText, ends: all.subarray(firstText, endText), textStart,
    text: bytes.subarray(textAt + textStart, textAt + textEnd),
  }
}

/** A block of its own with parts `[start, end)`. */
export function copyParts(
  block: GroupsBlock, start: number, end: number, allocate: (bytes: number) => ArrayBufferLike,
): GroupsBlock {
  const { numRows, rows, numTexts, ends, textStart, text } = readParts(block, start, end)
  const shape = { numRows, rowBytes: block.rowBytes, numParts: end - start, numTexts }
  const { rowsAt, endsAt, textAt, totalBytes } = planGroups(shape, text.length)
  const bytes = new Uint8Array(allocate(totalBytes), 0, totalBytes)
  const copy: GroupsBlock = { kind: 'groups', ...shape, bytes }
  const parts = partEnds(copy)
  const first = readParts(block, 0, start)
  partEnds(block).subarray(start * PART_WORDS, end * PART_WORDS).forEach((value, i) => {
    parts[i] = value - (i % PART_WORDS === 0 ? first.numRows : first.numTexts)
  })
  bytes.set(rows, rowsAt)
  new Uint32Array(bytes.buffer, endsAt, numTexts).set(ends.map(at => at - textStart))
  bytes.set(text, textAt)
  return copy
}

/** Bytes of parts `[start, end)`. */
export function partBytes(block: GroupsBlock, start: number, end: number): number {
  if (block.numTexts === 0) return partRows(block, start, end) * block.rowBytes
  const { rows, ends, text } = readParts(block, start, end)
  return rows.length + ends.byteLength + text.length
}
