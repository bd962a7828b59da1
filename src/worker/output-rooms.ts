/**
 * The page's side of what workers write for other tasks: gives each task a room in the heap, as large as those before it have
 * needed, and makes blocks of what comes back. What found no room comes in buffers of its own.
 * Invariant: a room has one writer, and is given back when nobody holds a block in it and its writer has answered or ended.
 */
import type { GroupsBlock } from '../data/block.js'
import type { TaskResult, TaskSpec } from '../plan/task.js'
import { holdShuffles } from './output-memory.js'
import type { PageHeap } from './page-heap.js'
import { receiveResult, type PostedResult } from './result-transfer.js'

/** Of what a task needs, so that most that need somewhat more find room. */
const SPARE_SHARE = 0.25
/** What is remembered of a need that has gone, from one call to the next. */
const MEMORY_SHARE = 0.75

export class OutputRooms {
  readonly #heap: PageHeap
  /** By stage: bytes that a task of it writes. */
  readonly #needs = new Map<number, number>()

  constructor(heap: PageHeap) {
    this.#heap = heap
  }

  /** A room for each task, or null. */
  take(tasks: readonly TaskSpec[]): (Uint8Array | null)[] {
    return tasks.map(({ stageId }) => {
      const need = this.#needs.get(stageId) ?? 0
      if (need === 0) return null
      const room = this.#heap.allocate(need * (1 + SPARE_SHARE))
      if (this.#heap.views.addressOf(room) !== null) return room
      this.#heap.release(room)
      return null
    })
  }

  /** What the tasks gave; blocks in the rooms hold them. */
  receive(results: readonly PostedResult[], rooms: readonly (Uint8Array | null)[]): TaskResult[] {
    const needs = new Map<number, number>()
    const received = results.map((posted, i) => {
      const result = receiveResult(posted, this.#heap.views)
      const room = rooms[i]
      if (!room && result.shuffles.length === 0) return result
      let bytes = 0
      for (const { block } of result.shuffles) if (block.kind === 'groups') bytes += block.bytes.length
      needs.set(result.stageId, Math.max(needs.get(result.stageId) ?? 0, bytes))
      if (!room) return result
      const isThere = ({ bytes }: GroupsBlock): boolean => this.#heap.views.addressOf(bytes) !== null
      return { ...result, shuffles: holdShuffles(result.shuffles, this.#heap, [room], isThere) }
    })
    for (const [stageId, need] of needs) {
      const before = this.#needs.get(stageId) ?? 0
      this.#needs.set(stageId, Math.max(need, Math.floor(before * MEMORY_SHARE)))
    }
    return received
  }

  /** Gives back rooms that nobody has written to, or will. */
  giveBack(rooms: readonly (Uint8Array | null)[]): void {
    for (const room of rooms) if (room) this.#heap.release(room)
  }
}
