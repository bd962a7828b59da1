/**
 * Makes the tasks of a stage for one batch: from the batch's blocks, or from what the parent stages wrote.
 * Invariant: tasks are numbered by data: source tasks in row order, keyed tasks by partition.
 */
import { assert } from '../base/errors.js'
import type { BlockSlice } from '../data/block.js'
import { sliceWeight } from '../data/block-slice.js'
import { partitionInputs, writtenFor } from '../plan/shuffle-inputs.js'
import { isStateful, type PhysicalPlan, type Stage } from '../plan/stage.js'
import type { ShuffleBlock, TaskResult, TaskSpec } from '../plan/task.js'
import type { BlockTracker } from './block-tracker.js'
import type { MergeBacklog } from './merge-backlog.js'
import type { PlannedTask } from './task-scheduler.js'

/** What is the same for all tasks of a job. */
export type JobSpec = Pick<TaskSpec, 'batchId' | 'batchTimeMs' | 'watermarks' | 'tables'>

export interface TaskInputs {
  readonly plan: PhysicalPlan
  readonly partitions: number
  readonly blocks: BlockTracker
  /** What has come of the job so far, in order. */
  readonly results: readonly TaskResult[]
  readonly merges: MergeBacklog
}

/** What a stage runs in a batch. */
export interface PlannedStage {
  readonly stage: Stage
  readonly tasks: readonly PlannedTask[]
  /** The shuffle blocks that they read, to be let go when they are done. */
  readonly read: readonly ShuffleBlock[]
  /** The shuffle of which they read, behind those, what is written in the same call. */
  readonly readsShuffle?: number
}

/** The tasks of a ready stage. None, where what was written for it waits. */
export function buildTasks(
  { plan, partitions, blocks, results, merges }: TaskInputs, stage: Stage, job: JobSpec,
): PlannedStage {
  const { input, stageId } = stage
  if (input.kind === 'source') {
    const tasks = blocks.tasksOf(job.batchId, input.sourceId).map(({ inputs, firstOrdinal, weight }, taskIndex) =>
      ({ spec: specOf(job, stageId, taskIndex, 0, inputs, firstOrdinal), weight, isSticky: false }))
    return { stage, tasks, read: [] }
  }
  const shuffle = plan.shuffles.find(({ shuffleId }) => shuffleId === input.shuffleId)
  assert(shuffle, `stage ${stageId} reads shuffle ${input.shuffleId}, which the plan does not have`)
  const written = writtenFor(shuffle.shuffleId, results)
  const isGather = shuffle.by === 'gather'
  if (isGather) written.sort((a, b) => a.order - b.order)
  const read = merges.take(stage, written, job.watermarks)
  if (!read) return { stage, tasks: [], read: [] }
  return { stage, tasks: shuffleTasks(stage, read, isGather ? 1 : partitions, job), read }
}

/**
 * The stages that can run in one call with one that reads a source: they merge what it alone writes, and merge it in this batch,
 * whatever it is. Takes what waits for them.
 */
export function buildRiders(
  { plan, partitions, merges }: Pick<TaskInputs, 'plan' | 'partitions' | 'merges'>, { stageId }: Stage, job: JobSpec,
): PlannedStage[] {
  return plan.shuffles.flatMap((shuffle): PlannedStage[] => {
    if (shuffle.by !== 'keys' || shuffle.parents.length > 1 || shuffle.parents[0] !== stageId) return []
    const stage = plan.stages[shuffle.child]!
    const read = merges.takeAhead(stage, job.watermarks)
    if (!read) return []
    const { shuffleId: readsShuffle } = shuffle
    return [{ stage, tasks: shuffleTasks(stage, read, partitions, job, readsShuffle), read, readsShuffle }]
  })
}

function shuffleTasks(
  stage: Stage, read: readonly ShuffleBlock[], partitions: number, job: JobSpec, readsShuffle?: number,
): PlannedTask[] {
  const isSticky = isStateful(stage)
  return Array.from({ length: partitions }, (_, partition) => {
    const inputs = partitionInputs(read, partition)
    return { spec: specOf(job, stage.stageId, partition, partition, inputs, 0, readsShuffle), weight: rowsOf(inputs), isSticky }
  })
}

/** One task. Written out: a job has many, and one object made from another costs several times as much. */
function specOf(
  { batchId, batchTimeMs, watermarks, tables }: JobSpec, stageId: number, taskIndex: number, partitionIndex: number,
  inputs: readonly BlockSlice[], firstOrdinal: number, readsShuffle?: number,
): TaskSpec {
  const spec: TaskSpec =
    { batchId, stageId, taskIndex, partitionIndex, attempt: 0, inputs, firstOrdinal, watermarks, batchTimeMs, readsShuffle }
  return tables ? { ...spec, tables } : spec
}

function rowsOf(inputs: readonly BlockSlice[]): number {
  // One at least: a task without rows still costs its turn.
  return inputs.reduce((rows, slice) => rows + sliceWeight(slice), 1)
}
