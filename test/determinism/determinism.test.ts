/**
 * Same input, same output, bit for bit: whatever the number of workers, the build of the kernels, the way blocks travel, and when
 * a worker dies in mid-batch. The pages of test/browser are held to the same hashes.
 */
import { Worker } from 'node:worker_threads'
import { beforeAll, describe, expect, it } from 'vitest'
import { fastPathVariants } from '../support/fast-paths.js'
import { runManyKeys } from './many-keys.js'
import { runWorkload, type Variant } from './workload.js'

let blessed: Record<string, string>

beforeAll(async () => {
  blessed = (await runWorkload({ workers: 0, kernels: 'simd' })).hashes
})

const variants: readonly Variant[] = [
  { workers: 0, kernels: 'scalar' },
  { workers: 0, kernels: 'reference' },
  { workers: 1 },
  { workers: 2, blockTransport: 'shared' },
  { workers: 2, blockTransport: 'transfer' },
  { workers: 4, kernels: 'scalar' },
  { workers: 4, kernels: 'simd', blockTransport: 'shared' },
  { workers: 0, kernels: 'simd', fastPaths: { fusedPrograms: true } },
  { workers: 2, blockTransport: 'shared', fastPaths: { fusedPrograms: true } },
]

const hasHeap = ({ kernels, blockTransport }: Variant): boolean => kernels !== 'reference' && blockTransport !== 'transfer'

/** Workers of the package that the test can kill. */
function mortalWorkers() {
  const workers: Worker[] = []
  const createWorker = (): Worker => {
    const worker = new Worker(new URL('../../dist/worker.node.cjs', import.meta.url))
    workers.push(worker)
    return worker
  }
  return { createWorker, workers }
}

describe('output', () => {
  it('is there to compare', () => {
    expect(Object.keys(blessed)).toEqual(['windows', 'late', 'chained', 'buckets', 'sampled', 'limited'])
    for (const [name, hash] of Object.entries(blessed)) expect(hash, name).not.toMatch(/^0 rows/)
  })

  it.each(variants)('is the same with %o', async variant => {
    const { hashes, capabilities } = await runWorkload(variant)
    expect(hashes).toEqual(blessed)
    expect(capabilities.workers).toBe(variant.workers)
    if (variant.kernels) expect(capabilities.kernels).toBe(variant.kernels)
    expect(capabilities.sharedHeap).toBe(hasHeap(variant))
    if (variant.blockTransport) expect(capabilities.blockTransport).toBe(variant.blockTransport)
  })

  it.each(fastPathVariants())('is the same $name', async ({ fastPaths }) => {
    for (const workers of [0, 2]) expect((await runWorkload({ workers, fastPaths })).hashes).toEqual(blessed)
  })

  it.each([1, 2, 3])('is the same when a worker is killed in batch %i', async killed => {
    const { createWorker, workers } = mortalWorkers()
    const { hashes, workersLost } = await runWorkload({ workers: 2, createWorker }, batchId => {
      if (batchId === killed) void workers[1]!.terminate()
    })
    expect(workersLost).toBe(1)
    expect(workers.length).toBe(3)
    expect(hashes).toEqual(blessed)
  })

  it.each([3, 4])('is the same when a worker is killed in batch %i, its state being in a snapshot', async killed => {
    const alone = await runManyKeys({ workers: 0 })
    const { createWorker, workers } = mortalWorkers()
    const { hash, workersLost } = await runManyKeys({ workers: 2, createWorker }, batchId => {
      if (batchId === killed) void workers[0]!.terminate()
    })
    expect(workersLost).toBe(1)
    expect(hash).toBe(alone.hash)
  })
})

describe('the hash', () => {
  it('tells apart what differs in one bit', async () => {
    const { OutputHash } = await import('../support/output-hash.js')
    const hashOf = (...rows: Record<string, unknown>[]): string => {
      const hash = new OutputHash()
      hash.addRows(0, rows)
      return String(hash)
    }
    const different = [
      hashOf({ x: 0 }), hashOf({ x: -0 }), hashOf({ x: 5e-324 }), hashOf({ x: NaN }), hashOf({ x: null }), hashOf({ x: '' }),
      hashOf({ y: 0 }), hashOf({ x: 0n }), hashOf({ x: false }), hashOf({ x: 1 }, { x: 2 }), hashOf({ x: 2 }, { x: 1 }),
    ]
    expect(new Set(different).size).toBe(different.length)
  })
})
