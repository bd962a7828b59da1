/**
 * Blocks in the shared heap on their way from thread to thread: plain numbers, which each side reads as views of its own. A
 * typed array in a message would cost more than a task of a small batch.
 * Invariant: both sides give the same block; its schema is in the plan and stays there.
 */
import type { Block, BytesBlock, GroupsBlock } from '../data/block.js'
import { validityBytes, type Column } from '../data/column.js'
import { VALUE_BYTES, type ColumnType, type Schema } from '../data/schema.js'
import type { KernelMemory } from '../kernel/memory.js'

export type HeapBlock = HeapColumns | HeapBytes | HeapGroups

interface HeapColumns {
  readonly kind: 'heapColumns'
  readonly numRows: number
  /** By column: index of its type, address of values, of validity or 0; of text its dictionary's with lengths, its id or 0. */
  readonly columns: readonly (readonly number[])[]
}

interface HeapBytes extends Omit<BytesBlock, 'kind' | 'bytes'> {
  readonly kind: 'heapBytes'
  readonly address: number
  readonly length: number
}

interface HeapGroups extends Omit<GroupsBlock, 'kind' | 'bytes'> {
  readonly kind: 'heapGroups'
  readonly address: number
  readonly length: number
}

/** Whether the block goes as addresses. */
export function isInHeap(block: Block | HeapBlock): block is HeapBlock {
  return block.kind === 'heapColumns' || block.kind === 'heapBytes' || block.kind === 'heapGroups'
}

const TYPES = Object.keys(VALUE_BYTES) as readonly ColumnType[]

/** The block in addresses, or null when it does not lie in the heap, or not all of it. */
export function heapBlockOf(block: Block, heap: KernelMemory): HeapBlock | null {
  if (block.kind !== 'columns') {
    const address = heap.addressOf(block.bytes)
    if (address === null) return null
    const { bytes: { length }, ...rest } = block
    const place = { address, length }
    return rest.kind === 'bytes' ? { ...rest, ...place, kind: 'heapBytes' } : { ...rest, ...place, kind: 'heapGroups' }
  }
  const columns: (readonly number[])[] = []
  for (const column of block.columns) {
    const addresses = columnAddresses(column, heap)
    if (!addresses) return null
    columns.push(addresses)
  }
  return { kind: 'heapColumns', numRows: block.numRows, columns }
}

/** The block as views of this thread on the heap. */
export function blockOfHeap(block: HeapBlock, schema: Schema, heap: KernelMemory): Block {
  if (block.kind !== 'heapColumns') {
    const { address, length, ...rest } = block
    heap.ensure(address + length)
    const bytes = heap.u8.subarray(address, address + length)
    return rest.kind === 'heapBytes' ? { ...rest, kind: 'bytes', bytes } : { ...rest, kind: 'groups', bytes }
  }
  const { numRows, columns } = block
  return { kind: 'columns', schema, numRows, columns: columns.map(addresses => readColumn(addresses, numRows, heap)) }
}

function columnAddresses(column: Column, heap: KernelMemory): readonly number[] | null {
  const values = heap.addressOf(column.values)
  const validity = column.validity ? heap.addressOf(column.validity) : 0
  if (values === null || validity === null) return null
  const addresses = [TYPES.indexOf(column.type), values, validity]
  if (column.type !== 'utf8') return addresses
  const { offsets, bytes, id = 0 } = column.dictionary
  const [offsetsAt, bytesAt] = [heap.addressOf(offsets), heap.addressOf(bytes)]
  return offsetsAt === null || bytesAt === null ? null : [...addresses, offsetsAt, offsets.length, bytesAt, bytes.length, id]
}

function readColumn(addresses: readonly number[], numRows: number, heap: KernelMemory): Column {
  const [typeIndex = 0, values = 0, validity = 0, offsets = 0, offsetCount = 0, bytes = 0, byteCount = 0, id = 0] = addresses
  const type = TYPES[typeIndex]!
  heap.ensure(Math.max(values + numRows * VALUE_BYTES[type], validity + validityBytes(numRows), offsets + offsetCount * 4,
    bytes + byteCount))
  return {
    type,
    values: heap.view(type, values, numRows),
    validity: validity ? heap.u8.subarray(validity, validity + validityBytes(numRows)) : null,
    ...(type === 'utf8' ? {
      dictionary: {
        offsets: heap.u32.subarray(offsets >>> 2, (offsets >>> 2) + offsetCount),
        bytes: heap.u8.subarray(bytes, bytes + byteCount),
        ...id ? { id } : {},
      },
    } : {}),
  } as Column
}
