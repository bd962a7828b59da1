/**
 * Parts of blocks, for who wants to post or keep less than a whole block. Values and bytes are views on the block's own memory;
 * validity bitmaps are copied where the part does not start on a byte.
 */
import type { Block, BlockSlice, BytesBlock, ColumnBlock } from './block.js'
import { isValid, validityBytes, type Column } from './column.js'
import { copyParts, partBytes, partRows } from './groups-block.js'
import { blockBytes } from './wire.js'

/**
 * Rows `[start, end)` of a ColumnBlock, bytes `[start, end)` of a BytesBlock at record boundaries, parts `[start, end)` of a
 * GroupsBlock, which are copied.
 */
export function sliceBlock<B extends Block>(block: B, start: number, end: number): B
export function sliceBlock(block: Block, start: number, end: number): Block {
  switch (block.kind) {
    case 'columns': return sliceColumns(block, start, end)
    case 'bytes': return sliceText(block, start, end)
    case 'groups': return copyParts(block, start, end, bytes => new ArrayBuffer(bytes))
  }
}

/** What a slice weighs: its rows, or the bytes of undecoded text. */
export function sliceWeight({ block, start, end }: BlockSlice): number {
  return block.kind === 'groups' ? partRows(block, start, end) : end - start
}

/** Bytes that keeping a slice takes: columns and text are kept with their whole block. */
export function sliceBytes({ block, start, end }: BlockSlice): number {
  return block.kind === 'groups' ? partBytes(block, start, end) : blockBytes(block)
}

function sliceText(block: BytesBlock, start: number, end: number): BytesBlock {
  return start === 0 && end === block.bytes.length ? block : { ...block, bytes: block.bytes.subarray(start, end) }
}

function sliceColumns(block: ColumnBlock, start: number, end: number): ColumnBlock {
  if (start === 0 && end === block.numRows) return block
  const columns = block.columns.map(column => ({
    ...column,
    values: column.values.subarray(start, end),
    validity: column.validity && sliceValidity(column.validity, start, end),
  }) as Column)
  return { ...block, numRows: end - start, columns }
}

/** Bits `[start, end)` of a bitmap as a bitmap of their own. */
export function sliceValidity(validity: Uint8Array, start: number, end: number): Uint8Array {
  if ((start & 7) === 0) return validity.subarray(start >>> 3, (start >>> 3) + validityBytes(end - start))
  const bits = new Uint8Array(validityBytes(end - start))
  for (let i = start; i < end; i++) {
    if (isValid(validity, i)) bits[(i - start) >>> 3]! |= 1 << ((i - start) & 7)
  }
  return bits
}
