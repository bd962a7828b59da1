/**
 * What a runtime (browser, Node, a test) supplies to a context: the one thing that entry files wire.
 */
import type { Clock, Storage } from '../base/ports.js'
import type { FastPaths } from './fast-path.js'
import type { Stage } from './stage.js'
import type { TaskExecutor } from './task.js'

export interface ExecutorOptions {
  /** 0 = on the scheduler's thread. */
  readonly workers: number
  /** `auto`: the best that this runtime has. Forced choices are for tests and for pages that need them. */
  readonly kernels: 'auto' | 'simd' | 'scalar' | 'reference'
  readonly blockTransport: 'auto' | 'shared' | 'transfer'
  readonly wasmUrl?: string | URL
  readonly workerUrl?: string | URL
  /** Makes a module worker that runs `millrace/worker`; for pages whose policy refuses the others. */
  readonly createWorker?: () => unknown
  /** All on when left out. */
  readonly fastPaths?: FastPaths
}

export interface Runtime {
  readonly name: string
  readonly clock: Clock
  /** Cores − 1, at least 1, at most 8. */
  defaultWorkers(): number
  /** Where a query logs its batches; null: nowhere. */
  createStorage(): Storage | null
  createExecutor(options: ExecutorOptions): Promise<TaskExecutor>
  /** The vector programs of a stage as text, for `explain`. */
  describePrograms(stage: Stage): string
}
