/**
 * What the tasks behind a shuffle read of what those before it wrote: put together by the scheduler, or by whoever runs both in
 * one call.
 * Invariant: a task's inputs come in an order fixed by the plan and the data, whatever the order in which tasks completed: a
 * keyed shuffle's by parent stage, task and terminal order; a gather's, whose rows stand in the order of the union's inputs, by
 * terminal order first.
 */
import type { BlockSlice } from '../data/block.js'
import { partRows } from '../data/groups-block.js'
import type { ShuffleBlock, TaskResult, TaskSpec } from './task.js'

/** The order of results: by stage, then by task. */
export function byTask(a: TaskResult, b: TaskResult): number {
  return a.stageId - b.stageId || a.taskIndex - b.taskIndex
}

/** What tasks wrote for a keyed shuffle, in the order in which it is read. @param results in order. */
export function writtenFor(shuffleId: number, results: readonly TaskResult[]): ShuffleBlock[] {
  return results.flatMap(({ shuffles }) =>
    shuffles.filter(written => written.shuffleId === shuffleId).sort((a, b) => a.order - b.order))
}

/**
 * What a partition reads of a shuffle's blocks, in their order, empty parts left out. A gather has one partition.
 * @param before what it reads before them.
 */
export function partitionInputs(blocks: readonly ShuffleBlock[], part: number, before: readonly BlockSlice[] = []): BlockSlice[] {
  const inputs = [...before]
  for (const { block, held } of blocks) {
    if (block.kind === 'columns') inputs.push({ block, start: 0, end: block.numRows })
    else if (partRows(block, part) > 0) inputs.push({ block, start: part, end: part + 1, held })
  }
  return inputs
}

/**
 * The tasks of a call, first those that only read, each with all that it reads: what those before have written is read as if it
 * had been given to it.
 * @param results what those before gave, in order.
 */
export function withCallInputs(tasks: readonly TaskSpec[], results: readonly TaskResult[]): readonly TaskSpec[] {
  let written: readonly ShuffleBlock[] = []
  let writtenTo: number | undefined
  return tasks.map(task => {
    const { readsShuffle, inputs, partitionIndex } = task
    if (readsShuffle === undefined) return task
    if (readsShuffle !== writtenTo) written = writtenFor(writtenTo = readsShuffle, results)
    return { ...task, readsShuffle: undefined, inputs: partitionInputs(written, partitionIndex, inputs) }
  })
}
