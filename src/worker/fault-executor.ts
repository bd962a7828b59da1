/**
 * An executor that fails when it is told to: for tests of what the engine does about it.
 * Invariant: a failure comes after the work was done, so that state which the failed attempt has changed is there to do harm.
 */
import { MillraceError } from '../base/errors.js'
import type { BlockMemory } from '../data/block-memory.js'
import type {
  Capabilities, ExecutorPlan, SnapshotRequest, StateSnapshot, TableContent, TaskExecutor, TaskOffer, TaskResult, TaskSpec,
} from '../plan/task.js'

/** Which calls are to fail: those for which it is true. */
export type FaultCondition = (slot: number, tasks: readonly TaskSpec[]) => boolean

interface Fault {
  readonly kind: 'lost' | 'failed'
  readonly when: FaultCondition
  times: number
}

/** An executor whose slots can be made to forget everything. */
export interface KillableExecutor extends TaskExecutor {
  kill(slot: number): void
}

export class FaultExecutor implements TaskExecutor {
  readonly #executor: KillableExecutor
  readonly #faults: Fault[] = []

  constructor(executor: KillableExecutor) {
    this.#executor = executor
  }

  get slots(): number { return this.#executor.slots }
  get capabilities(): Capabilities { return this.#executor.capabilities }
  get memory(): BlockMemory { return this.#executor.memory }

  /** The worker that runs the next `times` calls for which `when` is true dies of each. */
  killWorkers(when: FaultCondition = () => true, times = 1): void {
    this.#faults.push({ kind: 'lost', when, times })
  }

  /** The tasks of the next `times` calls for which `when` is true fail. */
  failTasks(when: FaultCondition = () => true, times = 1): void {
    this.#faults.push({ kind: 'failed', when, times })
  }

  run(slot: number, tasks: readonly TaskSpec[]): Promise<readonly TaskResult[]> {
    return this.#call(slot, tasks, () => this.#executor.run(slot, tasks))
  }

  offer(tasks: readonly TaskSpec[]): TaskOffer | null {
    const offer = this.#executor.offer(tasks)
    return offer && { take: slot => this.#call(slot, tasks, () => offer.take(slot)), close: () => offer.close() }
  }

  async #call(
    slot: number, tasks: readonly TaskSpec[], call: () => Promise<readonly TaskResult[]>,
  ): Promise<readonly TaskResult[]> {
    const fault = this.#faults.find(({ when, times }) => times > 0 && when(slot, tasks))
    if (fault) fault.times--
    const results = await call()
    if (!fault) return results
    if (fault.kind === 'failed') throw new MillraceError('TASK_FAILED', 'The task was made to fail.',
      { where: { stageId: tasks[0]!.stageId } })
    this.#executor.kill(slot)
    await this.#executor.run(slot, [])
    throw new MillraceError('WORKER_LOST', `Worker ${slot} was lost: a call behind met its death.`)
  }

  open(plan: ExecutorPlan): Promise<void> { return this.#executor.open(plan) }
  snapshot(slot: number, stageId: number, requests: readonly SnapshotRequest[]): Promise<readonly StateSnapshot[]> {
    return this.#executor.snapshot(slot, stageId, requests)
  }

  putTables(slot: number, tables: readonly TableContent[]): Promise<void> { return this.#executor.putTables(slot, tables) }
  restore(slot: number, snapshots: readonly StateSnapshot[]): Promise<void> { return this.#executor.restore(slot, snapshots) }
  close(): Promise<void> { return this.#executor.close() }
}
