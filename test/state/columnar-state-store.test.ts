/** The columnar state store: the contract, removal of groups, and memory that follows the groups that live. */
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src/data/batch.js'
import type { Schema } from '../../src/data/schema.js'
import { aggregateLayout } from '../../src/kernel/aggregate-layout.js'
import { ColumnarStateStore } from '../../src/state/columnar-state-store.js'
import { kernelSets } from '../support/kernels.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver } from '../support/task-driver.js'
import { describeStateStore } from './state-store-suite.js'

const SCHEMA: Schema = [{ name: 'key', type: 'utf8' }, { name: 'at', type: 'timestamp' }, { name: 'value', type: 'f64' }]
const plan = aggregationPlan({
  schema: SCHEMA, keys: [named('key', 'utf8')],
  aggregates: [aggregate('n', 'count'), aggregate('sd', 'stddev', column('value', 'f64')),
    aggregate('last', 'last', column('key', 'utf8'))],
})
const stateInput = plan.stages[1]!.input
const layout = aggregateLayout((stateInput as Extract<typeof stateInput, { kind: 'aggregate' }>).aggregate)

for (const set of kernelSets()) {
  describeStateStore(`columnar, ${set.kind} kernels`, () => ({
    create: () => new ColumnarStateStore(set, layout),
    rows: n => blockOf(layout.partialSchema, [`k${n}`, null, 'ü', `k${n + 1}`].map((key, i) =>
      ({ key, 'n:n': i + 1, 'sd:n': i + 1, 'sd:mean': n * i, 'sd:m2': i / 3, 'last:value': i === 1 ? null : `text ${n} ${i}` }))),
    read: store => new Batch(layout.partialSchema, [store.snapshot()!]).toRows(),
  }))

  describe(`columnar state store, ${set.kind} kernels`, () => {
    it('keeps the listed groups in their order, findable by their keys, and their text', () => {
      const store = new ColumnarStateStore(set, layout)
      const rows = (keys: readonly string[]) => blockOf(layout.partialSchema, keys.map(key =>
        ({ key, 'n:n': 1, 'sd:n': 0, 'sd:mean': 0, 'sd:m2': 0, 'last:value': key.repeat(50) })))
      const merge = (keys: readonly string[]): void => {
        const block = rows(keys)
        store.merge([{ block, start: 0, end: block.numRows }])
      }
      const names = Array.from({ length: 3000 }, (_, i) => `key ${i}`)
      store.open(0)
      merge(names)
      store.keep(Uint32Array.from(names.flatMap((_, i) => i % 3 === 1 ? [i] : [])))
      store.commit()
      store.open(1)
      merge(['key 4', 'key 3', 'key 1'])
      store.commit()
      const kept = new Batch<Record<string, unknown>>(layout.partialSchema, [store.snapshot()!]).toRows()
      expect(kept.map(row => row['key'])).toEqual([...names.filter((_, i) => i % 3 === 1), 'key 3'])
      expect(kept.slice(0, 3).map(row => row['n:n'])).toEqual([2, 2, 1])
      expect(kept[2]!['last:value']).toBe('key 7'.repeat(50))
      store.free()
      expect(set.arena.usedBytes).toBe(0)
    })
  })
}

const KEYS_PER_BATCH = 20

describe('state of windows', () => {
  const windowed = aggregationPlan({
    schema: SCHEMA, keys: [named('key', 'utf8')], window: { sizeMs: 30, slideMs: 10 },
    aggregates: [aggregate('n', 'count'), aggregate('last', 'last', column('key', 'utf8')),
      aggregate('mean', 'avg', column('value', 'f64'))],
  })
  const batchOf = (batch: number) => blockOf(SCHEMA, Array.from({ length: KEYS_PER_BATCH }, (_, i) =>
    ({ key: `sensor ${batch} ${i} ${'x'.repeat(40)}`, at: batch * 10 + i % 10, value: i / 7 })))

  it('stays as small as the open windows over 1,000 batches of ever new keys', () => {
    for (const set of [kernelSets()[0]!]) {
      const driver = new TaskDriver(set, windowed)
      let highest = 0
      for (let batch = 0; batch < 1000; batch++) {
        const rows = driver.batch(batchOf(batch))
        if (batch > 10) expect(rows).toHaveLength(3 * KEYS_PER_BATCH)
        if (batch === 200) highest = set.arena.usedBytes
      }
      expect(set.arena.usedBytes).toBeLessThanOrEqual(highest)
      expect(driver.results.at(-1)!.figures.stateRows).toBeLessThan(5 * KEYS_PER_BATCH)
      driver.runner.close()
      expect(set.arena.usedBytes).toBe(0)
    }
  })

  it('goes on from snapshots taken between any two batches with the same output, bit for bit', () => {
    const [set] = kernelSets()
    const batches = Array.from({ length: 12 }, (_, i) => batchOf(i >> 1))
    const uninterrupted = new TaskDriver(set!, windowed)
    let resumed = new TaskDriver(set!, windowed)
    for (const batch of batches) {
      const next = new TaskDriver(set!, windowed)
      next.continueFrom(resumed)
      resumed.runner.close()
      resumed = next
      expect(resumed.batch(batch)).toEqual(uninterrupted.batch(batch))
    }
    expect(resumed.batch()).toEqual(uninterrupted.batch())
    resumed.runner.close()
    uninterrupted.runner.close()
  })

  it('keeps text of states that change all the time small', () => {
    const latest = aggregationPlan({ schema: SCHEMA, aggregates: [aggregate('last', 'last', column('key', 'utf8'))] })
    const [set] = kernelSets()
    const driver = new TaskDriver(set!, latest)
    let used = 0
    for (let batch = 0; batch < 300; batch++) {
      driver.batch(batchOf(batch))
      if (batch === 50) used = set!.arena.usedBytes
    }
    expect(set!.arena.usedBytes).toBeLessThanOrEqual(Math.max(used, 2_000_000))
    expect(driver.batch(blockOf(SCHEMA, [{ key: 'ende', at: 0, value: 0 }]))).toEqual([{ last: 'ende' }])
    driver.runner.close()
  })
})
