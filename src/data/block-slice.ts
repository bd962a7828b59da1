/**
 * Parts of blocks, for who wants to post or keep less than a whole block. Values and bytes are views on the block's own memory;
 * validity bitmaps are copied where the part does not start on a byte.
 */
import type { Block, BytesBlock, ColumnBlock } from './block.js'
import { isValid, validityBytes, type Column } from './column.js'

/** Rows `[start, end)` of a ColumnBlock, bytes `[start, end)` of a BytesBlock at record boundaries. */
export function sliceBlock<B extends Block>(block: B, start: number, end: number): B
export function sliceBlock(block: Block, start: number, end: number): Block {
  return block.kind === 'bytes' ? sliceBytes(block, start, end) : sliceColumns(block, start, end)
}

function sliceBytes(block: BytesBlock, start: number, end: number): BytesBlock {
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
