/**
 * The allocator of kernel memory: kernels own none, the host hands out every byte.
 * Sizes are rounded up to powers of two from 64 bytes, freed ones wait in a list per size; so a freed piece is found at once, and
 * at most half of what is handed out is rounding.
 * Invariant: every address is a multiple of ALIGNMENT and at least ALIGNMENT readable bytes follow the asked-for ones.
 */
import { ALIGNMENT } from '../../assembly/portable/layout.js'
import { assert } from '../base/errors.js'
import type { KernelMemory } from './memory.js'

export class Arena {
  readonly memory: KernelMemory
  readonly #freeBySize = new Map<number, number[]>()
  readonly #sizes = new Map<number, number>()
  #top: number
  #usedBytes = 0

  /** @param base first address that may be handed out: behind the static data of the kernels. */
  constructor(memory: KernelMemory, base: number) {
    this.memory = memory
    this.#top = roundUp(base, ALIGNMENT)
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
    let ptr = this.#freeBySize.get(size)?.pop()
    if (ptr === undefined) {
      ptr = this.#top
      this.memory.ensure(ptr + size + ALIGNMENT)
      this.#top += size
    }
    this.#sizes.set(ptr, size)
    this.#usedBytes += size
    return ptr
  }

  /** The same, filled with zeros. */
  allocateZeroed(bytes: number): number {
    const ptr = this.allocate(bytes)
    this.memory.u8.fill(0, ptr, ptr + bytes)
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
    this.memory.u8.copyWithin(larger, ptr, ptr + bytes)
    this.free(ptr)
    return larger
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

function sizeClass(bytes: number): number {
  // Up to 64 bytes behind each piece are read by kernels; they belong to the next piece, or to the margin at the top.
  return bytes <= ALIGNMENT ? ALIGNMENT : 2 ** Math.ceil(Math.log2(bytes))
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}
