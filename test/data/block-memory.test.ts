/** The memory of blocks: used again, one owner at a time. */
import { describe, expect, it } from 'vitest'
import { HeldMemory, PooledBlockMemory, POOLED_BYTES_MAX } from '../../src/data/block-memory.js'
import { CountedMemory } from '../support/counted-memory.js'

describe('pooled block memory', () => {
  it.each([true, false])('gives room of at least the size asked for, shared: %s', isShared => {
    const memory = new PooledBlockMemory(isShared)
    for (const bytes of [0, 1, 64, 4097, 1_300_000]) {
      const piece = memory.allocate(bytes)
      expect(piece.byteLength).toBeGreaterThanOrEqual(bytes)
      expect(piece.byteOffset % 64).toBe(0)
      expect(piece.buffer).toBeInstanceOf(isShared ? SharedArrayBuffer : ArrayBuffer)
    }
  })

  it('gives again what came back, and nothing that is out', () => {
    const memory = new PooledBlockMemory(false)
    const [a, b] = [memory.allocate(10_000), memory.allocate(10_000)]
    expect(a.buffer).not.toBe(b.buffer)
    memory.release(a)
    expect(memory.allocate(9000)).toBe(a)
    expect([a, b]).not.toContain(memory.allocate(9000))
    memory.release(b)
    expect(memory.allocate(100)).not.toBe(b)
  })

  it('keeps no more than it may', () => {
    const memory = new PooledBlockMemory(false)
    const pieces = [1, 2, 3].map(() => memory.allocate(POOLED_BYTES_MAX / 2))
    for (const piece of pieces) memory.release(piece)
    expect([1, 2, 3].map(() => pieces.includes(memory.allocate(POOLED_BYTES_MAX / 2)))).toEqual([true, true, false])
  })
})

describe('held memory', () => {
  it('goes back when the last holder lets go, and cannot go twice', () => {
    const memory = new CountedMemory()
    const held = new HeldMemory(memory, [memory.allocate(1), memory.allocate(100)])
    held.hold()
    held.letGo()
    expect(memory.pieces.size).toBe(2)
    held.letGo()
    expect(memory.pieces.size).toBe(0)
    expect(() => held.letGo()).toThrow('given back twice')
  })
})
