/**
 * The page's side of tasks that lie before all workers: one message for all of them, a counter in the heap by which they tell
 * what is begun, and a room for each task, whoever runs it.
 * Invariant: counter and rooms are given back once every worker that was asked has answered or ended.
 */
import type { TaskResult, TaskSpec } from '../plan/task.js'
import { postTasks, type PostedTask } from './block-transfer.js'
import type { PageHeap } from './page-heap.js'
import type { PostedResult } from './result-transfer.js'
import { COUNTER_BYTES, resetCounter } from './task-claims.js'

export class HeapOffer {
  readonly message: readonly PostedTask[]
  /** Address of the counter. */
  readonly counter: number
  readonly #heap: PageHeap
  readonly #counterPiece: Uint8Array
  /** By task: its room, until a result has come in it. */
  readonly #rooms: Map<number, Uint8Array | null>
  /** The ends of workers that were lost. */
  readonly #ends: Promise<void>[] = []

  private constructor(
    message: readonly PostedTask[], heap: PageHeap, counterPiece: Uint8Array, rooms: Map<number, Uint8Array | null>,
  ) {
    this.message = message
    this.counter = counterPiece.byteOffset
    this.#heap = heap
    this.#counterPiece = counterPiece
    this.#rooms = rooms
    resetCounter(heap.views, this.counter)
  }

  /** Null where one of the tasks reads what not all workers can, or the heap is full. */
  static make(tasks: readonly TaskSpec[], heap: PageHeap): HeapOffer | null {
    const counterPiece = heap.allocate(COUNTER_BYTES)
    const rooms = heap.rooms.take(tasks)
    const { message, transfer } = postTasks(tasks, { heap, rooms })
    if (transfer.length === 0 && heap.views.addressOf(counterPiece) !== null) {
      return new HeapOffer(message, heap, counterPiece, new Map(tasks.map(({ taskIndex }, i) => [taskIndex, rooms[i] ?? null])))
    }
    heap.release(counterPiece)
    heap.rooms.giveBack(rooms)
    return null
  }

  /** What a worker gave. */
  receive(results: readonly PostedResult[]): TaskResult[] {
    const rooms = results.map(([, , taskIndex]) => this.#rooms.get(taskIndex) ?? null)
    for (const [, , taskIndex] of results) this.#rooms.delete(taskIndex)
    return this.#heap.rooms.receive(results, rooms)
  }

  /** A worker was lost; it may still write until then. */
  waitFor(end: Promise<void>): void {
    this.#ends.push(end)
  }

  async close(): Promise<void> {
    await Promise.all(this.#ends)
    this.#heap.release(this.#counterPiece)
    this.#heap.rooms.giveBack([...this.#rooms.values()])
  }
}
