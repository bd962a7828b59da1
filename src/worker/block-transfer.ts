/**
 * How blocks go down to a worker: shared ones as they are; of others just the slice that a task reads, copied into one buffer
 * that is transferred. (Posting a view would clone the whole buffer under it, and transferring it would take it from the
 * scheduler, which keeps it for another attempt.)
 */
import type { Block, BlockSlice } from '../data/block.js'
import { sliceBlock } from '../data/block-slice.js'
import { packBlock, transferList } from '../data/wire.js'
import type { StateSnapshot, TableContent, TaskSpec } from '../plan/task.js'

export interface Posting<T> {
  readonly message: T
  readonly transfer: ArrayBuffer[]
}

/** Tasks as they are posted; those given stay whole. */
export function postTasks(tasks: readonly TaskSpec[]): Posting<TaskSpec[]> {
  const transfer: ArrayBuffer[] = []
  return { message: tasks.map(task => ({ ...task, inputs: task.inputs.map(slice => postSlice(slice, transfer)) })), transfer }
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

function postSlice(slice: BlockSlice, transfer: ArrayBuffer[]): BlockSlice {
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
