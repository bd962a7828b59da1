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
import type { ShuffleTracker } from './shuffle-tracker.js'
import type { PlannedTask } from './task-scheduler.js'

/** What is the same for all tasks of a job. */
export type JobSpec = Pick<TaskSpec, 'batchId' | 'batchTimeMs' | 'watermarks' | 'tables'>

export interface TaskInputs {
  readonly plan: PhysicalPlan
  readonly partitions: number
  readonly blocks: BlockTracker
  readonly shuffles: ShuffleTracker
}

/** The tasks of a ready stage; takes its shuffle's blocks out of the tracker. */
export function buildTasks({ plan, partitions, blocks, shuffles }: TaskInputs, stage: Stage, job: JobSpec): PlannedTask[] {
  const { input, stageId } = stage
  const common = { ...job, stageId, attempt: 0 }
  if (input.kind === 'source') {
    return blocks.tasksOf(job.batchId, input.sourceId).map(({ inputs, firstOrdinal, weight }, taskIndex) =>
      ({ spec: { ...common, taskIndex, partitionIndex: 0, inputs, firstOrdinal }, weight, isSticky: false }))
  }
  const shuffle = plan.shuffles.find(({ shuffleId }) => shuffleId === input.shuffleId)
  assert(shuffle, `stage ${stageId} reads shuffle ${input.shuffleId}, which the plan does not have`)
  return shuffles.take(shuffle, partitions).map((inputs, partitionIndex) => ({
    spec: { ...common, taskIndex: partitionIndex, partitionIndex, inputs, firstOrdinal: 0 },
    weight: rowsOf(inputs),
    isSticky: isStateful(stage),
  }))
}

function rowsOf(inputs: readonly BlockSlice[]): number {
  // One at least: a task without rows still costs its turn.
  return inputs.reduce((rows, slice) => rows + sliceWeight(slice), 1)
}
