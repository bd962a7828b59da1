/**
 * What the tasks of a batch gave for one output, as the blocks of a `Batch`.
 * Invariant: rows are ordered by branch, then stage, then task, whichever tasks ran together and share a block.
 */
import type { ColumnBlock } from '../data/block.js'
import { sliceBlock } from '../data/block-slice.js'
import type { TaskResult } from '../plan/task.js'

/** Rows of a block that belong together. */
interface Stretch {
  readonly block: ColumnBlock
  readonly start: number
  end: number
}

/** @param results in the order of stages and tasks. */
export function outputBlocks(results: readonly TaskResult[], outputId: number): ColumnBlock[] {
  const own = results.flatMap(result => result.results.filter(given => given.outputId === outputId))
  const stretches: Stretch[] = []
  // The sort is stable: within a branch the order of the results stays.
  for (const { block, rows } of own.sort((a, b) => a.order - b.order)) {
    const [start, end] = rows ?? [0, block.numRows]
    const last = stretches.at(-1)
    if (last?.block === block && last.end === start) last.end = end
    else stretches.push({ block, start, end })
  }
  return stretches.map(({ block, start, end }) => sliceBlock(block, start, end))
}
