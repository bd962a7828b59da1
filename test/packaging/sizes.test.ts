/** What a page has to load stays small: the entry bundled and minified, the worker, one build of the kernels. */
import { beforeAll, describe, expect, it } from 'vitest'
import { measureSizes, type Size } from '../../scripts/sizes.mjs'

const KB = 1000
let sizes: Awaited<ReturnType<typeof measureSizes>>

beforeAll(async () => { sizes = await measureSizes() })

describe('the sizes', () => {
  it.each(['kernels.simd', 'kernels.scalar'] as const)('of %s are at most 60 KB, and 20 KB with brotli', name => {
    const { raw, brotli }: Size = sizes[name]
    expect(raw).toBeLessThanOrEqual(60 * KB)
    expect(brotli).toBeLessThanOrEqual(20 * KB)
  })

  it('of entry, worker and kernels together are at most 90 KB with brotli', () => {
    const kernels = Math.max(sizes['kernels.simd'].brotli, sizes['kernels.scalar'].brotli)
    expect(sizes.entry.brotli + sizes.worker.brotli + kernels).toBeLessThanOrEqual(90 * KB)
  })
})
