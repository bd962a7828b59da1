/**
 * The executor on the scheduler's own thread, for runtimes without workers and for `workers: 0`. With more slots than one it
 * stands for so many workers, each with kernels and state of its own, that `kill` can take away: that is what tests of
 * failures run on.
 * Invariant: no stretch of work is longer than BUSY_MS and one task; then the host gets its turn, so that a page can paint.
 */
import { assert, MillraceError } from '../base/errors.js'
import type { Clock } from '../base/ports.js'
import { pooledBlockMemory, type BlockMemory } from '../data/block-memory.js'
import { isOn } from '../plan/fast-path.js'
import type {
  Capabilities, ExecutorPlan, SnapshotRequest, StateSnapshot, TableContent, TaskExecutor, TaskOffer, TaskResult, TaskSpec,
} from '../plan/task.js'
import { readyPlan, type ReadyPlan } from './compiled-plan.js'
import type { LoadedKernels } from './kernel-loader.js'
import { TaskPieces } from './output-memory.js'
import type { PageHeap } from './page-heap.js'
import type { HeapShare } from './protocol.js'
import { TaskHost, type TwinFactory } from './task-host.js'

/** Work in one go before the host gets its turn: half a frame of a display at 60 Hz. */
const BUSY_MS = 8

export interface InlineExecutorOptions {
  readonly slots: number
  readonly kernels: LoadedKernels
  readonly twin: TwinFactory
  readonly capabilities: Capabilities
  readonly clock: Clock
  /** Memory of blocks and kernels, so that tasks read blocks where they lie; null: they copy them. */
  readonly heap: PageHeap | null
  readonly yieldToHost: () => Promise<void>
}

export class InlineExecutor implements TaskExecutor {
  readonly slots: number
  readonly capabilities: Capabilities
  readonly memory: BlockMemory
  readonly #options: InlineExecutorOptions
  /** By slot; empty without a heap. */
  readonly #shares: readonly HeapShare[]
  readonly #pieces: TaskPieces
  #hosts: TaskHost[] = []
  readonly #lastCalls: Promise<unknown>[] = []
  readonly #killed = new Set<number>()
  #ready: ReadyPlan | null = null
  #busySinceMs = -Infinity

  constructor(options: InlineExecutorOptions) {
    const { slots, heap } = options
    this.#options = options
    this.slots = slots
    this.memory = heap ?? pooledBlockMemory(false)
    this.#pieces = new TaskPieces(this.memory)
    this.#shares = heap ? Array.from({ length: slots }, () => heap.join()) : []
    this.capabilities = options.capabilities
  }

  async open(given: ExecutorPlan): Promise<void> {
    const ready = await readyPlan(given, this.#options.kernels)
    this.#ready = ready
    this.#hosts = Array.from({ length: this.slots }, (_, slot) => this.#createHost(ready, slot))
  }

  run(slot: number, tasks: readonly TaskSpec[]): Promise<readonly TaskResult[]> {
    return this.#runCalls(slot, [tasks])
  }

  offer(tasks: readonly TaskSpec[]): TaskOffer | null {
    if (this.slots === 1 || !isOn(this.#ready?.plan.fastPaths, 'taskRing')) return null
    // One iterator for all slots: what one has taken no other gets.
    const left = tasks.values()
    return { take: slot => this.#runCalls(slot, singly(left)), close() {} }
  }

  snapshot(slot: number, stageId: number, requests: readonly SnapshotRequest[]): Promise<readonly StateSnapshot[]> {
    return this.#inTurn(slot, () => this.#host(slot).snapshot(stageId, requests))
  }

  putTables(slot: number, tables: readonly TableContent[]): Promise<void> {
    return this.#inTurn(slot, () => this.#host(slot).putTables(tables))
  }

  restore(slot: number, snapshots: readonly StateSnapshot[]): Promise<void> {
    return this.#inTurn(slot, () => this.#host(slot).restore(snapshots))
  }

  async close(): Promise<void> {
    const { heap } = this.#options
    for (const host of this.#hosts) host.close()
    this.#hosts = []
    for (const share of this.#shares) heap?.leave(share)
    heap?.close()
  }

  /**
   * Ends a slot as a dying worker would: its state is gone, and the call that runs, or else the next, is rejected with
   * WORKER_LOST.
   */
  kill(slot: number): void {
    this.#killed.add(slot)
  }

  #createHost({ plan, kernels }: ReadyPlan, slot: number): TaskHost {
    const { clock, twin } = this.#options
    return new TaskHost(plan, kernels, () => clock.elapsedMs(), twin, this.#shares[slot], this.#pieces)
  }

  /** @param calls tasks to be run together, one such after the other. */
  #runCalls(slot: number, calls: Iterable<readonly TaskSpec[]>): Promise<readonly TaskResult[]> {
    return this.#inTurn(slot, async () => {
      const results: TaskResult[] = []
      for (const tasks of calls) {
        const running = this.#host(slot).run(tasks)
        for (let done = 0; done < tasks.length;) {
          await this.#breathe()
          this.#host(slot)
          const ran = running.next().value!
          done += ran.length
          for (const result of ran) {
            const { shuffles } = result
            results.push(shuffles.length > 0 ? { ...result, shuffles: this.#pieces.hold(shuffles) } : result)
          }
        }
      }
      this.#host(slot)
      return results
    })
  }

  /** Calls to one slot follow one another, as a worker's do. */
  #inTurn<T>(slot: number, call: () => T | Promise<T>): Promise<T> {
    const turn = (this.#lastCalls[slot] ?? Promise.resolve()).then(call)
    this.#lastCalls[slot] = turn.catch(() => undefined)
    return turn
  }

  async #breathe(): Promise<void> {
    const { clock, yieldToHost } = this.#options
    if (clock.elapsedMs() - this.#busySinceMs < BUSY_MS) return
    await yieldToHost()
    this.#busySinceMs = clock.elapsedMs()
  }

  #host(slot: number): TaskHost {
    const host = this.#hosts[slot]
    if (!host && this.#ready) throw new MillraceError('WORKER_LOST', 'The executor was closed.')
    assert(host && this.#ready, `slot ${slot} was given work before the executor was opened`)
    if (!this.#killed.delete(slot)) return host
    host.lose()
    throw new MillraceError('WORKER_LOST', `Worker ${slot} was lost: it was killed.`)
  }
}

function* singly<T>(values: Iterable<T>): Generator<readonly [T]> {
  for (const value of values) yield [value]
}
