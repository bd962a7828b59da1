/**
 * Runs the tasks of a stage on the executor's slots: keyed tasks on the slot that owns their partition (partition mod slots),
 * tasks without state on the slot with the least work. What fails is tried again up to `taskAttempts` times; a slot that lost
 * its state first gets it back: last snapshot, then the retained tasks since.
 * Invariants: one message per slot and stage, posted at once where the slot is sound; results come back in task order; what fails
 * because a call before it on the slot failed is no failed attempt.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import type { Stage } from '../plan/stage.js'
import type { TableVersions, TaskExecutor, TaskResult, TaskSpec } from '../plan/task.js'
import type { ListenerBus } from './listener.js'
import { SlotLane } from './slot-lane.js'
import type { StateTracker } from './state-tracker.js'
import type { TableTracker } from './table-tracker.js'

/** A task before it is given to a slot. */
export interface PlannedTask {
  readonly spec: TaskSpec
  /** Rows or bytes to read. */
  readonly weight: number
  /** Must run where its partition's state is. */
  readonly isSticky: boolean
}

export interface TaskSchedulerOptions {
  readonly executor: TaskExecutor
  readonly states: StateTracker
  readonly tables: TableTracker
  readonly partitions: number
  readonly taskAttempts: number
  readonly listener: ListenerBus
}

/** What a slot did for a batch. */
export interface SlotFigures {
  readonly slot: number
  readonly numTasks: number
  readonly runMs: number
}

export class TaskScheduler {
  readonly #options: TaskSchedulerOptions
  readonly #loads: number[]
  /** By batch. */
  readonly #figures = new Map<number, SlotFigures[]>()
  readonly #lanes: readonly SlotLane[]
  #isStopped = false

  constructor(options: TaskSchedulerOptions) {
    this.#options = options
    const { slots } = options.executor
    this.#loads = Array.from({ length: slots }, () => 0)
    this.#lanes = Array.from({ length: slots }, () => new SlotLane())
  }

  /**
   * Runs all tasks of a stage.
   * @throws MillraceError TASK_FAILED with the first cause, once an attempt too many failed; other errors as they come.
   */
  async runStage(stage: Stage, tasks: readonly PlannedTask[]): Promise<TaskResult[]> {
    const groups = assignSlots(tasks, this.#loads)
    const outcomes = await Promise.allSettled([...groups].map(([slot, group]) => this.#runGroup(stage, slot, group)))
    const failed = outcomes.find(outcome => outcome.status === 'rejected')
    if (failed) throw failed.reason
    return outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? outcome.value : []))
      .sort((a, b) => a.taskIndex - b.taskIndex)
  }

  /**
   * Asks for the snapshots that are due, of the state as the calls before leave it. A slot that fails at it is rebuilt before its
   * next task.
   */
  async takeSnapshots(): Promise<void> {
    const { states, executor } = this.#options
    const calls = states.statefulStages.flatMap(stageId =>
      [...bySlot(states.snapshotsDue(stageId), executor.slots)].map(async ([slot, partitions]) => {
        const lane = this.#lanes[slot]!
        if (lane.isStale) return
        try {
          for (const snapshot of await lane.call(() => executor.snapshot(slot, stageId, partitions))) states.replaceBy(snapshot)
        } catch (error) {
          if (!this.#isStopped && !lane.isStale) this.#reportLoss(slot, error)
        }
      }))
    await Promise.all(calls)
  }

  /** The executor is about to be closed: what fails from now on is neither tried again nor reported. */
  stop(): void {
    this.#isStopped = true
  }

  /** What the slots did for a batch; they are forgotten then. */
  takeFigures(batchId: number): SlotFigures[] {
    const figures = this.#figures.get(batchId) ?? this.#noFigures()
    this.#figures.delete(batchId)
    return figures
  }

  /** By stageId: what is kept of it, as of the last batch that merged something. */
  stateFigures(): ReturnType<StateTracker['figures']> {
    return this.#options.states.figures()
  }

  /** No slot has work. */
  get isIdle(): boolean {
    return this.#loads.every(load => load === 0)
  }

  async #runGroup(stage: Stage, slot: number, tasks: readonly PlannedTask[]): Promise<readonly TaskResult[]> {
    const load = weightOf(tasks)
    this.#loads[slot]! += load
    try {
      return await this.#attempt(stage, slot, tasks.map(task => task.spec))
    } finally {
      this.#loads[slot]! -= load
    }
  }

  async #attempt(stage: Stage, slot: number, specs: readonly TaskSpec[]): Promise<readonly TaskResult[]> {
    const { states, taskAttempts } = this.#options
    const lane = this.#lanes[slot]!
    const versions = specs[0]?.tables
    let firstCause: unknown
    for (let attempt = 0; ;) {
      let isCalled = false
      try {
        while (lane.isStale) await lane.mend(() => this.#rebuild(slot, versions))
        isCalled = true
        const tried = attempt === 0 ? specs : specs.map(spec => ({ ...spec, attempt }))
        const results = await lane.call(() => this.#run(slot, versions, tried))
        specs.forEach((spec, i) => states.retain(spec, results[i]!.figures))
        this.#count(slot, specs[0]!.batchId, results)
        return results
      } catch (error) {
        if (this.#isStopped) throw error
        // A call before it has failed, and this one with it.
        if (isCalled && lane.isStale) continue
        firstCause ??= error
        this.#reportLoss(slot, error)
        this.#options.listener.post('taskFailed', {
          batchId: specs[0]!.batchId, stageId: stage.stageId, taskIndexes: specs.map(spec => spec.taskIndex), slot, attempt,
            error,
        })
        if (!isRetryable(error)) throw error
        if (++attempt >= taskAttempts) throw exhausted(stage, slot, specs, taskAttempts, firstCause)
      }
    }
  }

  /** Posts tables that the slot lacks and, right behind them, the tasks. */
  async #run(slot: number, versions: TableVersions | undefined, specs: readonly TaskSpec[]): Promise<readonly TaskResult[]> {
    const { executor, tables } = this.#options
    const [, results] = await Promise.all([tables.provide(slot, versions), executor.run(slot, specs)])
    return results
  }

  /**
   * Gives a slot the state of its partitions as of the last task that completed on each. What the tasks put out is dropped, so
   * that the tables which it is joined with may be those of another version.
   */
  async #rebuild(slot: number, versions: TableVersions | undefined): Promise<void> {
    const { executor, states, partitions } = this.#options
    const owned = bySlot(Array.from({ length: partitions }, (_, index) => index), executor.slots).get(slot) ?? []
    const lineages = states.statefulStages.map(stageId => owned.map(partitionIndex => states.lineageOf(stageId, partitionIndex)))
    await executor.restore(slot, lineages.flat().map(lineage => lineage.snapshot))
    for (const stage of lineages) {
      const replay = stage.flatMap(lineage => lineage.replay).map(task => versions ? { ...task, tables: versions } : task)
      const dropped = replay.length > 0 ? await this.#run(slot, versions, replay) : []
      for (const { held } of dropped.flatMap(result => result.shuffles)) held?.letGo()
    }
  }

  #reportLoss(slot: number, error: unknown): void {
    this.#lanes[slot]!.isStale = true
    this.#options.tables.forget(slot)
    if (error instanceof MillraceError && error.code === 'WORKER_LOST') this.#options.listener.post('workerLost', { slot, error })
  }

  #count(slot: number, batchId: number, results: readonly TaskResult[]): void {
    const figures = this.#figures.get(batchId) ?? this.#noFigures()
    this.#figures.set(batchId, figures)
    const { numTasks, runMs } = figures[slot]!
    figures[slot] = { slot, numTasks: numTasks + results.length,
      runMs: results.reduce((ms, result) => ms + result.figures.runMs, runMs) }
  }

  #noFigures(): SlotFigures[] {
    return this.#loads.map((_, slot) => ({ slot, numTasks: 0, runMs: 0 }))
  }
}

/** Tasks by slot: sticky ones where their partition lives, the others one by one to the slot with the least work so far. */
export function assignSlots(tasks: readonly PlannedTask[], loads: readonly number[]): Map<number, PlannedTask[]> {
  const current = [...loads]
  const groups = new Map<number, PlannedTask[]>()
  for (const task of tasks) {
    const slot = task.isSticky ? task.spec.partitionIndex % loads.length : current.indexOf(Math.min(...current))
    current[slot]! += task.weight
    const group = groups.get(slot)
    if (group) group.push(task)
    else groups.set(slot, [task])
  }
  return groups
}

function bySlot(partitions: readonly number[], slots: number): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const partition of partitions) {
    const group = groups.get(partition % slots)
    if (group) group.push(partition)
    else groups.set(partition % slots, [partition])
  }
  return groups
}

function weightOf(tasks: readonly PlannedTask[]): number {
  return tasks.reduce((total, task) => total + task.weight, 0)
}

function isRetryable(error: unknown): boolean {
  return error instanceof MillraceError && (error.code === 'TASK_FAILED' || error.code === 'WORKER_LOST')
}

function exhausted(stage: Stage, slot: number, specs: readonly TaskSpec[], attempts: number, cause: unknown): MillraceError {
  const where = cause instanceof MillraceError ? cause.where : {}
  const tasks = `Batch ${specs[0]!.batchId}, stage ${stage.stageId}: the tasks of worker ${slot}`
  const message = `${tasks} failed ${attempts} times. First cause: ${messageOf(cause)}`
  return new MillraceError('TASK_FAILED', message,
    { cause, where: { batchId: specs[0]!.batchId, stageId: stage.stageId, ...where } })
}
