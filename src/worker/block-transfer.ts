/**
 * How blocks go down to a worker. Those in the heap as addresses, for both sides to read in place; those in other shared memory
 * as they are; of others just the slice that a task reads, copied into one buffer that is transferred. (Posting a view would
 * clone the whole buffer under it, and transferring it would take it from the scheduler, which keeps it for another attempt.)
 */
import { assert } from '../base/errors.js'
import type { Block, BlockSlice } from '../data/block.js'
import { sliceBlock } from '../data/block-slice.js'
import { packBlock, transferList } from '../data/wire.js'
import type { KernelMemory } from '../kernel/memory.js'
import type { ExecutorPlan, StateSnapshot, TableContent, TaskSpec } from '../plan/task.js'
import { blockOfHeap, type HeapBlock } from './heap-block.js'
import type { PageHeap } from './page-heap.js'

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
export type PostedTask = Omit<TaskSpec, 'inputs'> & { readonly inputs: readonly PostedSlice[] }

/** Tasks as they are posted; those given stay whole. @param heap the shared heap, if there is one. */
export function postTasks(tasks: readonly TaskSpec[], heap: PageHeap | null): Posting<PostedTask[]> {
  const transfer: ArrayBuffer[] = []
  const message = tasks.map(task => ({ ...task, inputs: task.inputs.map(slice => postSlice(slice, heap, transfer)) }))
  return { message, transfer }
}

/** Snapshots as they are posted; those given stay whole. */
export function postSnapshots(snapshots: readonly StateSnapshot[]): Posting<StateSnapshot[]> {
  const transfer: ArrayBuffer[] = []
  const message = snapshots.map(snapshot =>
    ({ ...snapshot, block: snapshot.block && copyUnlessShared(snapshot.block, transfer) }))
  return { message, transfer }
}

/** Tables as they are posted; those given stay whole. */
export function postTables(tables: readonly TableContent[]): Posting<TableContent[]> {
  const transfer: ArrayBuffer[] = []
  return { message: tables.map(table => ({ ...table, block: copyUnlessShared(table.block, transfer) })), transfer }
}

/** The task as it was before it was posted. @param heap views of the heap in which posted blocks may lie. */
export function receiveTask(task: PostedTask, { plan }: ExecutorPlan, heap: KernelMemory | null): TaskSpec {
  const inputs = task.inputs.map(({ block, start, end }): BlockSlice => {
    if (block.kind !== 'heapColumns' && block.kind !== 'heapBytes') return { block, start, end }
    assert(heap, 'a block in the heap came to a worker that has no part in it')
    return { block: blockOfHeap(block, plan.stages[task.stageId]!.input.schema, heap), start, end }
  })
  return { ...task, inputs }
}

function postSlice(slice: BlockSlice, heap: PageHeap | null, transfer: ArrayBuffer[]): PostedSlice {
  const inHeap = heap?.addressesOf(slice.block)
  if (inHeap) return { block: inHeap, start: slice.start, end: slice.end }
  if (transferList(slice.block).length === 0) return slice
  const part = sliceBlock(slice.block, slice.start, slice.end)
  const block = part.kind === 'groups' ? part : copyUnlessShared(part, transfer)
  if (block === part) transfer.push(...transferList(part))
  return { block, start: 0, end: slice.end - slice.start }
}

function copyUnlessShared<B extends Block>(block: B, transfer: ArrayBuffer[]): B {
  if (transferList(block).length === 0) return block
  const copy = packBlock(block, bytes => new ArrayBuffer(bytes))
  transfer.push(...transferList(copy))
  return copy
}
