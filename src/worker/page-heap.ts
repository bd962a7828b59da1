/**
 * The page's side of the shared heap: makes it, gives each worker its share, and keeps the blocks there, which tasks read where
 * they lie. A chunk of its own: pages that share no memory never load it.
 * Invariant: blocks take at most half of the heap, so that workers find room; what goes beyond is shared memory outside of it,
 * which tasks copy.
 */
import { messageOf } from '../base/errors.js'
import { PooledBlockMemory, type BlockMemory } from '../data/block-memory.js'
import type { Block } from '../data/block.js'
import { Arena, sizeClass } from '../kernel/arena.js'
import { KernelMemory } from '../kernel/memory.js'
import type { TaskSpec } from '../plan/task.js'
import { OwnedRegions, PAGE_OWNER, SharedHeap } from '../kernel/shared-heap.js'
import { withSharedMemory } from '../kernel/shared-module.js'
import { heapBlockOf, type HeapBlock } from './heap-block.js'
import { HeapOffer } from './heap-offer.js'
import { OutputRooms } from './output-rooms.js'
import type { HeapShare } from './protocol.js'

/**
 * The heap of the last context that ended, as long as the collector leaves it: memory that was used before costs no page faults.
 * What its workers had is not taken back, since they may still be ending; so it is not used for ever.
 */
let spare: WeakRef<SharedHeap> | null = null
const SPARE_OWNERS_MAX = 64

function takeHeap(): SharedHeap {
  const heap = spare?.deref()
  spare = null
  return heap && heap.ownerCount < SPARE_OWNERS_MAX ? heap : SharedHeap.create()
}

export class PageHeap implements BlockMemory {
  readonly isShared = true
  /** Makes modules of the kernels such as can work here. */
  readonly changeModule = withSharedMemory
  readonly #heap: SharedHeap
  /** The heap as this thread sees it. */
  readonly views: KernelMemory
  readonly #arena: Arena
  readonly #blockBytesMax: number
  readonly #outside = new PooledBlockMemory(true)
  /** Where workers write what other tasks read. */
  readonly rooms = new OutputRooms(this)

  private constructor(heap: SharedHeap) {
    this.#heap = heap
    this.views = new KernelMemory(heap.memory)
    this.#arena = new Arena(this.views, new OwnedRegions(heap, PAGE_OWNER, this.views))
    this.#blockBytesMax = heap.bytesMax / 2
  }

  /**
   * A heap, or null where the host has no shared memory or refuses it.
   * @param failures takes a line that tells why not.
   */
  static create(failures: string[]): PageHeap | null {
    try {
      return new PageHeap(takeHeap())
    } catch (error) {
      failures.push(`shared heap: ${messageOf(error)}`)
      return null
    }
  }

  /** The share of one more worker. */
  join(): HeapShare {
    return { memory: this.#heap.memory, owner: this.#heap.addOwner() }
  }

  /** Takes back what a worker had, which runs no more. */
  leave({ owner }: HeapShare): void {
    this.#heap.releaseOwner(owner)
  }

  /** Lets go of all blocks, whoever holds them. The heap is there for the next context, or for the collector. */
  close(): void {
    this.#heap.releaseOwner(PAGE_OWNER)
    spare = new WeakRef(this.#heap)
  }

  /** Tasks that all workers can see, or null where one of them reads what not all can, or the heap is full. */
  offer(tasks: readonly TaskSpec[]): HeapOffer | null {
    return HeapOffer.make(tasks, this)
  }

  /** The block in addresses, or null when it lies elsewhere. */
  addressesOf(block: Block): HeapBlock | null {
    return heapBlockOf(block, this.views)
  }

  allocate(bytes: number): Uint8Array {
    const ptr = this.#arena.usedBytes + sizeClass(bytes) <= this.#blockBytesMax ? this.#tryAllocate(bytes) : null
    if (ptr === null) return this.#outside.allocate(bytes)
    return this.views.u8.subarray(ptr, ptr + this.#arena.sizeOf(ptr))
  }

  release(memory: Uint8Array): void {
    const ptr = this.views.addressOf(memory)
    if (ptr === null) this.#outside.release(memory)
    else this.#arena.free(ptr)
  }

  /** Null where the host refuses to let the heap grow as far as it has promised. */
  #tryAllocate(bytes: number): number | null {
    try {
      return this.#arena.allocate(bytes)
    } catch {
      return null
    }
  }
}
