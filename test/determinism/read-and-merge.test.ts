/**
 * Where there is one slot, what merges runs in one call with what reads: what comes out, what is counted and what is kept is as
 * if it had not, whatever fails meanwhile.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { count, first, memory, sliding, StreamingContext, sum, tumbling } from 'millrace/testing'

interface Given {
  readonly mode: 'append' | 'update' | 'complete'
  readonly window: 'tumbling' | 'sliding' | 'none'
  /** A filter behind the aggregation, so that its tasks run one by one. */
  readonly filters: boolean
  readonly partitions: number
  readonly deferredMerges: boolean
  readonly jobOverlap: boolean
  /** By batch: how far each row lies behind the one before, ms. */
  readonly batches: readonly (readonly number[])[]
  /** Batch whose calls fail, and how. */
  readonly fault: { readonly batch: number; readonly kind: 'lost' | 'failed'; readonly times: number } | null
}

const given: fc.Arbitrary<Given> = fc.record({
  mode: fc.constantFrom('append', 'update', 'complete'),
  window: fc.constantFrom('tumbling', 'sliding', 'none'),
  filters: fc.boolean(),
  partitions: fc.integer({ min: 1, max: 5 }),
  deferredMerges: fc.boolean(),
  jobOverlap: fc.boolean(),
  batches: fc.array(fc.array(fc.integer({ min: -300, max: 900 }), { maxLength: 12 }), { minLength: 2, maxLength: 7 }),
  fault: fc.option(fc.record({
    batch: fc.nat(4), kind: fc.constantFrom('lost', 'failed'), times: fc.integer({ min: 1, max: 2 }),
  }), { freq: 2 }),
})

/** What merged the first batch is done while its slot is mended, for what reads the second. */
const WHILE_MENDED: Given = {
  mode: 'append', window: 'tumbling', filters: false, partitions: 1, deferredMerges: false, jobOverlap: true, batches: [[0], [0]],
  fault: { batch: 1, kind: 'failed', times: 2 },
}

/** Every output of every batch and its figures; and the stages of the tasks of each call. */
async function run(kernels: 'simd' | 'scalar' | 'reference', input: Given, readAndMerge: boolean) {
  const { mode, window, filters, partitions, deferredMerges, jobOverlap, batches, fault } = input
  const context = new StreamingContext({ batchInterval: '1 s', workers: 1, kernels, partitions,
    fastPaths: { readAndMerge, deferredMerges, jobOverlap } })
  const source = memory({ schema: { key: 'utf8', at: 'timestamp', value: 'f64' } })
  const out: unknown[] = []
  const calls: number[][] = []
  context.killWorkers((_, tasks) => calls.push(tasks.map(({ stageId }) => stageId)) < 0, Infinity)
  if (fault) {
    context[fault.kind === 'lost' ? 'killWorkers' : 'failTasks']((_, [task]) => task?.batchId === fault.batch, fault.times)
  }
  const grouped = context.source(source).withWatermark('at', 400).groupBy(r => ({ key: r.key,
    ...window === 'none' ? {} : { w: window === 'tumbling' ? tumbling(r.at, '1 s') : sliding(r.at, '2 s', '500 ms') } }))
    .aggregate(r => ({ n: count(), total: sum(r.value), first: first(r.value) }))
  const counts = filters ? grouped.filter(r => r.n.gt(1)) : grouped
  counts.forEachBatch((batch, { batchId }) => void out.push([batchId, batch.toRows()]),
    { mode: window === 'none' && mode === 'append' ? 'update' : mode })
  context.on('batchCompleted', ({ batchId, progress: { rows, stateOperators } }) => {
    // What is kept takes other room after a restore.
    out.push([batchId, rows, stateOperators.map(({ numRowsTotal }) => numRowsTotal)])
  })
  await context.start()
  let at = 10_000
  for (const steps of batches) {
    await source.push(steps.map((step, i) => ({ key: `k${(i * 5) % 3}`, at: at += step, value: Math.sin(at) * 10 ** (i % 9) })))
    context.clock.advance(1000)
    if (!jobOverlap) await context.processAllAvailable()
  }
  source.end()
  await context.awaitTermination()
  return { out, calls }
}

describe('reading and merging in one call', () => {
  it.each(['simd', 'scalar', 'reference'] as const)('changes nothing but the number of calls, with %s kernels', async kernels => {
    const ridden = { straight: 0, faulty: 0 }
    await fc.assert(fc.asyncProperty(given, async input => {
      const [together, apart] = [await run(kernels, input, true), await run(kernels, input, false)]
      expect(together.out).toEqual(apart.out)
      expect(apart.calls.every(stages => new Set(stages).size < 2)).toBe(true)
      const both = together.calls.filter(stages => stages.includes(0) && stages.includes(1)).length
      ridden[input.fault ? 'faulty' : 'straight'] += both
      if (!input.fault) expect(together.calls.length).toBeLessThanOrEqual(apart.calls.length - both)
    }), { numRuns: 80, examples: [[WHILE_MENDED]] })
    expect(Math.min(ridden.straight, ridden.faulty)).toBeGreaterThan(10)
  }, 60_000)
})
