/** Output modes and scopes without windows, and aggregation without keys. */
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/data/schema.js'
import { kernelSets } from '../support/kernels.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver } from '../support/task-driver.js'

const SCHEMA: Schema = [{ name: 'key', type: 'i32' }, { name: 'value', type: 'f64' }]
const AGGREGATES = [aggregate('n', 'count'), aggregate('mean', 'avg', column('value', 'f64'))]

const block = (...rows: readonly (readonly [key: number, value: number | null])[]) =>
  blockOf(SCHEMA, rows.map(([key, value]) => ({ key, value })))

describe.each(kernelSets().map(set => [set.kind, set] as const))('groups without windows, %s kernels', (_, set) => {
  it('all come out each time in complete mode, by first appearance', () => {
    const driver = new TaskDriver(set,
      aggregationPlan({ schema: SCHEMA, keys: [named('key', 'i32')], aggregates: AGGREGATES, mode: 'complete' }),
        { partitions: 1 })
    expect(driver.batch(block([3, 1], [1, 2]))).toEqual([{ key: 3, n: 1, mean: 1 }, { key: 1, n: 1, mean: 2 }])
    expect(driver.batch(block([2, 5], [3, 3]))).toEqual([{ key: 3, n: 2, mean: 2 }, { key: 1, n: 1, mean: 2 },
      { key: 2, n: 1, mean: 5 }])
    expect(driver.batch()).toHaveLength(3)
    driver.runner.close()
  })

  it('are forgotten after each batch in scope batch', () => {
    const driver = new TaskDriver(set,
      aggregationPlan({ schema: SCHEMA, keys: [named('key', 'i32')], aggregates: AGGREGATES, scope: 'batch' }), { partitions: 1 })
    expect(driver.batch(block([3, 1], [1, 2], [3, 5]))).toEqual([{ key: 3, n: 2, mean: 3 }, { key: 1, n: 1, mean: 2 }])
    expect(driver.batch(block([1, 4]))).toEqual([{ key: 1, n: 1, mean: 4 }])
    expect(driver.batch()).toEqual([])
    driver.runner.close()
    expect(set.arena.usedBytes).toBe(0)
  })

  it('are one where there are no keys, even without rows', () => {
    for (const [mode, scope] of [['complete', 'stream'], ['update', 'stream'], ['append', 'batch']] as const) {
      const driver = new TaskDriver(set, aggregationPlan({ schema: SCHEMA, aggregates: AGGREGATES, mode, scope }),
        { partitions: 3, taskRows: 1 })
      expect(driver.batch()).toEqual([{ n: 0, mean: null }])
      expect(driver.batch(block([1, 2], [2, 4]))).toEqual([{ n: 2, mean: 3 }])
      expect(driver.batch(block([1, null]))).toEqual(scope === 'batch' ? [{ n: 1, mean: null }] : [{ n: 3, mean: 3 }])
      expect(driver.batch()).toEqual(scope === 'batch' ? [{ n: 0, mean: null }] : mode === 'complete' ? [{ n: 3, mean: 3 }] : [])
      driver.runner.close()
    }
  })
})
