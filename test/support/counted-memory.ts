/**
 * Block memory that knows which pieces are out, refuses one that comes back twice, and spoils what came back, so that whoever
 * still reads it is found out.
 */
import type { BlockMemory } from '../../src/data/block-memory.js'

export class CountedMemory implements BlockMemory {
  readonly isShared = false
  readonly pieces = new Set<Uint8Array>()

  allocate(bytes: number): Uint8Array {
    const piece = new Uint8Array(Math.ceil(Math.max(bytes, 1) / 64) * 64).fill(0x5a)
    this.pieces.add(piece)
    return piece
  }

  release(memory: Uint8Array): void {
    if (!this.pieces.delete(memory)) throw new Error('a piece of memory came back twice, or to the wrong place')
    memory.fill(0xa5)
  }
}
