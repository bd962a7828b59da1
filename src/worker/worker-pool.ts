/**
 * The executor over real workers. A worker that ends, or throws outside of a task, is replaced by a new, empty one; the calls
 * it had are rejected with WORKER_LOST once the new one stands, and so are all to the new one until `restore`.
 * Invariant: a call settles whatever becomes of the worker; nothing is kept here that a new worker could miss but its plan and
 * kernels.
 */
import { assert, MillraceError, messageOf } from '../base/errors.js'
import type {
  Capabilities, ExecutorPlan, SnapshotRequest, StateSnapshot, TableContent, TaskExecutor, TaskOffer, TaskResult, TaskSpec,
} from '../plan/task.js'
import { pooledBlockMemory, type BlockMemory } from '../data/block-memory.js'
import { isOn } from '../plan/fast-path.js'
import { postSnapshots, postTables, postTasks } from './block-transfer.js'
import { readyPlan, type ReadyPlan } from './compiled-plan.js'
import type { HeapOffer } from './heap-offer.js'
import type { LoadedKernels } from './kernel-loader.js'
import type { PageHeap } from './page-heap.js'
import { valueOf, type Answer, type HeapShare, type ValueOf, type WorkerApi } from './protocol.js'
import { receiveResult } from './result-transfer.js'
import { TransferBuffers } from './transfer-buffers.js'
import type { StartedWorker } from './worker-starter.js'

export interface WorkerPoolOptions {
  /** Started workers that have answered the handshake, at least one. */
  readonly workers: readonly StartedWorker[]
  /** Starts one more, up to its handshake. */
  readonly startWorker: () => Promise<StartedWorker>
  readonly kernels: LoadedKernels
  readonly capabilities: Capabilities
  readonly isShared: boolean
  /** The memory of page and workers; null: each worker has its own. */
  readonly heap: PageHeap | null
}

interface PooledWorker extends StartedWorker {
  /** Called with the reason when the worker is lost: one per call in flight. */
  readonly pending: Set<(reason: string) => void>
  lostReason: string | null
  /** It stands in another's place and has not got its state yet: calls that were meant for the other must not reach it. */
  awaitsState: boolean
  readonly heapShare: HeapShare | null
}

export class WorkerPool implements TaskExecutor {
  readonly slots: number
  readonly capabilities: Capabilities
  readonly memory: BlockMemory
  readonly #options: WorkerPoolOptions
  readonly #workers: PooledWorker[]
  readonly #buffers = new TransferBuffers()
  readonly #replacements = new Map<number, Promise<void>>()
  #ready: ReadyPlan | null = null
  #isClosed = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.#workers = options.workers.map(worker => this.#poolWorker(worker, false))
    this.slots = options.workers.length
    this.capabilities = options.capabilities
    this.memory = options.heap ?? pooledBlockMemory(options.isShared)
  }

  async open(given: ExecutorPlan): Promise<void> {
    const ready = await readyPlan(given, this.#options.kernels)
    this.#ready = ready
    await Promise.all(this.#workers.map((_, slot) => this.#openWorker(slot, ready)))
  }

  async run(slot: number, tasks: readonly TaskSpec[]): Promise<readonly TaskResult[]> {
    const worker = this.#workers[slot]
    const { heap } = this.#options
    const rooms = heap?.rooms.take(tasks) ?? []
    try {
      const posting = postTasks(tasks, { heap, rooms, buffers: this.#buffers })
      const { results, buffers } = await this.#call(slot, 'run', [posting.message, null], posting.transfer)
      this.#buffers.giveBack(buffers)
      return heap ? heap.rooms.receive(results, rooms) : results.map(result => receiveResult(result, null))
    } catch (error) {
      // A thread that still runs still writes.
      const hasEnded = worker?.lostReason ? worker.port.hasEnded() : Promise.resolve()
      void hasEnded.then(() => heap?.rooms.giveBack(rooms))
      throw error
    }
  }

  offer(tasks: readonly TaskSpec[]): TaskOffer | null {
    const { heap } = this.#options
    if (!heap || this.slots === 1 || !isOn(this.#ready?.plan.fastPaths, 'taskRing')) return null
    const offer = heap.offer(tasks)
    return offer && { take: slot => this.#take(slot, offer), close: () => void offer.close() }
  }

  async #take(slot: number, offer: HeapOffer): Promise<readonly TaskResult[]> {
    const worker = this.#workers[slot]
    try {
      const { results } = await this.#call(slot, 'run', [offer.message, offer.counter])
      return offer.receive(results)
    } catch (error) {
      if (worker?.lostReason) offer.waitFor(worker.port.hasEnded())
      throw error
    }
  }

  async snapshot(slot: number, stageId: number, requests: readonly SnapshotRequest[]): Promise<readonly StateSnapshot[]> {
    return this.#call(slot, 'snapshot', [stageId, requests])
  }

  async putTables(slot: number, tables: readonly TableContent[]): Promise<void> {
    const posting = postTables(tables)
    await this.#call(slot, 'putTables', [posting.message], posting.transfer)
  }

  async restore(slot: number, snapshots: readonly StateSnapshot[]): Promise<void> {
    this.#workers[slot]!.awaitsState = false
    const posting = postSnapshots(snapshots)
    await this.#call(slot, 'restore', [posting.message], posting.transfer)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const worker of this.#workers) {
      worker.port.terminate()
      lose(worker, 'the executor was closed')
    }
    await Promise.allSettled(this.#replacements.values())
    this.#options.heap?.close()
  }

  async #openWorker(slot: number, { plan, kernels }: ReadyPlan): Promise<void> {
    const worker = this.#workers[slot]
    try {
      await this.#call(slot, 'open', [plan, kernels, worker!.heapShare])
    } catch (error) {
      // Its replacement was opened before it took the place.
      if (this.#workers[slot] === worker || this.#isClosed) throw error
    }
  }

  async #call<M extends keyof WorkerApi>(
    slot: number, method: M, args: Parameters<WorkerApi[M]>, transfer: Transferable[] = [],
  ): Promise<ValueOf<M>> {
    const worker = this.#workers[slot]
    assert(worker, `there is no worker ${slot} of ${this.slots}`)
    if (worker.awaitsState) throw new MillraceError('WORKER_LOST', `Worker ${slot} was lost; the new one has no state yet.`)
    const outcome = worker.lostReason === null ? await settle(worker, method, args, transfer) : { lost: worker.lostReason }
    if ('answer' in outcome) return valueOf(outcome.answer)
    if (!this.#isClosed) await this.#replace(slot, worker)
    throw new MillraceError('WORKER_LOST', `Worker ${slot} was lost: ${outcome.lost}.`)
  }

  /** Calls that were in flight together wait for one replacement. */
  #replace(slot: number, lost: PooledWorker): Promise<void> {
    if (this.#workers[slot] !== lost) return Promise.resolve()
    let replacement = this.#replacements.get(slot)
    if (!replacement) {
      replacement = this.#startReplacement(slot, lost).finally(() => this.#replacements.delete(slot))
      this.#replacements.set(slot, replacement)
    }
    return replacement
  }

  async #startReplacement(slot: number, lost: PooledWorker): Promise<void> {
    lost.port.terminate()
    // Only then: a thread that still runs still writes.
    if (lost.heapShare) void lost.port.hasEnded().then(() => this.#options.heap?.leave(lost.heapShare!))
    try {
      const worker = this.#poolWorker(await this.#options.startWorker(), true)
      if (this.#isClosed) return worker.port.terminate()
      if (this.#ready) {
        const { plan, kernels } = this.#ready
        const opened = await settle(worker, 'open', [plan, kernels, worker.heapShare])
        if ('lost' in opened) throw new Error(opened.lost)
        valueOf(opened.answer)
      }
      this.#workers[slot] = worker
      if (this.#isClosed) worker.port.terminate()
    } catch (error) {
      // The lost one stays in its place, so that the next attempt tries again to replace it.
      throw new MillraceError('WORKER_LOST',
        `Worker ${slot} was lost (${lost.lostReason}) and could not be replaced: ${messageOf(error)}.`, { cause: error })
    }
  }

  #poolWorker(started: StartedWorker, awaitsState: boolean): PooledWorker {
    const worker: PooledWorker = { ...started, pending: new Set(), lostReason: null, awaitsState,
      heapShare: this.#options.heap?.join() ?? null }
    started.port.onLost(reason => lose(worker, reason))
    return worker
  }
}

function lose(worker: PooledWorker, reason: string): void {
  worker.lostReason ??= reason
  for (const reject of worker.pending) reject(worker.lostReason)
  worker.pending.clear()
}

function settle<M extends keyof WorkerApi>(
  worker: PooledWorker, method: M, args: Parameters<WorkerApi[M]>, transfer: Transferable[] = [],
): Promise<{ answer: Answer<ValueOf<M>> } | { lost: string }> {
  return new Promise((resolve, reject) => {
    const onLost = (lost: string): void => resolve({ lost })
    worker.pending.add(onLost)
    worker.calls.call(method, args, transfer)
      .then(answer => resolve({ answer }), reject)
      .finally(() => worker.pending.delete(onLost))
  })
}
