/**
 * Joins with tables that change while batches wait, and workers that die in mid-batch: every batch sees the table that it was
 * made with, whoever runs it and however often.
 */
import { describe, expect, it } from 'vitest'
import { count, memory, StreamingContext, sum, tumbling } from 'millrace/testing'

const BATCHES = 6
const ROWS = 500

/** Result lines of all outputs; the table changes as soon as a batch was made, before it runs. */
async function run(workers: number, fault: (context: StreamingContext) => void = () => {}): Promise<string[]> {
  const context = new StreamingContext({ batchInterval: 0, workers, partitions: 4, taskAttempts: 20 })
  const source = memory({ schema: { ad: 'i32', at: 'timestamp' } })
  const rowsOf = (version: number) => Array.from({ length: 40 }, (_, ad) =>
    ({ ad: ad % 35, campaign: `c${(ad + version) % 7}`, price: version }))
  const ads = context.table(rowsOf(0))
  const names = context.table(Array.from({ length: 7 }, (_, i) => ({ campaign: `c${i}`, name: `v0 ${i}` })), { key: 'campaign' })
  const lines: string[] = []
  context.source(source).withWatermark('at', 0).join(ads, { on: ['ad'] })
    .groupBy(r => ({ campaign: r.campaign, window: tumbling(r.at, '1 s') })).aggregate(r => ({ n: count(), cost: sum(r.price) }))
    .join(names, { on: ['campaign'], type: 'left' })
    .forEachRow((row, { batchId }) => void lines.push(`${batchId}: ${JSON.stringify(row)}`))
  let version = 0
  context.on('batchSubmitted', () => {
    version++
    ads.replace(rowsOf(version))
    names.upsert({ campaign: `c${version % 7}`, name: `v${version}` })
  })
  fault(context)
  await context.start()
  for (let batch = 0; batch < BATCHES; batch++) {
    await source.push(Array.from({ length: ROWS }, (_, i) => ({ ad: i * 7 % 45, at: batch * 700 + i })))
    await context.processAllAvailable()
  }
  await context.stop({ graceful: true })
  return lines
}

describe('a join with a table that changes', () => {
  it('gives the same with any number of workers, whoever dies and whatever fails', async () => {
    const alone = await run(1)
    expect(alone.length).toBeGreaterThan(20)
    expect(alone.some(line => line.includes('v3'))).toBe(true)
    expect(await run(3)).toEqual(alone)
    expect(await run(2, context => context.killWorkers(() => true, 9))).toEqual(alone)
    expect(await run(2, context => context.failTasks(() => true, 5))).toEqual(alone)
    expect(await run(3, context => context.killWorkers((slot, tasks) => slot === 1 && tasks[0]!.batchId === 3, 2))).toEqual(alone)
  })
})
