/**
 * Runs the tasks of a stage on the executor's slots: keyed tasks on the slot that owns their partition (partition mod slots),
 * tasks without state on the slots with the least work, which share them as they get to them where the executor can
 * offer tasks to several, and else have them dealt. What fails is tried again up to `taskAttempts` times; a slot that lost
 * its state first gets it back: last snapshot, then the retained tasks since.
 * Invariants: one message per slot and stage, or for a stage and those that ride with it, posted at once where the slot is sound;
 * results come back in task order; what fails because a call before it on the slot failed is no failed attempt.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import { byTask, withCallInputs } from '../plan/shuffle-inputs.js'
import type { Stage } from '../plan/stage.js'
import type { TableVersions, TaskExecutor, TaskOffer, TaskResult, TaskSpec } from '../plan/task.js'
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
  readonly tables: TableTracker | null
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

interface SlotFailure {
  readonly slot: number
  readonly error: unknown
}

/** What has failed of tasks so far. */
interface FailedAttempts {
  readonly attempts: number
  readonly firstCause?: unknown
}

const NO_FAILURES: FailedAttempts = { attempts: 0 }

/** What came of tasks that several slots were offered. */
interface OfferOutcome {
  readonly results: readonly TaskResult[]
  /** Those that no result came of. */
  readonly left: readonly PlannedTask[]
  readonly failed: FailedAttempts
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
   * Runs all tasks of a stage, and of those that run in one call with it.
   * @throws MillraceError TASK_FAILED with the first cause, once an attempt too many failed; other errors as they come.
   */
  async runStage(stage: Stage, tasks: readonly PlannedTask[]): Promise<TaskResult[]> {
    const isFree = tasks.length > 1 && !tasks.some(({ isSticky }) => isSticky)
    const offer = isFree ? this.#options.executor.offer(tasks.map(({ spec }) => spec)) : null
    const { results, left, failed } = offer ? await this.#runOffered(stage, tasks, offer)
      : { results: [], left: tasks, failed: NO_FAILURES }
    const groups = assignSlots(left, this.#loads)
    const outcomes = await Promise.allSettled([...groups].map(([slot, group]) => this.#runGroup(stage, slot, group, failed)))
    const rejected = outcomes.find(outcome => outcome.status === 'rejected')
    if (rejected) throw rejected.reason
    return [...results, ...outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? outcome.value : []))]
      .sort(byTask)
  }

  /**
   * Asks for the snapshots that are due, of the state as the calls before leave it. A slot that fails at it is rebuilt before its
   * next task.
   */
  async takeSnapshots(): Promise<void> {
    const { states, executor } = this.#options
    const calls = states.statefulStages.flatMap(stageId =>
      [...bySlot(states.snapshotsDue(stageId), partition => partition % executor.slots)].map(async ([slot, partitions]) => {
        const requests = partitions.map(index => states.requestOf(stageId, index))
        const lane = this.#lanes[slot]!
        if (lane.isStale) return
        try {
          for (const snapshot of await lane.call(() => executor.snapshot(slot, stageId, requests))) states.replaceBy(snapshot)
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

  /**
   * Lets the slots with the least work share tasks. It is over when each has a result, even if a slot has not answered yet that
   * it found none left, or when all slots have answered.
   */
  async #runOffered(stage: Stage, tasks: readonly PlannedTask[], offer: TaskOffer): Promise<OfferOutcome> {
    const { batchId, tables } = tasks[0]!.spec
    const results: TaskResult[] = []
    const failures: SlotFailure[] = []
    const slots = leastLoaded(this.#loads, tasks.length)
    const load = weightOf(tasks) / slots.length
    for (const slot of slots) this.#loads[slot]! += load
    await new Promise<void>((resolve, reject) => {
      const takes = slots.map(async slot => {
        const outcome = await this.#call(slot, tables, () => offer.take(slot))
        if ('error' in outcome) {
          if (outcome.isOwn) failures.push({ slot, error: outcome.error })
          return
        }
        this.#count(slot, batchId, outcome.results)
        if (results.push(...outcome.results) === tasks.length) resolve()
      })
      Promise.all(takes).then(() => resolve(), reject)
      void Promise.allSettled(takes).then(() => offer.close())
    }).finally(() => {
      for (const slot of slots) this.#loads[slot]! -= load
    })
    const done = new Set(results.map(({ taskIndex }) => taskIndex))
    const left = tasks.filter(({ spec }) => !done.has(spec.taskIndex))
    if (left.length === 0 || failures.length === 0) return { results, left, failed: NO_FAILURES }
    const firstCause = failures[0]!.error
    for (const { slot, error } of failures) this.#noteFailure(stage, slot, left.map(({ spec }) => spec), 0, error, firstCause)
    return { results, left, failed: { attempts: 1, firstCause } }
  }

  async #runGroup(
    stage: Stage, slot: number, tasks: readonly PlannedTask[], failed: FailedAttempts,
  ): Promise<readonly TaskResult[]> {
    const load = weightOf(tasks)
    this.#loads[slot]! += load
    try {
      return await this.#attempt(stage, slot, tasks.map(task => task.spec), failed)
    } finally {
      this.#loads[slot]! -= load
    }
  }

  async #attempt(
    stage: Stage, slot: number, specs: readonly TaskSpec[], { attempts, firstCause }: FailedAttempts,
  ): Promise<readonly TaskResult[]> {
    const { states, executor } = this.#options
    for (let attempt = attempts, cause = firstCause; ;) {
      const outcome = await this.#call(slot, specs[0]?.tables, async () => {
        const results = await executor.run(slot, attempt === 0 ? specs : specs.map(spec => ({ ...spec, attempt })))
        // As part of the call: who mends the slot waits for it.
        withCallInputs(specs, results).forEach((spec, i) => states.retain(spec, results[i]!.figures))
        return results
      })
      if ('results' in outcome) {
        this.#count(slot, specs[0]!.batchId, outcome.results)
        return outcome.results
      }
      if (!outcome.isOwn) continue
      cause ??= outcome.error
      this.#noteFailure(stage, slot, specs, attempt++, outcome.error, cause)
    }
  }

  /**
   * Makes a call to a slot as soon as it is sound, and tells of its failure: whether it is the call's own or one of a call
   * before, which this one has failed with.
   * @throws what a call that failed has thrown, if the executor is being closed.
   */
  async #call(
    slot: number, versions: TableVersions | undefined, make: () => Promise<readonly TaskResult[]>,
  ): Promise<{ readonly results: readonly TaskResult[] } | { readonly error: unknown; readonly isOwn: boolean }> {
    const lane = this.#lanes[slot]!
    let isCalled = false
    try {
      while (lane.isStale) await lane.mend(() => this.#rebuild(slot, versions))
      isCalled = true
      return { results: await lane.call(() => this.#withTables(slot, versions, make)) }
    } catch (error) {
      if (this.#isStopped) throw error
      const isOwn = !(isCalled && lane.isStale)
      if (isOwn) this.#reportLoss(slot, error)
      return { error, isOwn }
    }
  }

  /** @throws the error, if it is not worth another attempt; TASK_FAILED after the last one. */
  #noteFailure(
    stage: Stage, slot: number, specs: readonly TaskSpec[], attempt: number, error: unknown, firstCause: unknown,
  ): void {
    const { listener, taskAttempts } = this.#options
    const { batchId } = specs[0]!
    const failedIn = error instanceof MillraceError ? error.where.stageId : undefined
    const stageId = specs.some(spec => spec.stageId === failedIn) ? failedIn! : stage.stageId
    const taskIndexes = specs.flatMap(spec => spec.stageId === stageId ? spec.taskIndex : [])
    listener.post('taskFailed', { batchId, stageId, taskIndexes, slot, attempt, error })
    if (!isRetryable(error)) throw error
    if (attempt + 1 >= taskAttempts) throw exhausted(stage, slot, specs, taskAttempts, firstCause)
  }

  /** Posts tables that the slot lacks and, right behind them, tasks. */
  async #withTables(
    slot: number, versions: TableVersions | undefined, run: () => Promise<readonly TaskResult[]>,
  ): Promise<readonly TaskResult[]> {
    const [, results] = await Promise.all([this.#options.tables?.provide(slot, versions), run()])
    return results
  }

  /**
   * Gives a slot the state of its partitions as of the last task that completed on each. What the tasks put out is dropped, so
   * that the tables which it is joined with may be those of another version.
   */
  async #rebuild(slot: number, versions: TableVersions | undefined): Promise<void> {
    const { executor, states, partitions } = this.#options
    const owned = Array.from({ length: partitions }, (_, index) => index).filter(index => index % executor.slots === slot)
    const lineages = states.statefulStages.map(stageId => owned.map(partitionIndex => states.lineageOf(stageId, partitionIndex)))
    await executor.restore(slot, lineages.flat().map(lineage => lineage.snapshot))
    for (const stage of lineages) {
      const replay = stage.flatMap(lineage => lineage.replay).map(task => versions ? { ...task, tables: versions } : task)
      const dropped = replay.length > 0 ? await this.#withTables(slot, versions, () => executor.run(slot, replay)) : []
      for (const { held } of dropped.flatMap(result => result.shuffles)) held?.letGo()
    }
  }

  #reportLoss(slot: number, error: unknown): void {
    this.#lanes[slot]!.isStale = true
    this.#options.tables?.forget(slot)
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
  return bySlot(tasks, ({ spec, weight, isSticky }) => {
    const slot = isSticky ? spec.partitionIndex % loads.length : current.indexOf(Math.min(...current))
    current[slot]! += weight
    return slot
  })
}

/** At most `count` slots, those with the least work first. */
function leastLoaded(loads: readonly number[], count: number): number[] {
  return [...loads.keys()].sort((a, b) => loads[a]! - loads[b]! || a - b).slice(0, count)
}

function bySlot<T>(items: readonly T[], slotOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const slot = slotOf(item)
    const group = groups.get(slot)
    if (group) group.push(item)
    else groups.set(slot, [item])
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
