/**
 * What a page has to load stays small: the entry bundled and minified, the worker, one build of the kernels.
 * The limits are a ratchet: they may only go down, until they are the targets that `npm run bench -- sizes` measures against
 * (kernels 60 KB and 20 KB with brotli, everything together 90 KB).
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { measureSizes, type Size } from '../../scripts/sizes.mjs'

const KB = 1000
const KERNELS_MAX = { raw: 67 * KB, brotli: 25.5 * KB }
const TOGETHER_MAX = 115 * KB
let sizes: Awaited<ReturnType<typeof measureSizes>>

beforeAll(async () => { sizes = await measureSizes() })

describe('the sizes', () => {
  it.each(['kernels.simd', 'kernels.scalar'] as const)('of %s are within their limits', name => {
    const { raw, brotli }: Size = sizes[name]
    expect(raw).toBeLessThanOrEqual(KERNELS_MAX.raw)
    expect(brotli).toBeLessThanOrEqual(KERNELS_MAX.brotli)
  })

  it('of entry, worker and kernels together are within their limit', () => {
    const kernels = Math.max(sizes['kernels.simd'].brotli, sizes['kernels.scalar'].brotli)
    expect(sizes.entry.brotli + sizes.worker.brotli + kernels).toBeLessThanOrEqual(TOGETHER_MAX)
  })
})
