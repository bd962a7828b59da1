/** Copying into shared memory, however source and target lie; and counting line feeds, in JavaScript and by SIMD on the way. */
import { describe, expect, it, vi } from 'vitest'
import { copyBytes } from '../../src/data/copy-bytes.js'
import { copyLines, countLineFeeds } from '../../src/data/line-feeds.js'
import { Random } from '../support/mutate.js'

const LENGTHS = [0, 1, 255, 256, 257, 1000, 16_383, 16_384, 16_385, 40_000]

describe('copying bytes', () => {
  it.each(['shared', 'own'])('into %s memory leaves what is around as it was', kind => {
    const source = Uint8Array.from({ length: 40_016 }, (_, i) => i % 251 + 1)
    for (const length of LENGTHS) {
      for (let skew = 0; skew < 64; skew++) {
        const bytes = source.subarray(skew & 7, (skew & 7) + length)
        const memory = new Uint8Array(kind === 'shared' ? new SharedArrayBuffer(40_032) : new ArrayBuffer(40_032)).subarray(5)
        copyBytes(memory, skew >>> 3, bytes)
        const expected = new Uint8Array(memory.length)
        expected.set(bytes, skew >>> 3)
        expect(Buffer.compare(memory, expected)).toBe(0)
      }
    }
  })
})

describe('the number of line feeds', () => {
  it('is right for any bytes, wherever they lie', () => {
    const random = new Random(99)
    for (let round = 0; round < 2000; round++) {
      const length = random.below(round % 10 ? 90 : 9000)
      const bytes = Uint8Array.from({ length }, () => random.pick([10, 11, 9, 138, 0, 255, 97]))
      const part = bytes.subarray(random.below(Math.min(9, bytes.length + 1)))
      expect(countLineFeeds(part)).toBe(part.filter(byte => byte === 10).length)
    }
    expect(countLineFeeds(new Uint8Array(5000).fill(10))).toBe(5000)
  })

  it.each(['shared', 'own'])('is right of what is copied into %s memory, and nothing around that changes', kind => {
    const random = new Random(7)
    const source = Uint8Array.from({ length: 70_016 }, () => random.pick([10, 11, 97, 138]))
    const memory = new Uint8Array(kind === 'shared' ? new SharedArrayBuffer(70_060) : new ArrayBuffer(70_060)).subarray(3)
    for (const length of [0, 1, 255, 256, 257, 4095, 32_767, 32_768, 32_769, 65_536, 70_000]) {
      for (let skew = 0; skew < 16; skew++) {
        const bytes = source.subarray(skew, skew + length)
        const at = skew * 7 % 16
        memory.fill(10)
        expect(copyLines(memory, at, bytes)).toBe(bytes.filter(byte => byte === 10).length)
        const expected = new Uint8Array(memory.length).fill(10)
        expected.set(bytes, at)
        expect(Buffer.compare(memory, expected)).toBe(0)
      }
    }
  })

  it('is the one of JavaScript where the host compiles no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    vi.resetModules()
    const { copyLines: copyAlone } = await import('../../src/data/line-feeds.js')
    const memory = new Uint8Array(1000)
    const bytes = Uint8Array.from({ length: 999 }, (_, i) => (i % 53 ? 97 : 10))
    expect(copyAlone(memory, 1, bytes)).toBe(19)
    expect(memory.subarray(1)).toEqual(bytes)
    vi.unstubAllGlobals()
  })
})
