/**
 * The one memory that page and workers share where memory may be shared: cut into regions, each of which has one owner. Workers
 * build their arenas of regions, the page puts blocks into its own; so nobody writes what another one reads, but the page, in
 * blocks that no task has been given yet.
 * Invariant: who owns a region stands in the heap itself and changes by compare-and-exchange alone. There is no lock, so that a
 * worker may die at any moment; `releaseOwner` then gives back what it had.
 */
import { ALIGNMENT, ARENA_BASE } from '../../assembly/portable/layout.js'
import { assert, messageOf } from '../base/errors.js'
import type { Region, RegionSource } from './arena.js'
import { PAGE_BYTES, type KernelMemory } from './memory.js'

/** Bytes of a region, the unit of ownership. */
export const REGION_BYTES = 262_144
/** Regions of the largest heap, 4 GiB. */
const REGIONS = 16_384
/** Largest sizes to try, in pages: some phones refuse to reserve much. */
const PAGES_MAX = [65_536, 16_384, 8_192, 4_096] as const
/** Behind the owners: all regions that were ever taken lie below this one; and the number of regions that there may be. */
const REACHED = REGIONS
const ALLOWED = REGIONS + 1
const FREE = 0
/** Owner of what nobody may have: the static data and this table, and what lies beyond the largest size. */
const NOBODY = -1

/** Owner of the blocks. Workers have the numbers from FIRST_WORKER_OWNER on. */
export const PAGE_OWNER = 1
export const FIRST_WORKER_OWNER = 2

/** Nothing is left of the heap, or the host refuses to let it grow. */
export class HeapFullError extends Error {}

export class SharedHeap {
  readonly memory: WebAssembly.Memory
  /** By region: its owner; then the numbers named above. */
  readonly #owners: Int32Array
  #nextOwner = FIRST_WORKER_OWNER

  /** @param memory of a heap that `create` has made, here or on another thread. */
  constructor(memory: WebAssembly.Memory) {
    this.memory = memory
    this.#owners = new Int32Array(memory.buffer, ARENA_BASE, REGIONS + 2)
  }

  /** A new heap, as large as the host allows. @throws Error where it refuses shared memory. */
  static create(): SharedHeap {
    let refusal: unknown
    for (const maximum of PAGES_MAX) {
      try {
        const memory = new WebAssembly.Memory({ initial: REGION_BYTES / PAGE_BYTES, maximum, shared: true })
        // An old engine takes `shared` for a word it does not know.
        assert(!(memory.buffer instanceof ArrayBuffer), 'WebAssembly has no shared memory here')
        const heap = new SharedHeap(memory)
        const allowed = maximum * PAGE_BYTES / REGION_BYTES
        heap.#owners.fill(NOBODY, allowed, REGIONS)
        heap.#owners[0] = NOBODY
        heap.#owners[ALLOWED] = allowed
        return heap
      } catch (error) {
        refusal = error
      }
    }
    throw refusal
  }

  /** An owner that nobody was before: for one more worker. For the thread that made the heap. */
  addOwner(): number {
    return this.#nextOwner++
  }

  /** Owners that were added. */
  get ownerCount(): number {
    return this.#nextOwner - FIRST_WORKER_OWNER
  }

  /**
   * Makes free regions the owner's: at least `bytes` bytes side by side, not cleared.
   * @throws HeapFullError
   */
  take(owner: number, bytes: number): Region {
    const count = Math.ceil(bytes / REGION_BYTES)
    for (let first = this.#findFree(0, count); first >= 0; first = this.#findFree(first + 1, count)) {
      if (this.#claim(owner, first, count)) return { start: first * REGION_BYTES, end: (first + count) * REGION_BYTES }
    }
    throw new HeapFullError(`the shared heap has no ${bytes} bytes left`)
  }

  /** Gives back regions that were taken together. */
  release({ start, end }: Region): void {
    for (let region = start / REGION_BYTES; region < end / REGION_BYTES; region++) Atomics.store(this.#owners, region, FREE)
  }

  /** Gives back all that an owner has, who must not run any more. */
  releaseOwner(owner: number): void {
    const reached = Atomics.load(this.#owners, REACHED)
    for (let region = 0; region < reached; region++) Atomics.compareExchange(this.#owners, region, owner, FREE)
  }

  /** Bytes that all owners may have together. */
  get bytesMax(): number {
    return (this.#owners[ALLOWED]! - 1) * REGION_BYTES
  }

  /** Bytes that an owner has. */
  bytesOf(owner: number): number {
    return this.#owners.subarray(0, REGIONS).reduce((bytes, other) => (other === owner ? bytes + REGION_BYTES : bytes), 0)
  }

  /** The first of `count` free regions side by side, from `from` on, or −1. */
  #findFree(from: number, count: number): number {
    let run = 0
    for (let region = from; region < REGIONS; region++) {
      run = Atomics.load(this.#owners, region) === FREE ? run + 1 : 0
      if (run === count) return region - count + 1
    }
    return -1
  }

  /** Takes regions one by one; if another was quicker with one of them, gives back those before it. */
  #claim(owner: number, first: number, count: number): boolean {
    this.#reach(first + count)
    for (let region = first; region < first + count; region++) {
      if (Atomics.compareExchange(this.#owners, region, FREE, owner) === FREE) continue
      while (region-- > first) Atomics.store(this.#owners, region, FREE)
      return false
    }
    return true
  }

  /** Before the claim: who dies between the two has reached too far, which costs nothing. */
  #reach(region: number): void {
    for (let seen = Atomics.load(this.#owners, REACHED); seen < region;) {
      const before = Atomics.compareExchange(this.#owners, REACHED, seen, region)
      if (before === seen) return
      seen = before
    }
  }
}

/** A heap for one owner alone, where the one that others share is full. */
export function ownHeap(): { readonly memory: WebAssembly.Memory; regions(views: KernelMemory): RegionSource } {
  const heap = SharedHeap.create()
  return { memory: heap.memory, regions: views => new OwnedRegions(heap, heap.addOwner(), views) }
}

/** The regions of one owner, as an arena takes them. */
export class OwnedRegions implements RegionSource {
  readonly #heap: SharedHeap
  readonly #owner: number
  readonly #memory: KernelMemory

  /** @param memory the owner's views of the heap. */
  constructor(heap: SharedHeap, owner: number, memory: KernelMemory) {
    assert(owner > 0, `${owner} owns nothing`)
    this.#heap = heap
    this.#owner = owner
    this.#memory = memory
  }

  take(bytes: number): Region {
    const region = this.#heap.take(this.#owner, bytes)
    try {
      this.#memory.ensure(region.end + ALIGNMENT)
    } catch (error) {
      this.#heap.release(region)
      throw new HeapFullError(`the shared heap cannot grow: ${messageOf(error)}`)
    }
    return region
  }
}
