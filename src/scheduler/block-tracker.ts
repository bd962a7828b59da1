/**
 * Blocks from the time a batch takes them off its sources until its tasks have read them, and how its rows are cut into tasks.
 * Invariant: the cuts depend on the batch's rows alone, not on block borders or workers: every TASK_ROWS rows or, for text,
 * at the first record end at or after every TASK_BYTES bytes, counted from the batch's start. That keeps results the same bit
 * for bit.
 */
import { assert } from '../base/errors.js'
import type { BlockSlice } from '../data/block.js'
import { recordEndFrom } from '../data/record-boundary.js'
import type { SealedBlock } from '../source/intake-queue.js'

export const TASK_ROWS = 131_072
export const TASK_BYTES = 1_048_576

/** What a batch holds of one source; the end is past the last. */
export interface SourceRange {
  readonly sourceId: number
  readonly startOrdinal: number
  readonly endOrdinal: number
  readonly numRows: number
}

/** The input of one task. */
export interface SourceTask {
  readonly inputs: readonly BlockSlice[]
  readonly firstOrdinal: number
  /** Rows, or bytes of text: what tasks weigh when they are spread over workers. */
  readonly weight: number
}

export class BlockTracker {
  readonly #batches = new Map<number, ReadonlyMap<number, readonly SealedBlock[]>>()

  /** Gives a batch its blocks: by sourceId, each source's in the order of its data. */
  allocate(batchId: number, taken: ReadonlyMap<number, readonly SealedBlock[]>): SourceRange[] {
    const held = new Map([...taken].filter(([, blocks]) => blocks.length > 0).sort(([a], [b]) => a - b))
    this.#batches.set(batchId, held)
    return [...held].map(([sourceId, blocks]) => ({
      sourceId,
      startOrdinal: blocks[0]!.firstOrdinal,
      endOrdinal: blocks.at(-1)!.endOrdinal,
      numRows: blocks.reduce((rows, sealed) => rows + sealed.rows, 0),
    }))
  }

  /** The tasks of one source in one batch, in row order. */
  tasksOf(batchId: number, sourceId: number): SourceTask[] {
    const batch = this.#batches.get(batchId)
    assert(batch, `batch ${batchId} has no blocks allocated`)
    return cutTasks(batch.get(sourceId) ?? [])
  }

  /** The batch's tasks have read its blocks: they are let go. */
  release(batchId: number): void {
    for (const blocks of this.#batches.get(batchId)?.values() ?? []) for (const { held } of blocks) held?.letGo()
    this.#batches.delete(batchId)
  }

  /** Lets go of everything: the query has ended, and with it the memory of its blocks. */
  clear(): void {
    this.#batches.clear()
  }

  get isEmpty(): boolean {
    return this.#batches.size === 0
  }
}

function cutTasks(blocks: readonly SealedBlock[]): SourceTask[] {
  const tasks: SourceTask[] = []
  let inputs: BlockSlice[] = []
  let firstOrdinal = 0
  let startedAt = 0
  let position = 0
  const finish = (): void => {
    if (inputs.length > 0) tasks.push({ inputs, firstOrdinal, weight: position - startedAt })
    inputs = []
    startedAt = position
  }
  for (const sealed of blocks) {
    const { block } = sealed
    const length = block.kind === 'bytes' ? block.bytes.length : block.numRows
    const unit = block.kind === 'bytes' ? TASK_BYTES : TASK_ROWS
    for (let at = 0; at < length;) {
      const cut = at + unit - (position % unit)
      const end = cut >= length ? length : block.kind === 'bytes' ? recordEndFrom(block, at, cut) : cut
      if (inputs.length === 0) firstOrdinal = sealed.firstOrdinal + at
      inputs.push({ block, start: at, end })
      const passed = Math.floor((position + end - at) / unit) > Math.floor(position / unit)
      position += end - at
      at = end
      if (passed) finish()
    }
  }
  finish()
  return tasks
}
