/** Copying into shared memory, however source and target lie; and counting line feeds. */
import { describe, expect, it } from 'vitest'
import { copyBytes } from '../../src/data/copy-bytes.js'
import { countLineFeeds } from '../../src/data/line-feeds.js'
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
})
