/**
 * The worker's side of the protocol: takes tasks, runs them, answers with their results, whose blocks are transferred.
 * Invariant: it knows nothing of where it runs; src/worker.ts and src/worker.node.ts put it behind a port.
 */
import { assert } from '../base/errors.js'
import { transferList } from '../data/wire.js'
import type { SnapshotRequest, StateSnapshot, TableContent } from '../plan/task.js'
import { inputBuffers, type PostedTask } from './block-transfer.js'
import type { CompiledPlan } from './compiled-plan.js'
import { plainError, PROTOCOL_VERSION, type HeapShare, type KernelChoice, type Reply, type WorkerApi } from './protocol.js'
import { blocksOf, postResult, type PostedResult, type PostedRun } from './result-transfer.js'
import { claimTasks } from './task-claims.js'
import { TaskHost, type TwinFactory } from './task-host.js'

export class WorkerHost implements WorkerApi {
  readonly #elapsedMs: () => number
  readonly #twin: TwinFactory
  #host: TaskHost | null = null

  /** @param elapsedMs the worker's own monotonic clock. */
  constructor(elapsedMs: () => number, twin: TwinFactory = null) {
    this.#elapsedMs = elapsedMs
    this.#twin = twin
  }

  hello(): Reply<number> {
    return reply(() => PROTOCOL_VERSION)
  }

  open(plan: CompiledPlan, kernels: KernelChoice, heap: HeapShare | null): Reply<null> {
    return reply(() => {
      this.#host?.close()
      this.#host = new TaskHost(plan, kernels, this.#elapsedMs, this.#twin, heap)
      return null
    })
  }

  run(tasks: readonly PostedTask[], counter: number | null): Reply<PostedRun> {
    return reply(() => {
      const host = this.#open
      const { heapViews } = host
      assert(counter === null || heapViews, 'tasks that several workers share came to one that has no part in the heap')
      const calls = counter === null || !heapViews ? [tasks] : claimTasks(tasks, heapViews, counter)
      const results: PostedResult[] = []
      for (const call of calls) {
        for (const ran of host.run(call)) for (const result of ran) results.push(postResult(result, host.heapViews))
      }
      return { results, buffers: inputBuffers(tasks) }
    }, ({ results, buffers }) => [...results.flatMap(blocksOf).flatMap(transferList), ...buffers])
  }

  snapshot(stageId: number, requests: readonly SnapshotRequest[]): Reply<readonly StateSnapshot[]> {
    return reply(() => this.#open.snapshot(stageId, requests),
      snapshots => snapshots.flatMap(({ panes }) => panes.flatMap(({ block }) => block ? transferList(block) : [])))
  }

  putTables(tables: readonly TableContent[]): Reply<null> {
    return reply(() => {
      this.#open.putTables(tables)
      return null
    })
  }

  restore(snapshots: readonly StateSnapshot[]): Reply<null> {
    return reply(() => {
      this.#open.restore(snapshots)
      return null
    })
  }

  get #open(): TaskHost {
    if (!this.#host) throw new Error('the worker was given work before it was opened')
    return this.#host
  }
}

/** @param buffersOf buffers in the value that nobody here needs any more. */
function reply<T>(call: () => T, buffersOf: (value: T) => readonly ArrayBuffer[] = () => []): Reply<T> {
  try {
    const value = call()
    return { answer: { value }, transfer: [...new Set(buffersOf(value))] }
  } catch (error) {
    return { answer: { error: plainError(error) }, transfer: [] }
  }
}
