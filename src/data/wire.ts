/**
 * How a block lies in memory when it leaves its thread: all its arrays in ONE buffer, each at a multiple of 64 bytes, so that a
 * block is one thing to share (SharedArrayBuffer) or to transfer, and its pieces can be copied into kernel memory as they are.
 * Invariant: packing changes no value; the packed block is structured-cloneable plain data like any other.
 */
import type { Block, ColumnBlock } from './block.js'
import { validityBytes, type Column, type TextDictionary } from './column.js'
import { VALUE_BYTES } from './schema.js'

/** Alignment of each piece, in bytes: a cache line, and what Arrow recommends. */
export const PIECE_ALIGNMENT_BYTES = 64

type Piece = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array

/**
 * Copies a block whose dictionaries are its own into one fresh buffer and returns it with views on that buffer.
 * @param allocate gives a zeroed buffer of at least the bytes asked for; an ArrayBuffer, or a SharedArrayBuffer where workers
 *   can share.
 */
export function packBlock<B extends Block>(block: B, allocate: (bytes: number) => ArrayBufferLike): B
export function packBlock(block: Block, allocate: (bytes: number) => ArrayBufferLike): Block {
  const buffer = allocate(blockBytes(block))
  let offset = 0
  const place = <A extends Piece>(piece: A, length = piece.length): A => {
    const copy = new (piece.constructor as new (b: ArrayBufferLike, o: number, n: number) => A)(buffer, offset, length)
    copy.set((length === piece.length ? piece : piece.subarray(0, length)) as never)
    offset += alignedBytes(copy.byteLength)
    return copy
  }
  return block.kind === 'columns' ? packColumns(block, place) : { ...block, bytes: place(block.bytes) }
}

function packColumns(block: ColumnBlock, place: <A extends Piece>(piece: A, length?: number) => A): ColumnBlock {
  const columns = block.columns.map((column): Column => {
    const values = place(column.values, block.numRows)
    const validity = column.validity && place(column.validity, validityBytes(block.numRows))
    if (column.type !== 'utf8') return { type: column.type, values, validity } as Column
    const { offsets, bytes } = column.dictionary
    const dictionary: TextDictionary = { offsets: place(offsets), bytes: place(bytes, offsets.at(-1) ?? 0) }
    return { type: 'utf8', values: values as Int32Array, validity, dictionary }
  })
  return { ...block, columns }
}

/**
 * Bytes that the packed block takes, alignment included: what limits on memory count. Dictionaries that several blocks have in
 * common are left out.
 */
export function blockBytes(block: Block): number {
  return block.kind === 'columns' ? columnBlockBytes(block) : alignedBytes(block.bytes.byteLength)
}

function columnBlockBytes(block: ColumnBlock): number {
  let total = 0
  for (const column of block.columns) {
    total += alignedBytes(block.numRows * VALUE_BYTES[column.type])
    if (column.validity) total += alignedBytes(validityBytes(block.numRows))
    if (column.type === 'utf8' && column.dictionary.id === undefined) {
      total += alignedBytes(column.dictionary.offsets.byteLength) + alignedBytes(column.dictionary.offsets.at(-1) ?? 0)
    }
  }
  return total
}

/**
 * The buffers of a block that `postMessage` can transfer: each once, shared ones left out. The sender's views are empty
 * afterwards.
 */
export function transferList(block: Block): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const piece of piecesOf(block)) {
    if (piece.buffer instanceof ArrayBuffer) buffers.add(piece.buffer)
  }
  return [...buffers]
}

function piecesOf(block: Block): Piece[] {
  if (block.kind !== 'columns') return [block.bytes]
  return block.columns.flatMap(column => [
    column.values as Piece,
    ...(column.validity ? [column.validity] : []),
    ...(column.type === 'utf8' ? [column.dictionary.offsets, column.dictionary.bytes] : []),
  ])
}

/** Bytes that a piece takes. */
export function alignedBytes(bytes: number): number {
  return Math.ceil(bytes / PIECE_ALIGNMENT_BYTES) * PIECE_ALIGNMENT_BYTES
}
