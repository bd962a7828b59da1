/**
 * How what tasks give comes up from a worker: blocks in the heap as addresses, of others the memory itself, transferred.
 * Invariant: the result is the same on both sides; a block in the heap lies in a room of the page.
 */
import { assert } from '../base/errors.js'
import type { Block } from '../data/block.js'
import type { KernelMemory } from '../kernel/memory.js'
import type { ShuffleBlock, TaskResult } from '../plan/task.js'
import { blockOfHeap, heapBlockOf, isInHeap, type HeapBlock } from './heap-block.js'

/** A result on its way to the page. */
export type PostedResult = Omit<TaskResult, 'shuffles'> & {
  readonly shuffles: readonly (Omit<ShuffleBlock, 'block'> & { readonly block: ShuffleBlock['block'] | HeapBlock })[]
}

/** What a worker answers to tasks. */
export interface PostedRun {
  readonly results: readonly PostedResult[]
  /** The buffers in which blocks came with the tasks, for the next ones. */
  readonly buffers: readonly ArrayBuffer[]
}

/** @param heap the worker's views of the heap; null: it has no part in one. */
export function postResult(result: TaskResult, heap: KernelMemory | null): PostedResult {
  if (!heap || result.shuffles.length === 0) return result
  const shuffles = result.shuffles.map(shuffle => {
    const inHeap = shuffle.block.kind === 'groups' ? heapBlockOf(shuffle.block, heap) : null
    return inHeap ? { ...shuffle, block: inHeap } : shuffle
  })
  return { ...result, shuffles }
}

/** The blocks that come as they are. */
export function blocksOf({ results, shuffles }: PostedResult): Block[] {
  return [...results, ...shuffles].flatMap(({ block }) => isInHeap(block) ? [] : block)
}

/** The result as it was before it was posted. @param heap the page's views of the heap. */
export function receiveResult(posted: PostedResult, heap: KernelMemory): TaskResult {
  if (posted.shuffles.length === 0) return posted as TaskResult
  const shuffles = posted.shuffles.map(({ block, ...rest }): ShuffleBlock => {
    if (!isInHeap(block)) return { ...rest, block }
    const received = blockOfHeap(block, [], heap)
    assert(received.kind === 'groups', 'a worker wrote something into the heap that is no groups')
    return { ...rest, block: received }
  })
  return { ...posted, shuffles }
}
