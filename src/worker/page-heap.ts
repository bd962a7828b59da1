/**
 * The page's side of the shared heap: makes it, gives each worker its share, and keeps the blocks there, which tasks read where
 * they lie. A chunk of its own: pages that share no memory never load it.
 * Invariant: blocks take at most half of the heap, so that workers find room; what goes beyond is shared memory outside of it,
 * which tasks copy.
 */
import { messageOf } from '../base/errors.js'
import { PooledBlockMemory, type BlockMemory } from '../data/block-memory.js'
import type { Block } from '../data/block.js'
import { Arena } from '../kernel/arena.js'
import { KernelMemory } from '../kernel/memory.js'
import { FIRST_WORKER_OWNER, OwnedRegions, PAGE_OWNER, SharedHeap } from '../kernel/shared-heap.js'
import { withSharedMemory } from '../kernel/shared-module.js'
import { heapBlockOf, type HeapBlock } from './heap-block.js'
import type { HeapShare } from './protocol.js'

export class PageHeap implements BlockMemory {
  readonly isShared = true
  readonly #heap: SharedHeap
  /** The kernels' build for shared memory. */
  readonly #module: WebAssembly.Module
  readonly #views: KernelMemory
  readonly #arena: Arena
  readonly #blockBytesMax: number
  readonly #outside = new PooledBlockMemory(true)
  #nextOwner = FIRST_WORKER_OWNER

  private constructor(heap: SharedHeap, module: WebAssembly.Module) {
    this.#heap = heap
    this.#module = module
    this.#views = new KernelMemory(heap.memory)
    this.#arena = new Arena(this.#views, new OwnedRegions(heap, PAGE_OWNER, this.#views))
    this.#blockBytesMax = heap.bytesMax / 2
  }

  /**
   * A heap for kernels of a build, or null where the host has no shared memory or refuses it.
   * @param kernels the bytes of their module.
   * @param failures takes a line that tells why not.
   */
  static async create(kernels: Uint8Array, failures: string[]): Promise<PageHeap | null> {
    try {
      const module = await WebAssembly.compile(withSharedMemory(kernels))
      return new PageHeap(SharedHeap.create(), module)
    } catch (error) {
      failures.push(`shared heap: ${messageOf(error)}`)
      return null
    }
  }

  /** The share of one more worker. */
  join(): HeapShare {
    return { memory: this.#heap.memory, module: this.#module, owner: this.#nextOwner++ }
  }

  /** Takes back what a worker had, which runs no more. */
  leave({ owner }: HeapShare): void {
    this.#heap.releaseOwner(owner)
  }

  /** The block in addresses, or null when it lies elsewhere. */
  addressesOf(block: Block): HeapBlock | null {
    return heapBlockOf(block, this.#views)
  }

  allocate(bytes: number): Uint8Array {
    const ptr = this.#arena.usedBytes + bytes < this.#blockBytesMax ? this.#tryAllocate(bytes) : null
    if (ptr === null) return this.#outside.allocate(bytes)
    return this.#views.u8.subarray(ptr, ptr + this.#arena.sizeOf(ptr))
  }

  release(memory: Uint8Array): void {
    const ptr = this.#views.addressOf(memory)
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
