/**
 * What a page has to load stays small: the entry bundled and minified, the worker, one build of the kernels with the decoders of
 * text; and the functions, which only some programs call.
 * The limits are a ratchet: they may only go down, until they are the targets that `npm run bench -- sizes` measures against
 * (kernels 60 KB and 20 KB with brotli, everything together 90 KB).
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { kernelBytes, measureSizes } from '../../scripts/sizes.mjs'

const KB = 1000
const KERNELS_MAX = { raw: 55 * KB, brotli: 21 * KB }
const FUNCTIONS_MAX = 10.2 * KB
const TOGETHER_MAX = 101 * KB
let sizes: Awaited<ReturnType<typeof measureSizes>>

beforeAll(async () => { sizes = await measureSizes() })

describe('the sizes', () => {
  it.each(['raw', 'brotli'] as const)('of the kernels are within their limit, %s', as => {
    expect(kernelBytes(sizes, as)).toBeLessThanOrEqual(KERNELS_MAX[as])
  })

  it('of the functions are within their limit', () => {
    expect(sizes.functions.brotli).toBeLessThanOrEqual(FUNCTIONS_MAX)
  })

  it('of entry, worker and kernels together are within their limit', () => {
    expect(sizes.entry.brotli + sizes.worker.brotli + kernelBytes(sizes, 'brotli')).toBeLessThanOrEqual(TOGETHER_MAX)
  })
})
