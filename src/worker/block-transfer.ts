/**
 * How blocks go down to a worker. Those in the heap as addresses, for both sides to read in place; those in other shared memory
 * as they are; of others just the slice that a task reads, copied into one buffer that is transferred. (Posting a view would
 * clone the whole buffer under it, and transferring it would take it from the scheduler, which keeps it for another attempt.)
 */
import { assert } from '../base/errors.js'
import type { Block, BlockSlice } from '../data/block.js'
import { sliceBlock } from '../data/block-slice.js'
import { copyParts } from '../data/groups-block.js'
import { withOwnText } from '../data/own-text.js'
import { packBlock, transferList } from '../data/wire.js'
import type { KernelMemory } from '../kernel/memory.js'
import type { ExecutorPlan, StateSnapshot, TableContent, TaskSpec } from '../plan/task.js'
import { blockOfHeap, isInHeap, type HeapBlock } from './heap-block.js'
import type { PageHeap } from './page-heap.js'
import type { TransferBuffers } from './transfer-buffers.js'

export interface Posting<T> {
  readonly message: T
  readonly transfer: ArrayBuffer[]
}

export interface PostedSlice {
  readonly block: Block | HeapBlock
  readonly start: number
  readonly end: number
}

/** A task on its way to a worker. */
export type PostedTask = Omit<TaskSpec, 'inputs'> & {
  readonly inputs: readonly PostedSlice[]
  /** Address and bytes of the room in the heap for what it writes; absent where it has none. */
  readonly room?: readonly [number, number]
}

/** The ways in which what tasks read gets to a worker. */
export interface TaskWays {
  /** The shared heap, if there is one. */
  readonly heap: PageHeap | null
  /** For each task its room in the heap, or null. */
  readonly rooms?: readonly (Uint8Array | null)[]
  /** What is transferred goes in these, which `inputBuffers` finds again. */
  readonly buffers?: TransferBuffers
}

/** Tasks as they are posted; those given stay whole. */
export function postTasks(tasks: readonly TaskSpec[], { heap, rooms = [], buffers }: TaskWays): Posting<PostedTask[]> {
  const transfer: ArrayBuffer[] = []
  const allocate = (bytes: number): ArrayBuffer => buffers?.take(bytes) ?? new ArrayBuffer(bytes)
  // A block that many tasks read parts of goes once.
  const inHeap = new Map<Block, HeapBlock | null>()
  const addressesOf = (block: Block): HeapBlock | null => {
    let addresses = inHeap.get(block)
    if (addresses === undefined) inHeap.set(block, addresses = heap?.addressesOf(block) ?? null)
    return addresses
  }
  const message = tasks.map((task, i): PostedTask => {
    const room = rooms[i]
    const inputs = task.inputs.map(slice => postSlice(slice, addressesOf(slice.block), allocate, transfer))
    return { ...task, inputs, ...room ? { room: [room.byteOffset, room.length] } : {} }
  })
  return { message, transfer }
}

/** The buffers that came with tasks. */
export function inputBuffers(tasks: readonly PostedTask[]): ArrayBuffer[] {
  return [...new Set(tasks.flatMap(({ inputs }) => inputs.flatMap(({ block }) => isInHeap(block) ? [] : transferList(block))))]
}

/** Snapshots as they are posted; those given stay whole. */
export function postSnapshots(snapshots: readonly StateSnapshot[]): Posting<StateSnapshot[]> {
  const transfer: ArrayBuffer[] = []
  const message = snapshots.map(snapshot =>
    ({ ...snapshot, panes: snapshot.panes.map(({ paneMs, block }) =>
      ({ paneMs, block: block && copyUnlessShared(block, transfer) })) }))
  return { message, transfer }
}

/** Tables as they are posted; those given stay whole. */
export function postTables(tables: readonly TableContent[]): Posting<TableContent[]> {
  const transfer: ArrayBuffer[] = []
  return { message: tables.map(table => ({ ...table, block: copyUnlessShared(table.block, transfer) })), transfer }
}

/** The tasks of a stage as they were before they were posted. @param heap views of the heap in which posted blocks may lie. */
export function receiveTasks(tasks: readonly PostedTask[], { plan }: ExecutorPlan, heap: KernelMemory | null): TaskSpec[] {
  const received = new Map<HeapBlock, Block>()
  const blockAt = (posted: HeapBlock, stageId: number): Block => {
    let block = received.get(posted)
    if (!block) {
      assert(heap, 'a block in the heap came to a worker that has no part in it')
      received.set(posted, block = blockOfHeap(posted, plan.stages[stageId]!.input.schema, heap))
    }
    return block
  }
  return tasks.map((task): TaskSpec => {
    if (!task.inputs.some(({ block }) => isInHeap(block))) return task as TaskSpec
    const inputs = task.inputs.map(({ block, start, end }): BlockSlice =>
      ({ block: isInHeap(block) ? blockAt(block, task.stageId) : block, start, end }))
    return { ...task, inputs }
  })
}

function postSlice(
  { block: whole, start, end }: BlockSlice, inHeap: HeapBlock | null, allocate: (bytes: number) => ArrayBuffer,
  transfer: ArrayBuffer[],
): PostedSlice {
  if (inHeap) return { block: inHeap, start, end }
  if (transferList(whole).length === 0) return { block: whole, start, end }
  const block = whole.kind === 'groups' ? copyParts(whole, start, end, allocate)
    : packBlock(withOwnText(sliceBlock(whole, start, end)), allocate)
  transfer.push(...transferList(block))
  return { block, start: 0, end: end - start }
}

function copyUnlessShared<B extends Block>(block: B, transfer: ArrayBuffer[]): B {
  if (transferList(block).length === 0) return block
  const copy = packBlock(block, bytes => new ArrayBuffer(bytes))
  transfer.push(...transferList(copy))
  return copy
}
