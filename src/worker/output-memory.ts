/**
 * Where tasks write what other tasks read. On the page's thread the blocks' own memory; on a worker the room that the page has
 * given the task in the heap, and fresh memory where there is none or too little.
 * Invariant: a piece is the page's to give back, once nobody holds a block in it: so what a worker wrote outlives it.
 */
import { HeldMemory, type BlockMemory } from '../data/block-memory.js'
import type { GroupsBlock } from '../data/block.js'
import { alignedBytes } from '../data/wire.js'
import type { ShuffleBlock } from '../plan/task.js'

export interface OutputMemory {
  /** At least so many bytes, from a multiple of 8 on. */
  allocate(bytes: number): Uint8Array
}

export const FRESH_MEMORY: OutputMemory = { allocate: bytes => new Uint8Array(bytes) }

/** The room of one task after the other. */
export class TaskRoom implements OutputMemory {
  #left: Uint8Array = new Uint8Array(0)

  /** Begins a task. */
  open(room: Uint8Array | null): void {
    this.#left = room ?? new Uint8Array(0)
  }

  allocate(bytes: number): Uint8Array {
    const taken = alignedBytes(bytes)
    if (taken > this.#left.length) return new Uint8Array(bytes)
    const piece = this.#left.subarray(0, bytes)
    this.#left = this.#left.subarray(taken)
    return piece
  }
}

/** Pieces of the blocks' memory, as tasks on this thread take them. */
export class TaskPieces implements OutputMemory {
  readonly #memory: BlockMemory
  #pieces: Uint8Array[] = []

  constructor(memory: BlockMemory) {
    this.#memory = memory
  }

  allocate(bytes: number): Uint8Array {
    const piece = this.#memory.allocate(bytes)
    this.#pieces.push(piece)
    return piece
  }

  /** What a task wrote, with what it took since the last call. */
  hold(shuffles: readonly ShuffleBlock[]): readonly ShuffleBlock[] {
    const pieces = this.#pieces
    this.#pieces = []
    return holdShuffles(shuffles, this.#memory, pieces, () => true)
  }
}

/**
 * The blocks of a task; those that lie in its pieces hold them. Where none does the pieces are given back.
 * @param isThere whether a block of groups lies in them.
 */
export function holdShuffles(
  shuffles: readonly ShuffleBlock[], memory: BlockMemory, pieces: readonly Uint8Array[],
  isThere: (block: GroupsBlock) => boolean,
): readonly ShuffleBlock[] {
  if (pieces.length === 0) return shuffles
  const held = new HeldMemory(memory, pieces)
  const holding = shuffles.map(shuffle =>
    shuffle.block.kind === 'groups' && isThere(shuffle.block) ? { ...shuffle, held: held.hold() } : shuffle)
  held.letGo()
  return holding
}
