/**
 * The worker's side of the protocol: takes tasks, runs them, answers with their results, whose blocks are transferred.
 * Invariant: it knows nothing of where it runs; src/worker.ts and src/worker.node.ts put it behind a port.
 */
import { transfer } from 'comlink'
import type { Block } from '../data/block.js'
import { transferList } from '../data/wire.js'
import type { StateSnapshot, TableContent, TaskResult } from '../plan/task.js'
import type { PostedTask } from './block-transfer.js'
import type { CompiledPlan } from './compiled-plan.js'
import { plainError, PROTOCOL_VERSION, type Answer, type HeapShare, type KernelChoice, type WorkerApi } from './protocol.js'
import type { RunReply } from './run-channel.js'
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

  async hello(): Promise<number> {
    return PROTOCOL_VERSION
  }

  async open(plan: CompiledPlan, kernels: KernelChoice, heap: HeapShare | null): Promise<Answer<null>> {
    return answer(() => {
      this.#host?.close()
      this.#host = new TaskHost(plan, kernels, this.#elapsedMs, this.#twin, heap)
      return null
    })
  }

  /** Runs tasks of one stage; answers at once. Not for comlink: see run-channel.ts. */
  run(tasks: readonly PostedTask[]): RunReply {
    try {
      const value = tasks.map(task => this.#open.run(task))
      return { answer: { value }, transfer: buffersOf(value.flatMap(({ results, shuffles }): Block[] =>
        [...results, ...shuffles].map(({ block }) => block))) }
    } catch (error) {
      return { answer: { error: plainError(error) }, transfer: [] }
    }
  }

  async snapshot(stageId: number, partitions: readonly number[]): Promise<Answer<readonly StateSnapshot[]>> {
    return answer(() => this.#open.snapshot(stageId, partitions), snapshots => snapshots.flatMap(({ block }) => block ?? []))
  }

  async putTables(tables: readonly TableContent[]): Promise<Answer<null>> {
    return answer(() => {
      this.#open.putTables(tables)
      return null
    })
  }

  async restore(snapshots: readonly StateSnapshot[]): Promise<Answer<null>> {
    return answer(() => {
      this.#open.restore(snapshots)
      return null
    })
  }

  get #open(): TaskHost {
    if (!this.#host) throw new Error('the worker was given work before it was opened')
    return this.#host
  }
}

/** @param blocksOf blocks in the value that nobody here needs any more. */
function answer<T>(call: () => T, blocksOf: (value: T) => readonly Block[] = () => []): Answer<T> {
  try {
    const value = call()
    return transfer({ value }, buffersOf(blocksOf(value)))
  } catch (error) {
    return { error: plainError(error) }
  }
}

function buffersOf(blocks: readonly Block[]): ArrayBuffer[] {
  return [...new Set(blocks.flatMap(transferList))]
}
