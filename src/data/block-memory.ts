/**
 * Where the values of blocks lie: pieces of memory that are taken when a block is begun and given back when tasks have read it.
 * Fresh memory costs more than the copy into it (it is zeroed, and each page of it faults once), so pieces are used again.
 * Invariant: a piece has one owner from `allocate` to `release`; nobody reads it afterwards.
 */
import { assert } from '../base/errors.js'
import { pieceBytes, SizePool } from './size-pool.js'

export interface BlockMemory {
  /** Tasks on other threads can read the memory where it is. */
  readonly isShared: boolean
  /** At least one cache line; begins at a multiple of 64 bytes; holds what its last owner left in it. */
  allocate(bytes: number): Uint8Array
  release(memory: Uint8Array): void
}

/** Bytes that wait for their next owner at most; what is given back beyond that is left to the collector. */
export const POOLED_BYTES_MAX = 128 * 1024 * 1024
const PIECE_BYTES_MIN = 4096

/** Pieces of their own buffers. */
export class PooledBlockMemory implements BlockMemory {
  readonly isShared: boolean
  readonly #pool = new SizePool<Uint8Array>(POOLED_BYTES_MAX)

  constructor(isShared: boolean) {
    this.isShared = isShared
  }

  allocate(bytes: number): Uint8Array {
    const size = pieceBytes(bytes, PIECE_BYTES_MIN)
    return this.#pool.take(size) ?? new Uint8Array(this.isShared ? new SharedArrayBuffer(size) : new ArrayBuffer(size))
  }

  release(memory: Uint8Array): void {
    this.#pool.give(memory)
  }
}

const pools: { shared?: WeakRef<PooledBlockMemory>; own?: WeakRef<PooledBlockMemory> } = {}

/** The pool of this thread, the same for all who run at a time; once nobody does, it is the collector's. */
export function pooledBlockMemory(isShared: boolean): PooledBlockMemory {
  const kind = isShared ? 'shared' : 'own'
  const known = pools[kind]?.deref()
  if (known) return known
  const pool = new PooledBlockMemory(isShared)
  pools[kind] = new WeakRef(pool)
  return pool
}

/** The memory of one block, which may be held by several parts of it. */
export class HeldMemory {
  readonly #memory: BlockMemory
  readonly #pieces: readonly Uint8Array[]
  readonly #shared: readonly HeldMemory[]
  #holders = 1

  /** @param shared what it has in common with others: held, and let go with it. */
  constructor(memory: BlockMemory, pieces: readonly Uint8Array[], shared: readonly HeldMemory[] = []) {
    this.#memory = memory
    this.#pieces = pieces
    this.#shared = shared
  }

  /** One more holds it. */
  hold(): this {
    this.#holders++
    return this
  }

  /** One less holds it; the last one gives it back. */
  letGo(): void {
    assert(this.#holders > 0, 'the memory of a block was given back twice')
    if (--this.#holders > 0) return
    for (const piece of this.#pieces) this.#memory.release(piece)
    for (const held of this.#shared) held.letGo()
  }
}
