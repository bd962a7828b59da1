/**
 * Pages give, bit for bit, what Node gives: with and without workers, with each build of the kernels and each way of moving
 * blocks, and when a worker dies in mid-batch.
 */
import { describe, expect, inject, it } from 'vitest'
import { runWorkload, type Variant } from '../determinism/workload.js'
import { fastPathVariants } from '../support/fast-paths.js'
import { doomedWorkers } from './doomed-worker.js'

const blessed = inject('workloadHashes')
const isolated = inject('isolated')

const variants: readonly Variant[] = [
  { workers: 0 },
  { workers: 0, kernels: 'scalar' },
  { workers: 0, kernels: 'reference' },
  { workers: 1 },
  { workers: 2, blockTransport: 'transfer' },
  { workers: 4, kernels: 'scalar' },
  { workers: 2, kernels: 'reference' },
  ...(isolated ? [{ workers: 2, blockTransport: 'shared' } as const] : []),
]

describe('output in a page', () => {
  it.each(variants)('is that of Node with %o', async variant => {
    const { hashes, capabilities } = await runWorkload(variant)
    expect(hashes).toEqual(blessed)
    expect(capabilities.workers).toBe(variant.workers)
    if (variant.kernels) expect(capabilities.kernels).toBe(variant.kernels)
  })

  it('moves blocks as the page allows', async () => {
    const { capabilities } = await runWorkload({ workers: 1 })
    expect(capabilities.blockTransport).toBe(isolated ? 'shared' : 'transfer')
    expect(capabilities.sharedHeap).toBe(isolated)
    expect(capabilities.kernels).toBe('simd')
    expect(capabilities.failures).toEqual([])
  })

  it.each(fastPathVariants())('is that of Node $name', async ({ fastPaths }) => {
    expect((await runWorkload({ workers: 2, fastPaths })).hashes).toEqual(blessed)
  })

  it('is that of Node when a worker dies in mid-batch', async () => {
    const { createWorker, kill } = doomedWorkers()
    const { hashes, workersLost } = await runWorkload({ workers: 2, createWorker }, batchId => {
      if (batchId === 1) kill(0)
    })
    expect(workersLost).toBe(1)
    expect(hashes).toEqual(blessed)
  })
})
