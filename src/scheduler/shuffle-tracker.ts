/**
 * The shuffle blocks of a running job, from the tasks that wrote them to those that read them.
 * Invariant: a task's inputs come in an order fixed by the plan and the data: a keyed shuffle's by parent stage, task and
 * terminal order; a gather's, whose rows stand in the order of the union's inputs, by terminal order first.
 */
import type { BlockSlice, GroupsBlock } from '../data/block.js'
import type { HeldMemory } from '../data/block-memory.js'
import { partRows } from '../data/groups-block.js'
import type { Shuffle } from '../plan/stage.js'
import type { ShuffleBlock, TaskResult } from '../plan/task.js'

export interface WrittenBlock extends ShuffleBlock {
  readonly stageId: number
  readonly taskIndex: number
}

export class ShuffleTracker {
  readonly #blocks = new Map<number, WrittenBlock[]>()

  /** Takes what a completed task wrote. */
  add({ stageId, taskIndex, shuffles }: TaskResult): void {
    for (const written of shuffles) {
      const blocks = this.#blocks.get(written.shuffleId) ?? []
      blocks.push({ ...written, stageId, taskIndex })
      this.#blocks.set(written.shuffleId, blocks)
    }
  }

  /** Takes out everything written for a shuffle, in order. Whoever takes a block lets go of it. */
  take({ shuffleId, by }: Shuffle): readonly WrittenBlock[] {
    const blocks = (this.#blocks.get(shuffleId) ?? []).sort(by === 'gather' ? byOrder : byStage)
    this.#blocks.delete(shuffleId)
    return blocks
  }

  clear(): void {
    this.#blocks.clear()
  }

  get isEmpty(): boolean {
    return this.#blocks.size === 0
  }
}

/** The inputs of each partition of a shuffle, in the order of its blocks, empty parts left out. A gather has one partition. */
export function partitionInputs(blocks: readonly WrittenBlock[], { by }: Shuffle, partitions: number): BlockSlice[][] {
  const inputs: BlockSlice[][] = Array.from({ length: by === 'gather' ? 1 : partitions }, () => [])
  for (const { block, held } of blocks) {
    if (block.kind === 'columns') inputs[0]!.push({ block, start: 0, end: block.numRows })
    else addParts(inputs, block, held)
  }
  return inputs
}

function addParts(inputs: readonly BlockSlice[][], block: GroupsBlock, held: HeldMemory | undefined): void {
  inputs.forEach((slices, part) => {
    if (partRows(block, part) > 0) slices.push({ block, start: part, end: part + 1, held })
  })
}

function byStage(a: WrittenBlock, b: WrittenBlock): number {
  return a.stageId - b.stageId || a.taskIndex - b.taskIndex || a.order - b.order
}

function byOrder(a: WrittenBlock, b: WrittenBlock): number {
  return a.order - b.order || a.stageId - b.stageId || a.taskIndex - b.taskIndex
}
