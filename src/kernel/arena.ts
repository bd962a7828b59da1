/**
 * The allocator of kernel memory: kernels own none, the host hands out every byte.
 * Sizes are rounded up to powers of two from 64 bytes, freed ones wait in a list per size; so a freed piece is found at once, and
 * at most half of what is handed out is rounding.
 * Invariant: every address is a multiple of ALIGNMENT and at least ALIGNMENT readable bytes follow the asked-for ones.
 */
import { ALIGNMENT } from '../../assembly/portable/layout.js'
import { assert } from '../base/errors.js'
import type { KernelMemory } from './memory.js'

/** A stretch of memory: addresses `[start, end)`. */
export interface Region {
  readonly start: number
  readonly end: number
}

/** Where an arena's memory comes from. */
export interface RegionSource {
  /** At least `bytes` bytes that nobody else has, at a multiple of ALIGNMENT; ALIGNMENT bytes behind them can be read. */
  take(bytes: number): Region
}

export class Arena {
  readonly memory: KernelMemory
  readonly #regions: RegionSource
  readonly #freeBySize = new Map<number, number[]>()
  readonly #sizes = new Map<number, number>()
  /** What is left of the last region: `[#top, #end)`. */
  #top = 0
  #end = 0
  #usedBytes = 0

  constructor(memory: KernelMemory, regions: RegionSource) {
    this.memory = memory
    this.#regions = regions
  }

  /** Bytes handed out and not freed, rounding included. */
  get usedBytes(): number { return this.#usedBytes }

  /** Bytes that a piece in use takes up, rounding included. */
  sizeOf(ptr: number): number {
    return this.#sizes.get(ptr) ?? 0
  }

  /** Address of `bytes` bytes, whose content is unspecified. */
  allocate(bytes: number): number {
    const size = sizeClass(bytes)
    const ptr = this.#freeBySize.get(size)?.pop() ?? this.#carve(size)
    this.#sizes.set(ptr, size)
    this.#usedBytes += size
    return ptr
  }

  /** The same, filled with zeros. */
  allocateZeroed(bytes: number): number {
    const ptr = this.allocate(bytes)
    this.memory.zero(ptr, bytes)
    return ptr
  }

  /** The same for good: it is not counted as used, and cannot be freed. */
  allocateStatic(bytes: number): number {
    const ptr = this.#carve(sizeClass(bytes))
    this.memory.zero(ptr, bytes)
    return ptr
  }

  free(ptr: number): void {
    const size = this.#sizes.get(ptr)
    assert(size !== undefined, `address ${ptr} is freed but not in use`)
    this.#sizes.delete(ptr)
    this.#usedBytes -= size
    const list = this.#freeBySize.get(size)
    if (list) list.push(ptr)
    else this.#freeBySize.set(size, [ptr])
  }

  /** A larger piece with the content of `ptr`'s first `bytes` bytes, which is freed. */
  enlarge(ptr: number, bytes: number, largerBytes: number): number {
    const larger = this.allocate(largerBytes)
    this.memory.copy(larger, ptr, bytes)
    this.free(ptr)
    return larger
  }

  /** A piece never handed out before. */
  #carve(size: number): number {
    if (this.#top + size > this.#end) {
      const { start, end } = this.#regions.take(size)
      if (start !== this.#end) {
        // Of what is left of two regions the larger part stays in use.
        if (end - start - size < this.#end - this.#top) return start
        this.#top = start
      }
      this.#end = end
    }
    const ptr = this.#top
    this.#top += size
    return ptr
  }
}

/** Allocations that end together: those of one task. */
export class ArenaScope {
  readonly arena: Arena
  readonly #ptrs: number[] = []

  constructor(arena: Arena) {
    this.arena = arena
  }

  allocate(bytes: number): number {
    const ptr = this.arena.allocate(bytes)
    this.#ptrs.push(ptr)
    return ptr
  }

  allocateZeroed(bytes: number): number {
    const ptr = this.arena.allocateZeroed(bytes)
    this.#ptrs.push(ptr)
    return ptr
  }

  /** Frees all; the scope can be used again. */
  release(): void {
    for (const ptr of this.#ptrs) this.arena.free(ptr)
    this.#ptrs.length = 0
  }
}

/** Bytes that an allocation takes. */
export function sizeClass(bytes: number): number {
  // Up to 64 bytes behind each piece are read by kernels; they belong to the next piece, or to the margin at the top.
  if (bytes <= ALIGNMENT) return ALIGNMENT
  return bytes <= 2 ** 30 ? 1 << (32 - Math.clz32(Math.ceil(bytes) - 1)) : 2 ** Math.ceil(Math.log2(bytes))
}

/** The regions of a memory that has one owner: one after the other, as the memory grows. */
export class OwnRegions implements RegionSource {
  readonly #memory: KernelMemory
  #top: number

  /** @param base first address that may be handed out: behind the static data of the kernels. */
  constructor(memory: KernelMemory, base: number) {
    this.#memory = memory
    this.#top = Math.ceil(base / ALIGNMENT) * ALIGNMENT
  }

  take(bytes: number): Region {
    const start = this.#top
    this.#memory.ensure(start + bytes + ALIGNMENT)
    this.#top += bytes
    return { start, end: this.#top }
  }
}
