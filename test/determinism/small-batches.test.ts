/**
 * Batches that close no window let their groups wait for a later one: what comes out, and in which batch, is as if they had not,
 * whoever dies meanwhile.
 */
import { Worker } from 'node:worker_threads'
import { beforeAll, describe, expect, it } from 'vitest'
import { runSmallBatches } from './small-batches.js'

let eager: Awaited<ReturnType<typeof runSmallBatches>>

beforeAll(async () => {
  eager = await runSmallBatches({ workers: 0, fastPaths: { deferredMerges: false } })
})

describe('groups that wait', () => {
  it('are there to compare', () => {
    expect(Object.keys(eager.hashes)).toEqual(['seconds', 'chained', 'sliding', 'updates'])
    for (const [name, hash] of Object.entries(eager.hashes)) expect(hash, name).not.toMatch(/^0 rows/)
    expect(eager.late).toBeGreaterThan(0)
  })

  it.each([{ workers: 0 }, { workers: 0, kernels: 'scalar' }, { workers: 0, kernels: 'reference' }, { workers: 1 },
    { workers: 1, blockTransport: 'transfer' }, { workers: 1, fastPaths: { readAndMerge: false } },
    { workers: 2, blockTransport: 'shared' }, { workers: 2, blockTransport: 'transfer' }] as const)(
    'change no result with %o', async variant => {
      const { hashes, stagesRun, late, stateRows } = await runSmallBatches(variant)
      expect({ hashes, late, stateRows }).toEqual({ hashes: eager.hashes, late: eager.late, stateRows: eager.stateRows })
      expect(stagesRun).toBeLessThan(eager.stagesRun)
    })

  it.each([1, 2].flatMap(among => [1, 5, 30, 31, 32, 69].map(killed => ({ killed, among }))))(
    'are merged once when in batch $killed the last of $among dies', async ({ killed, among }) => {
      const workers: Worker[] = []
      const createWorker = (): Worker => {
        const worker = new Worker(new URL('../../dist/worker.node.cjs', import.meta.url))
        workers.push(worker)
        return worker
      }
      const { hashes, workersLost } = await runSmallBatches({ workers: among, createWorker }, batchId => {
        if (batchId === killed) void workers[among - 1]!.terminate()
      })
      expect(workersLost).toBe(1)
      expect(hashes).toEqual(eager.hashes)
    })
})
