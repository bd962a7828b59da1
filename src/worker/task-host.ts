/**
 * A task runner that can be trusted after a failure: whatever a task threw, the kernels and their memory are thrown away with
 * it, and the next call meets a fresh, empty runner. Workers and the inline executor run their tasks through it.
 * Invariant: after a failed `run` all state is gone, as the contract of TaskExecutor says.
 */
import { assert } from '../base/errors.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { wasmKernels } from '../kernel/wasm-kernels.js'
import type { ExecutorPlan, StateSnapshot, TableContent, TaskResult, TaskSpec } from '../plan/task.js'
import { taskError, type KernelChoice } from './protocol.js'
import { TaskRunner } from './task-runner.js'

/** Makes the twin; null where it was not loaded, since WebAssembly is there. */
export type TwinFactory = (() => KernelSet) | null

export class TaskHost {
  readonly #plan: ExecutorPlan
  readonly #kernels: KernelChoice
  readonly #elapsedMs: () => number
  readonly #twin: TwinFactory
  #runner: TaskRunner | null

  /** @param elapsedMs a monotonic clock; tasks are timed by it. */
  constructor(plan: ExecutorPlan, kernels: KernelChoice, elapsedMs: () => number, twin: TwinFactory) {
    this.#plan = plan
    this.#kernels = kernels
    this.#elapsedMs = elapsedMs
    this.#twin = twin
    this.#runner = this.#createRunner()
  }

  /** @throws MillraceError that says where the task belongs. */
  run(task: TaskSpec): TaskResult {
    const { batchId, stageId, taskIndex, partitionIndex } = task
    return this.#guard(runner => runner.run(task), { batchId, stageId, taskIndex, partitionIndex })
  }

  snapshot(stageId: number, partitions: readonly number[]): StateSnapshot[] {
    return this.#guard(runner => runner.snapshot(stageId, partitions), { stageId })
  }

  putTables(tables: readonly TableContent[]): void {
    this.#guard(runner => runner.putTables(tables), {})
  }

  restore(snapshots: readonly StateSnapshot[]): void {
    this.#guard(runner => runner.restore(snapshots), {})
  }

  close(): void {
    this.#runner?.close()
    this.#runner = null
  }

  #guard<T>(call: (runner: TaskRunner) => T, where: Parameters<typeof taskError>[1]): T {
    try {
      return call(this.#runner ??= this.#createRunner())
    } catch (error) {
      // Not closed: after a trap nothing in its memory can be relied on.
      this.#runner = null
      throw taskError(error, where)
    }
  }

  #createRunner(): TaskRunner {
    return new TaskRunner(kernelSetOf(this.#kernels, this.#twin), this.#plan, this.#elapsedMs)
  }
}

function kernelSetOf({ kind, module }: KernelChoice, twin: TwinFactory): KernelSet {
  if (kind !== 'reference' && module) return wasmKernels(module, kind)
  assert(twin, 'the twin was chosen but not loaded')
  return twin()
}
