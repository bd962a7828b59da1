/**
 * Makes the tasks of a stage for one batch: from the batch's blocks, or from what the parent stages wrote.
 * Invariant: tasks are numbered by data: source tasks in row order, keyed tasks by partition.
 */
import { assert } from '../base/errors.js'
import type { BlockSlice } from '../data/block.js'
import { sliceWeight } from '../data/block-slice.js'
import type { PhysicalPlan, Stage } from '../plan/stage.js'
import { isStateful } from '../plan/stage.js'
import type { TaskSpec } from '../plan/task.js'
import type { BlockTracker } from './block-tracker.js'
import type { MergeBacklog } from './merge-backlog.js'
import { partitionInputs, type ShuffleTracker, type WrittenBlock } from './shuffle-tracker.js'
import type { PlannedTask } from './task-scheduler.js'

/** What is the same for all tasks of a job. */
export type JobSpec = Pick<TaskSpec, 'batchId' | 'batchTimeMs' | 'watermarks' | 'tables'>

export interface TaskInputs {
  readonly plan: PhysicalPlan
  readonly partitions: number
  readonly blocks: BlockTracker
  readonly shuffles: ShuffleTracker
  readonly merges: MergeBacklog
}

/** What a stage runs in a batch. */
export interface PlannedStage {
  readonly tasks: readonly PlannedTask[]
  /** The shuffle blocks that they read, to be let go when they are done. */
  readonly read: readonly WrittenBlock[]
}

const NOTHING: PlannedStage = { tasks: [], read: [] }

/** The tasks of a ready stage; takes its shuffle's blocks out of the tracker. None, where what was written waits. */
export function buildTasks(
  { plan, partitions, blocks, shuffles, merges }: TaskInputs, stage: Stage, job: JobSpec,
): PlannedStage {
  const { input, stageId } = stage
  if (input.kind === 'source') {
    const tasks = blocks.tasksOf(job.batchId, input.sourceId).map(({ inputs, firstOrdinal, weight }, taskIndex) =>
      ({ spec: specOf(job, stageId, taskIndex, 0, inputs, firstOrdinal), weight, isSticky: false }))
    return { tasks, read: [] }
  }
  const shuffle = plan.shuffles.find(({ shuffleId }) => shuffleId === input.shuffleId)
  assert(shuffle, `stage ${stageId} reads shuffle ${input.shuffleId}, which the plan does not have`)
  const read = merges.take(stage, shuffles.take(shuffle), job.watermarks)
  if (!read) return NOTHING
  const tasks = partitionInputs(read, shuffle, partitions).map((inputs, partitionIndex) => ({
    spec: specOf(job, stageId, partitionIndex, partitionIndex, inputs, 0),
    weight: rowsOf(inputs),
    isSticky: isStateful(stage),
  }))
  return { tasks, read }
}

/** One task. Written out: a job has many, and one object made from another costs several times as much. */
function specOf(
  { batchId, batchTimeMs, watermarks, tables }: JobSpec, stageId: number, taskIndex: number, partitionIndex: number,
  inputs: readonly BlockSlice[], firstOrdinal: number,
): TaskSpec {
  const spec = { batchId, stageId, taskIndex, partitionIndex, attempt: 0, inputs, firstOrdinal, watermarks, batchTimeMs }
  return tables ? { ...spec, tables } : spec
}

function rowsOf(inputs: readonly BlockSlice[]): number {
  // One at least: a task without rows still costs its turn.
  return inputs.reduce((rows, slice) => rows + sliceWeight(slice), 1)
}
