/**
 * Runs the tasks of a worker: a task's inputs become columns, its stage's branches run over them, and what they give leaves
 * as blocks. Holds the state of the partitions that live on this worker. Synchronous; used by workers and by the inline
 * executor alike.
 * Invariants: a task's result depends on its spec and its partition's state alone; when it ends, the arena holds what it held
 * before plus what the state grew by. After an error the runner must be thrown away.
 */
import { assert } from '../base/errors.js'
import { sliceWeight } from '../data/block-slice.js'
import { aggregateLayout } from '../kernel/aggregate-layout.js'
import { ArenaScope } from '../kernel/arena.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { TextTable } from '../kernel/text-table.js'
import { isOn } from '../plan/fast-path.js'
import { isStateful, type Stage } from '../plan/stage.js'
import type { SnapshotRequest, StateSnapshot, TableContent, TaskResult, TaskSpec } from '../plan/task.js'
import { ColumnarStateStore } from '../state/columnar-state-store.js'
import type { CompiledPlan } from './compiled-plan.js'
import { FRESH_MEMORY, type OutputMemory } from './output-memory.js'
import { taskError } from './protocol.js'
import { StageRunner } from './stage-runner.js'
import type { KeyedTask } from './task-input.js'
import { WorkerTables } from './worker-tables.js'

/** Rows that come in and that are kept, of tasks that run together at most: a host that has other work gets its turn in time. */
const TOGETHER_ROWS_MAX = 65_536

export class TaskRunner {
  readonly #set: KernelSet
  readonly #plan: CompiledPlan
  readonly #elapsedMs: () => number
  readonly #outputs: OutputMemory
  /** The text of the task at work. */
  readonly #text: TextTable
  readonly #tables: WorkerTables
  readonly #stages = new Map<number, StageRunner>()
  /** By stage, then by partition. */
  readonly #stores = new Map<number, ColumnarStateStore[]>()

  /**
   * @param elapsedMs what `figures.runMs` is measured by; left out, it is 0.
   * @param outputs where tasks write what others read.
   */
  constructor(
    set: KernelSet, plan: CompiledPlan, elapsedMs: () => number = () => 0, outputs: OutputMemory = FRESH_MEMORY,
  ) {
    this.#set = set
    this.#plan = plan
    this.#elapsedMs = elapsedMs
    this.#outputs = outputs
    this.#text = new TextTable(set)
    this.#tables = new WorkerTables(set, plan)
  }

  /**
   * Runs the next of some tasks, from `first` on: one, or several that merge groups, together.
   * @returns a result for each that was run.
   * @throws MillraceError that says where the task belongs: BAD input never throws, a trapping kernel is TASK_FAILED.
   */
  run(tasks: readonly TaskSpec[], first = 0): readonly TaskResult[] {
    const task = tasks[first]!
    const { batchId, stageId, taskIndex, partitionIndex } = task
    try {
      if (task.tables) this.#tables.require(task.tables)
      const stage = this.#stage(stageId)
      stage.prepare()
      const parts = isStateful(stage.stage) ? this.#together(stage, tasks, first) : []
      // Of what may grow in a task and stays: the tables' room.
      const before = this.#set.arena.usedBytes - this.#text.usedBytes - bytesOf(parts)
      const scope = new ArenaScope(this.#set.arena)
      const results = parts.length > 1 ? stage.runTogether(scope, parts, this.#elapsedMs)
        : [stage.run(scope, task, parts[0]?.store ?? null, this.#elapsedMs)]
      scope.release()
      if (isOn(this.#plan.fastPaths, 'keptText')) this.#text.endTask()
      else this.#text.reset()
      const after = this.#set.arena.usedBytes - this.#text.usedBytes - results[0]!.figures.stateBytes
      assert(before === after, `a task left ${after - before} bytes of kernel memory behind`)
      return results
    } catch (error) {
      throw taskError(error, { batchId, stageId, taskIndex, partitionIndex })
    }
  }

  /** The state of partitions of a stateful stage as they stand: the panes that have changed since a version. */
  snapshot(stageId: number, requests: readonly SnapshotRequest[]): StateSnapshot[] {
    const { stage } = this.#stage(stageId)
    return requests.map(({ partitionIndex, sinceVersion }) => {
      const store = this.#store(stage, partitionIndex)
      return { stageId, partitionIndex, version: store.version, panes: store.snapshot(sinceVersion) }
    })
  }

  /** Takes tables in the version that the next tasks name. */
  putTables(tables: readonly TableContent[]): void {
    for (const table of tables) this.#tables.put(table)
  }

  /** Replaces the state of those partitions. */
  restore(snapshots: readonly StateSnapshot[]): void {
    for (const { stageId, partitionIndex, version, panes } of snapshots) {
      this.#store(this.#stage(stageId).stage, partitionIndex).restore(version, panes)
    }
  }

  /** Gives all memory back; the runner cannot be used any more. */
  close(): void {
    for (const stores of this.#stores.values()) stores.forEach(store => store.free())
    for (const stage of this.#stages.values()) stage.free()
    this.#stores.clear()
    this.#stages.clear()
    this.#tables.free()
    this.#text.free()
  }

  #stage(stageId: number): StageRunner {
    let runner = this.#stages.get(stageId)
    if (!runner) {
      const stage = this.#plan.plan.stages[stageId]
      assert(stage, `the plan has no stage ${stageId}`)
      this.#stages.set(stageId, runner = new StageRunner(this.#set, this.#plan, stage,
        { text: this.#text, tables: this.#tables, outputs: this.#outputs }))
    }
    return runner
  }

  #store(stage: Stage, partitionIndex: number): ColumnarStateStore {
    assert(isStateful(stage) && stage.input.kind === 'aggregate', `stage ${stage.stageId} has no state`)
    let stores = this.#stores.get(stage.stageId)
    if (!stores) this.#stores.set(stage.stageId, stores = [])
    return stores[partitionIndex] ??= new ColumnarStateStore(this.#set, aggregateLayout(stage.input.aggregate))
  }

  /** The keyed tasks that are run next. */
  #together(stage: StageRunner, tasks: readonly TaskSpec[], first: number): KeyedTask[] {
    const parts: KeyedTask[] = []
    let rows = 0
    for (let i = first; i < tasks.length; i++) {
      const task = tasks[i]!
      if (task.stageId !== stage.stage.stageId) break
      const store = this.#store(stage.stage, task.partitionIndex)
      rows += task.inputs.reduce((sum, slice) => sum + sliceWeight(slice), store.numRows)
      if (i > first && (rows > TOGETHER_ROWS_MAX || !stage.runsTogether || task.batchId !== tasks[first]!.batchId)) break
      parts.push({ task, store })
    }
    return parts
  }
}

function bytesOf(parts: readonly KeyedTask[]): number {
  return parts.reduce((bytes, { store }) => bytes + store.usedBytes, 0)
}
