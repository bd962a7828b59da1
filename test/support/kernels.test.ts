/**
 * The kernel sets that the tests use are whole: each answers, in a memory of its own.
 */
import { describe, expect, it } from 'vitest'
import { kernelSets } from './kernels.js'

describe('kernel sets', () => {
  it('are the two wasm builds and the twin', () => {
    expect(kernelSets().map(set => set.kind)).toEqual(['simd', 'scalar', 'reference'])
  })

  it('agree on the hash of some bytes', () => {
    const bytes = Uint8Array.from({ length: 77 }, (_, i) => i * 7)
    const hashes = kernelSets().map(set => {
      const ptr = set.arena.allocate(bytes.length)
      set.memory.u8.set(bytes, ptr)
      return set.kernels.hashBytes(ptr, bytes.length)
    })
    expect(new Set(hashes).size).toBe(1)
  })
})
