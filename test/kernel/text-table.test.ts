/**
 * The text table and the hashes under it, on every kernel set: distinct strings have distinct codes, by first appearance, also
 * while the table grows; equal bytes hash alike everywhere.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TextTable } from '../../src/kernel/text-table.js'
import { kernelSets } from '../support/kernels.js'

const sets = kernelSets()
const encoder = new TextEncoder()

describe.each(sets.map(set => [set.kind, set] as const))('text table, %s', (_, set) => {
  it('numbers distinct strings by first appearance, through growth and reset', () => {
    const table = new TextTable(set)
    for (let round = 0; round < 2; round++) {
      const words = Array.from({ length: 5000 }, (_, i) => 'x'.repeat(i % 70) + (i % 3000))
      const codes = new Map<string, number>()
      for (const word of words) if (!codes.has(word)) codes.set(word, codes.size)
      expect(words.map(word => table.intern(encoder.encode(word)))).toEqual(words.map(word => codes.get(word)))
      expect(table.count).toBe(codes.size)
      for (const [word, code] of codes) expect(Buffer.from(table.bytesOf(code)).toString()).toBe(word)
      table.reset()
    }
    table.free()
  })
})

describe('hashBytes', () => {
  it('is the same on every kernel set, for every length and alignment', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 7 }), (bytes, shift) => {
      const hashes = sets.map(({ arena, memory, kernels }) => {
        const ptr = arena.allocate(64)
        memory.u8.set(bytes, ptr + shift)
        const hash = kernels.hashBytes(ptr + shift, bytes.length)
        arena.free(ptr)
        return hash
      })
      expect(new Set(hashes).size).toBe(1)
    }))
  })

  it('is murmur3 with seed 0', () => {
    const { arena, memory, kernels } = sets[0]!
    const hashOf = (text: string): number => {
      const ptr = arena.allocate(64)
      memory.u8.set(encoder.encode(text), ptr)
      return kernels.hashBytes(ptr, text.length) >>> 0
    }
    // Vectors of the reference implementation.
    expect(hashOf('')).toBe(0)
    expect(hashOf('test')).toBe(0xba6bd213)
    expect(hashOf('Hello, world!')).toBe(0xc0363e43)
  })
})
