/**
 * A task runner that can be trusted after a failure: whatever a task threw, the kernels and their memory are thrown away with
 * it, and `restore` meets a fresh, empty runner. Workers and the inline executor run their tasks through it.
 * Invariant: after a failed call all state is gone, and calls that were made behind it fail too, as the contract of TaskExecutor
 * says.
 */
import { assert, MillraceError } from '../base/errors.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { wasmKernels } from '../kernel/wasm-kernels.js'
import { KernelMemory } from '../kernel/memory.js'
import { HeapFullError, OwnedRegions, ownHeap, SharedHeap } from '../kernel/shared-heap.js'
import { withCallInputs } from '../plan/shuffle-inputs.js'
import type { SnapshotRequest, StateSnapshot, TableContent, TaskResult, TaskSpec } from '../plan/task.js'
import { receiveTasks, type PostedTask } from './block-transfer.js'
import { TaskRoom, type OutputMemory } from './output-memory.js'
import type { CompiledPlan } from './compiled-plan.js'
import { taskError, type HeapShare, type KernelChoice } from './protocol.js'
import { TaskRunner } from './task-runner.js'

/** Makes the twin; null where it was not loaded, since WebAssembly is there. */
export type TwinFactory = (() => KernelSet) | null

export class TaskHost {
  readonly #plan: CompiledPlan
  readonly #kernels: KernelChoice
  readonly #elapsedMs: () => number
  readonly #twin: TwinFactory
  readonly #heap: HeapShare | null
  readonly #room = new TaskRoom()
  readonly #outputs: OutputMemory
  /** Views of the heap, through which posted blocks are read. */
  #heapViews: KernelMemory | null = null
  /** The kernels get a memory of their own from now on. */
  #isHeapFull = false
  /** A call has failed since the last `restore`. */
  #isLost = false
  #runner: TaskRunner | null

  /**
   * @param elapsedMs a monotonic clock; tasks are timed by it.
   * @param heap the heap to work in; null: a memory of its own.
   * @param outputs where tasks write what others read; null: the room that comes with each.
   */
  constructor(
    plan: CompiledPlan, kernels: KernelChoice, elapsedMs: () => number, twin: TwinFactory, heap: HeapShare | null = null,
    outputs: OutputMemory | null = null,
  ) {
    this.#plan = plan
    this.#kernels = kernels
    this.#elapsedMs = elapsedMs
    this.#twin = twin
    this.#heap = heap
    this.#outputs = outputs ?? this.#room
    this.#runner = this.#createRunner()
  }

  /**
   * Runs the tasks of a call, in order; gives what they gave as they are done, some at a time.
   * @throws MillraceError that says where the task belongs.
   */
  *run(tasks: readonly PostedTask[]): Generator<readonly TaskResult[], void, undefined> {
    let received: readonly TaskSpec[] | null = null
    const given: TaskResult[] = []
    for (let done = 0; done < tasks.length; done = given.length) {
      const { batchId, stageId, taskIndex, partitionIndex, room } = tasks[done]!
      this.#room.open(room ? this.#roomAt(room) : null)
      const results = this.#guard(runner => {
        received ??= receiveTasks(tasks, this.#plan, this.#heapViews)
        // Those that read what others write stand behind all of them.
        if (received[done]!.readsShuffle !== undefined) received = withCallInputs(received, given)
        return runner.run(received, done)
      }, { batchId, stageId, taskIndex, partitionIndex })
      given.push(...results)
      yield results
    }
  }

  /** This thread's views of the heap; null where it has no part in one. */
  get heapViews(): KernelMemory | null {
    return this.#heapViews
  }

  snapshot(stageId: number, requests: readonly SnapshotRequest[]): StateSnapshot[] {
    return this.#guard(runner => runner.snapshot(stageId, requests), { stageId })
  }

  putTables(tables: readonly TableContent[]): void {
    this.#guard(runner => runner.putTables(tables), {})
  }

  restore(snapshots: readonly StateSnapshot[]): void {
    this.#isLost = false
    this.#guard(runner => runner.restore(snapshots), {})
  }

  /** All state goes, as if a call had failed. */
  lose(): void {
    this.close()
    this.#isLost = true
  }

  close(): void {
    this.#runner?.close()
    this.#runner = null
  }

  #roomAt([address, bytes]: readonly [number, number]): Uint8Array {
    const heap = this.#heapViews
    assert(heap, 'a task with a room in the heap came to a worker that has no part in it')
    heap.ensure(address + bytes)
    return heap.u8.subarray(address, address + bytes)
  }

  #guard<T>(call: (runner: TaskRunner) => T, where: Parameters<typeof taskError>[1]): T {
    if (this.#isLost) throw taskError(new MillraceError('WORKER_LOST', 'The worker lost its state with a call before.'), where)
    try {
      return call(this.#runner ??= this.#createRunner())
    } catch (error) {
      this.#isLost = true
      // Not closed: after a trap nothing in its memory can be relied on.
      this.#runner = null
      this.#isHeapFull ||= isHeapFull(error)
      throw taskError(error, where)
    }
  }

  #createRunner(): TaskRunner {
    try {
      return new TaskRunner(this.#createKernels(), this.#plan, this.#elapsedMs, this.#outputs)
    } catch (error) {
      if (this.#isHeapFull || !isHeapFull(error)) throw error
      this.#isHeapFull = true
      return this.#createRunner()
    }
  }

  #createKernels(): KernelSet {
    const { kind, modules } = this.#kernels
    if (kind === 'reference' || !modules) {
      assert(this.#twin, 'the twin was chosen but not loaded')
      return this.#twin()
    }
    if (!this.#heap) return wasmKernels(modules, kind)
    const { memory, owner } = this.#heap
    const heap = new SharedHeap(memory)
    // What a runner that failed has left there.
    heap.releaseOwner(owner)
    const set = wasmKernels(modules, kind,
      this.#isHeapFull ? ownHeap() : { memory, regions: views => new OwnedRegions(heap, owner, views) })
    this.#heapViews = this.#isHeapFull ? new KernelMemory(memory) : set.memory
    return set
  }
}

/** Whether that was what ended a task, or the making of a runner. */
function isHeapFull(error: unknown): boolean {
  return error instanceof HeapFullError || (error instanceof Error && error.cause instanceof HeapFullError)
}
