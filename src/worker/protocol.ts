/**
 * What a worker can be asked, by call-channel.ts. One coarse message per worker and stage, or for what reads and
 * what merges together; nothing is asked back mid-way.
 * Invariant: methods never throw across the thread border, where an error loses its code: they answer with it.
 */
import { MillraceError, messageOf, type ErrorCode, type ErrorPlace } from '../base/errors.js'
import type { KernelKind } from '../base/platform-port.js'
import type { SnapshotRequest, StateSnapshot, TableContent } from '../plan/task.js'
import type { PostedTask } from './block-transfer.js'
import type { KernelModules } from '../kernel/wasm-kernels.js'
import type { CompiledPlan } from './compiled-plan.js'
import type { PostedRun } from './result-transfer.js'

/** Counts up with every change of this file or of what it posts: a worker file of another build is refused. */
export const PROTOCOL_VERSION = 15

/**
 * The kernels a worker is to run; `modules` null: the twin. They are for shared memory where the worker has a share in a heap.
 */
export interface KernelChoice {
  readonly kind: KernelKind
  readonly modules: KernelModules | null
}

/** A worker's place in the shared heap. */
export interface HeapShare {
  readonly memory: WebAssembly.Memory
  /** Whose the regions are that it takes: no other worker's, dead or alive. */
  readonly owner: number
}

export interface PlainError {
  readonly code: ErrorCode
  readonly message: string
  readonly where: ErrorPlace
}

export type Answer<T> = { readonly value: T } | { readonly error: PlainError }

/** An answer, and the buffers in it that its giver needs no more. */
export interface Reply<T> {
  readonly answer: Answer<T>
  readonly transfer: ArrayBuffer[]
}

export interface WorkerApi {
  /** The handshake. */
  hello(): Reply<number>
  /**
   * Readies the worker for tasks; again: forgets everything before.
   * @param heap null: the kernels get a memory of their own.
   */
  open(plan: CompiledPlan, kernels: KernelChoice, heap: HeapShare | null): Reply<null>
  /**
   * Runs the tasks of a call, in order.
   * @param counter where in the heap the begun ones are counted, since they lie before other workers too; null: all are its own.
   */
  run(tasks: readonly PostedTask[], counter: number | null): Reply<PostedRun>
  snapshot(stageId: number, requests: readonly SnapshotRequest[]): Reply<readonly StateSnapshot[]>
  putTables(tables: readonly TableContent[]): Reply<null>
  restore(snapshots: readonly StateSnapshot[]): Reply<null>
}

/** What a method gives. */
export type ValueOf<M extends keyof WorkerApi> = ReturnType<WorkerApi[M]> extends Reply<infer T> ? T : never

/** What a task threw, as an error of the engine: a trap of a kernel or a lack of memory is a failed task. */
export function taskError(error: unknown, where: ErrorPlace = {}): MillraceError {
  if (error instanceof MillraceError) return new MillraceError(error.code, error.message,
    { cause: error.cause, where: { ...where, ...error.where } })
  return new MillraceError('TASK_FAILED', messageOf(error), { cause: error, where })
}

export function plainError(error: unknown): PlainError {
  const { code, message, where } = taskError(error)
  return { code, message, where }
}

/** The answer's value. @throws MillraceError the error in it. */
export function valueOf<T>(answer: Answer<T>): T {
  if ('value' in answer) return answer.value
  const { code, message, where } = answer.error
  throw new MillraceError(code, message, { where })
}
