/**
 * millrace/testing: the engine under a clock that stands still until the test moves it, with workers that fail when the test
 * says so. The workers are stand-ins on the test's own thread, each with kernels and state of its own.
 */
import { ManualClock } from './platform/manual-clock.js'
import { memoryPlatform } from './platform/memory.js'
import type { Runtime } from './plan/runtime.js'
import type { StreamingContextOptions } from './stream/context-options.js'
import { StreamingContext as Context } from './stream/streaming-context.js'
import { FaultExecutor, type FaultCondition } from './worker/fault-executor.js'
import { loadKernels } from './worker/kernel-loader.js'
import { createRuntime, inlineExecutor } from './worker/runtime.js'

export * from './api.js'
export { ManualClock } from './platform/manual-clock.js'
export { MemoryStorage } from './platform/memory-storage.js'
export type { FaultCondition } from './worker/fault-executor.js'

/** What the faults of a context are ordered from; part of {@link StreamingContext}. */
class FaultBoard {
  executor: FaultExecutor | null = null
  readonly #orders: ((executor: FaultExecutor) => void)[] = []

  /** Faults ordered before the start are kept until there is an executor. */
  order(fault: (executor: FaultExecutor) => void): void {
    if (this.executor) fault(this.executor)
    else this.#orders.push(fault)
  }

  attach(executor: FaultExecutor): void {
    this.executor = executor
    for (const fault of this.#orders.splice(0)) fault(executor)
  }
}

export interface TestContextOptions extends StreamingContextOptions {
  /** The clock to run by; a new one at epoch 0 when left out. */
  readonly clock?: ManualClock
}

/**
 * A context for tests. `workers` is the number of stand-ins, 1 when left out.
 * @example
 * const context = new StreamingContext({ batchInterval: '1 s', workers: 2 })
 * context.killWorkers()          // the next worker to run a task dies of it
 * context.clock.advance(1000)    // the batch interval passes
 */
export class StreamingContext extends Context {
  readonly clock: ManualClock
  readonly #faults: FaultBoard

  constructor({ clock = new ManualClock(), workers = 1, ...options }: TestContextOptions = {}) {
    const faults = new FaultBoard()
    super(testRuntime(clock, faults), { ...options, workers: workers === 'auto' ? 1 : workers })
    this.clock = clock
    this.#faults = faults
  }

  /** The worker that runs the next `times` calls for which `when` is true dies of each. */
  killWorkers(when?: FaultCondition, times?: number): void {
    this.#faults.order(executor => executor.killWorkers(when, times))
  }

  /** The tasks of the next `times` calls for which `when` is true fail. */
  failTasks(when?: FaultCondition, times?: number): void {
    this.#faults.order(executor => executor.failTasks(when, times))
  }
}

function testRuntime(clock: ManualClock, faults: FaultBoard): Runtime {
  const platform = memoryPlatform(clock)
  return {
    ...createRuntime(platform),
    async createExecutor(options) {
      const failures: string[] = []
      const kernels = await loadKernels(platform, options, failures)
      const inline = await inlineExecutor(platform, kernels, failures, { slots: Math.max(1, options.workers) })
      const executor = new FaultExecutor(inline)
      faults.attach(executor)
      return executor
    },
  }
}
