/**
 * How what tasks give comes up from a worker: blocks in the heap as addresses, of others the memory itself, transferred.
 * Invariant: the result is the same on both sides; a block in the heap lies in a room of the page.
 */
import { assert } from '../base/errors.js'
import type { Block } from '../data/block.js'
import type { KernelMemory } from '../kernel/memory.js'
import type { ShuffleBlock, TaskResult } from '../plan/task.js'
import { blockOfHeap, heapBlockOf, isInHeap, type HeapBlock } from './heap-block.js'

type PostedShuffle = Omit<ShuffleBlock, 'block'> & { readonly block: ShuffleBlock['block'] | HeapBlock }

/** A result on its way to the page: its fields without their names, which would be most of the message of a small batch. */
export type PostedResult = readonly [
  batchId: number, stageId: number, taskIndex: number, attempt: number, results: TaskResult['results'],
  shuffles: readonly PostedShuffle[], figures: TaskResult['figures'], badRecords: TaskResult['badRecords'],
]

/** What a worker answers to tasks. */
export interface PostedRun {
  readonly results: readonly PostedResult[]
  /** The buffers in which blocks came with the tasks, for the next ones. */
  readonly buffers: readonly ArrayBuffer[]
}

/** @param heap the worker's views of the heap; null: it has no part in one. */
export function postResult(result: TaskResult, heap: KernelMemory | null): PostedResult {
  const { batchId, stageId, taskIndex, attempt, results, shuffles, figures, badRecords } = result
  const posted = heap && shuffles.length > 0 ? shuffles.map(shuffle => postShuffle(shuffle, heap)) : shuffles
  return [batchId, stageId, taskIndex, attempt, results, posted, figures, badRecords]
}

function postShuffle(shuffle: ShuffleBlock, heap: KernelMemory): PostedShuffle {
  const inHeap = shuffle.block.kind === 'groups' ? heapBlockOf(shuffle.block, heap) : null
  return inHeap ? { ...shuffle, block: inHeap } : shuffle
}

/** The blocks that come as they are. */
export function blocksOf([, , , , results, shuffles]: PostedResult): Block[] {
  return [...results, ...shuffles].flatMap(({ block }) => isInHeap(block) ? [] : block)
}

/** The result as it was before it was posted. @param heap the page's views of the heap; null: it has none. */
export function receiveResult(posted: PostedResult, heap: KernelMemory | null): TaskResult {
  const [batchId, stageId, taskIndex, attempt, results, postedShuffles, figures, badRecords] = posted
  const shuffles = postedShuffles.map(({ block, ...rest }): ShuffleBlock => {
    if (!isInHeap(block)) return { ...rest, block }
    assert(heap, 'a worker without a heap wrote into one')
    const received = blockOfHeap(block, [], heap)
    assert(received.kind === 'groups', 'a worker wrote something into the heap that is no groups')
    return { ...rest, block: received }
  })
  return { batchId, stageId, taskIndex, attempt, results, shuffles, figures, badRecords }
}
