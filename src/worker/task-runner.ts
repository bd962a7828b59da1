/**
 * Runs the tasks of a worker: a task's inputs become columns, its stage's branches run over them, and what they give leaves
 * as blocks. Holds the state of the partitions that live on this worker. Synchronous; used by workers and by the inline
 * executor alike.
 * Invariants: a task's result depends on its spec and its partition's state alone; when it ends, the arena holds what it held
 * before plus what the state grew by. After an error the runner must be thrown away.
 */
import { assert } from '../base/errors.js'
import { aggregateLayout } from '../kernel/aggregate-layout.js'
import { ArenaScope } from '../kernel/arena.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { TextTable } from '../kernel/text-table.js'
import { isStateful, type Stage } from '../plan/stage.js'
import type { StateSnapshot, TableContent, TaskResult, TaskSpec } from '../plan/task.js'
import { ColumnarStateStore } from '../state/columnar-state-store.js'
import type { CompiledPlan } from './compiled-plan.js'
import { FRESH_MEMORY, type OutputMemory } from './output-memory.js'
import { taskError } from './protocol.js'
import { StageRunner } from './stage-runner.js'
import { WorkerTables } from './worker-tables.js'

export class TaskRunner {
  readonly #set: KernelSet
  readonly #plan: CompiledPlan
  readonly #elapsedMs: () => number
  readonly #outputs: OutputMemory
  /** The text of the task at work. */
  readonly #text: TextTable
  readonly #tables: WorkerTables
  readonly #stages = new Map<number, StageRunner>()
  /** By `stageId/partitionIndex`. */
  readonly #stores = new Map<string, ColumnarStateStore>()

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
    this.#tables = new WorkerTables(set, plan.plan)
  }

  /** @throws MillraceError that says where the task belongs: BAD input never throws, a trapping kernel is TASK_FAILED. */
  run(task: TaskSpec): TaskResult {
    const { batchId, stageId, taskIndex, partitionIndex } = task
    try {
      if (task.tables) this.#tables.require(task.tables)
      const stage = this.#stage(stageId)
      stage.prepare()
      const store = isStateful(stage.stage) ? this.#store(stage.stage, partitionIndex) : null
      const before = this.#set.arena.usedBytes - this.#lastingBytes(store)
      const scope = new ArenaScope(this.#set.arena)
      const result = stage.run(scope, task, store, this.#elapsedMs)
      scope.release()
      this.#text.reset()
      const after = this.#set.arena.usedBytes - this.#lastingBytes(store)
      assert(before === after, `a task left ${after - before} bytes of kernel memory behind`)
      return result
    } catch (error) {
      throw taskError(error, { batchId, stageId, taskIndex, partitionIndex })
    }
  }

  /** The state of partitions of a stateful stage as they stand. */
  snapshot(stageId: number, partitions: readonly number[]): StateSnapshot[] {
    const { stage } = this.#stage(stageId)
    return partitions.map(partitionIndex => {
      const store = this.#store(stage, partitionIndex)
      return { stageId, partitionIndex, version: store.version, block: store.snapshot() }
    })
  }

  /** Takes tables in the version that the next tasks name. */
  putTables(tables: readonly TableContent[]): void {
    for (const table of tables) this.#tables.put(table)
  }

  /** Replaces the state of those partitions. */
  restore(snapshots: readonly StateSnapshot[]): void {
    for (const { stageId, partitionIndex, version, block } of snapshots) {
      this.#store(this.#stage(stageId).stage, partitionIndex).restore(version, block)
    }
  }

  /** Gives all memory back; the runner cannot be used any more. */
  close(): void {
    for (const store of this.#stores.values()) store.free()
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
    const key = `${stage.stageId}/${partitionIndex}`
    let store = this.#stores.get(key)
    if (!store) this.#stores.set(key, store = new ColumnarStateStore(this.#set, aggregateLayout(stage.input.aggregate)))
    return store
  }

  /** Bytes of what may grow in a task and stays: the tables' room. */
  #lastingBytes(store: ColumnarStateStore | null): number {
    return this.#text.usedBytes + (store?.usedBytes ?? 0)
  }
}
