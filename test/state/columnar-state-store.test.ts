/** The columnar state store: the contract, removal of groups, and memory that follows the groups that live. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GroupsBlock } from '../../src/data/block.js'
import type { Schema } from '../../src/data/schema.js'
import { aggregateLayout, type AggregateLayout } from '../../src/kernel/aggregate-layout.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import type { PhysicalPlan } from '../../src/plan/stage.js'
import { StateTracker } from '../../src/scheduler/state-tracker.js'
import { ColumnarStateStore } from '../../src/state/columnar-state-store.js'
import { CountedMemory } from '../support/counted-memory.js'
import { kernelSets } from '../support/kernels.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver, type Row } from '../support/task-driver.js'
import { describeStateStore } from './state-store-suite.js'

const SCHEMA: Schema = [{ name: 'key', type: 'utf8' }, { name: 'at', type: 'timestamp' }, { name: 'value', type: 'f64' }]
const aggregates = [aggregate('n', 'count'), aggregate('sd', 'stddev', column('value', 'f64')),
  aggregate('last', 'last', column('key', 'utf8'))]
const plan = aggregationPlan({ schema: SCHEMA, keys: [named('key', 'utf8')], aggregates })
const tumbling = aggregationPlan({ schema: SCHEMA, keys: [named('key', 'utf8')], aggregates,
  window: { sizeMs: 10, slideMs: 10 } })

function layoutOf(of: PhysicalPlan): AggregateLayout {
  const { input } = of.stages[1]!
  return aggregateLayout((input as Extract<typeof input, { kind: 'aggregate' }>).aggregate)
}

/** The partial groups of rows, in one part. */
function partialGroups(set: KernelSet, of: PhysicalPlan, rows: readonly Row[]): GroupsBlock {
  const driver = new TaskDriver(set, of, { partitions: 1 })
  driver.batch(blockOf(SCHEMA, rows))
  const [shuffle] = driver.results.flatMap(result => result.shuffles)
  driver.runner.close()
  return shuffle!.block as GroupsBlock
}

for (const set of kernelSets()) {
  describeStateStore(`columnar, ${set.kind} kernels`, () => ({
    create: () => new ColumnarStateStore(set, layoutOf(plan)),
    rows: n => partialGroups(set, plan, [`k${n}`, null, 'ü', `k${n + 1}`].flatMap((key, i) =>
      Array.from({ length: i + 1 }, (_, j) => ({ key, at: 0, value: n * i / (j + 3) })))),
    read: store => store.snapshot(-1),
  }))

  describe(`columnar state store, ${set.kind} kernels`, () => {
    it('lets go of panes as a whole and keeps the others: their order, their keys and their text', () => {
      const store = new ColumnarStateStore(set, layoutOf(tumbling))
      const merge = (rows: readonly (readonly [key: string, at: number])[]): void => {
        const block = partialGroups(set, tumbling, rows.map(([key, at]) => ({ key, at, value: 1 })))
        store.merge([{ block, start: 0, end: 1 }])
      }
      const names = Array.from({ length: 3000 }, (_, i) => `key ${i}`)
      store.open(0)
      merge(names.map((name, i) => [name, 10 * (i % 3)]))
      expect(store.panes.tables.map(({ paneMs, count }) => [paneMs, count])).toEqual([[0, 1000], [10, 1000], [20, 1000]])
      store.panes.remove(paneMs => paneMs !== 10)
      store.commit()
      store.open(1)
      merge([['key 4', 15], ['key 3', 11], ['key 1', 19], ['key 1', 29]])
      store.commit()
      const snapshot = store.snapshot(-1)
      expect(store.panes.tables.map(({ paneMs, count }) => [paneMs, count])).toEqual([[10, 1001], [20, 1]])
      const once = new ColumnarStateStore(set, layoutOf(tumbling))
      once.open(0)
      const block = partialGroups(set, tumbling, [
        ...names.filter((_, i) => i % 3 === 1).map(key => ({ key, at: 10, value: 1 })),
        ...[['key 4', 15], ['key 3', 11], ['key 1', 19], ['key 1', 29]].map(([key, at]) => ({ key: key!, at: at!, value: 1 })),
      ])
      once.merge([{ block, start: 0, end: 1 }])
      once.commit()
      expect(snapshot).toEqual(once.snapshot(-1))
      store.free()
      once.free()
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

  it('gives in a snapshot what has changed since another one, whoever restored it meanwhile', () => {
    const sets = kernelSets()
    let [run, unchanged] = [0, 0]
    const row = fc.record({ key: fc.constantFrom('a', 'b', 'ü', null), at: fc.integer({ min: 0, max: 60 }) })
    fc.assert(fc.property(fc.array(fc.record({
      rows: fc.array(row, { maxLength: 6 }), isTaken: fc.boolean(), isRestored: fc.boolean(),
    }), { maxLength: 12 }), steps => {
      const set = sets[run++ % sets.length]!
      const memory = new CountedMemory()
      const states = new StateTracker(windowed, 2, memory)
      let driver = new TaskDriver(set, windowed, { partitions: 2, delayMs: 20 })
      steps.forEach(({ rows, isTaken, isRestored }, step) => {
        driver.batch(blockOf(SCHEMA, rows.map(({ key, at }) => ({ key, at: at + step * 10, value: at }))))
        if (!isTaken) return
        for (const partition of [0, 1]) {
          const [brought] = driver.runner.snapshot(1, [states.requestOf(1, partition)])
          unchanged += brought!.panes.filter(({ block }) => block === null).length
          states.replaceBy(brought!)
        }
        const kept = [0, 1].map(partition => states.lineageOf(1, partition).snapshot)
        expect(kept.map(({ panes }) => panes.map(({ paneMs, block }) => ({ paneMs, block })))).toEqual(
          driver.snapshot().map(({ panes }) => panes))
        expect(memory.pieces.size).toBe(kept.reduce((sum, { panes }) => sum + panes.length, 0))
        if (!isRestored) return
        const next = new TaskDriver(set, windowed, { partitions: 2, delayMs: 20 })
        next.continueFrom(driver, kept)
        driver.runner.close()
        driver = next
      })
      driver.runner.close()
    }), { numRuns: 60, seed: 3 })
    expect(unchanged).toBeGreaterThan(100)
  })

  it('takes rows of very many panes in one batch', () => {
    const [set] = kernelSets()
    const driver = new TaskDriver(set!, tumbling)
    driver.batch(blockOf(SCHEMA, Array.from({ length: 12_000 }, (_, i) => ({ key: `k${i % 7}`, at: i * 10, value: i }))))
    expect(driver.results.reduce((rows, result) => rows + result.figures.stateRows, 0)).toBe(12_000)
    expect(driver.batch()).toHaveLength(11_999)
    driver.runner.close()
    expect(set!.arena.usedBytes).toBe(0)
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
