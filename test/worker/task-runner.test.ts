/** Tasks over aggregations: what batches give, on every kernel set. */
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/data/schema.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver } from '../support/task-driver.js'
import { kernelSets } from '../support/kernels.js'

const READINGS: Schema = [{ name: 'sensor', type: 'utf8' }, { name: 'at', type: 'timestamp' }, { name: 'value', type: 'f64' }]

const byFixedName = (a: Record<string, unknown>, b: Record<string, unknown>): number => String(a['sensor']).localeCompare(String(b['sensor']))

describe.each(kernelSets().map(set => [set.kind, set] as const))('task runner, %s kernels', (_, set) => {
  it('groups by text and emits windows once they are closed', () => {
    const value = column('value', 'f64')
    const plan = aggregationPlan({
      schema: READINGS, keys: [named('sensor', 'utf8')], window: { sizeMs: 1000, slideMs: 1000 },
      aggregates: [aggregate('n', 'count'), aggregate('sum', 'sum', value), aggregate('min', 'min', value), aggregate('max', 'max', value)],
    })
    const driver = new TaskDriver(set, plan)
    const first = blockOf(READINGS, [
      { sensor: 'a', at: 100, value: 1 }, { sensor: 'b', at: 200, value: 2 }, { sensor: 'a', at: 1100, value: 3 }, { sensor: 'a', at: 900, value: -4 },
      { sensor: null, at: 5, value: null },
    ])
    expect(driver.batch(first)).toEqual([])
    expect(driver.batch().sort(byFixedName)).toEqual([
      { sensor: 'a', w: { start: 0, end: 1000 }, n: 2, sum: -3, min: -4, max: 1 },
      { sensor: 'b', w: { start: 0, end: 1000 }, n: 1, sum: 2, min: 2, max: 2 },
      { sensor: null, w: { start: 0, end: 1000 }, n: 1, sum: null, min: null, max: null },
    ])
    expect(driver.batch()).toEqual([])
    driver.runner.close()
    expect(set.arena.usedBytes).toBe(0)
  })

  it('closes windows by the watermark of the batches before, and drops rows that are later', () => {
    const plan = aggregationPlan({ schema: READINGS, window: { sizeMs: 10_000, slideMs: 10_000 }, aggregates: [aggregate('n', 'count')] })
    const driver = new TaskDriver(set, plan)
    const at = (seconds: number) => driver.batch(blockOf(READINGS, [{ at: seconds * 1000, value: 0 }]))
    expect([at(1), at(25), at(3)]).toEqual([[], [], [{ w: { start: 0, end: 10_000 }, n: 2 }]])
    expect(at(4)).toEqual([])
    expect(driver.results[0]!.figures.late).toBe(1)
    driver.runner.close()
  })

  it('keeps groups without windows from batch to batch and emits what a batch touched', () => {
    const schema: Schema = [{ name: 'key', type: 'i32' }, { name: 'value', type: 'i64' }]
    const value = column('value', 'i64')
    const plan = aggregationPlan({
      schema, keys: [named('key', 'i32')], aggregates: [aggregate('n', 'count'), aggregate('sum', 'sum', value), aggregate('max', 'max', value)],
    })
    const driver = new TaskDriver(set, plan, { taskRows: 2 })
    const batch = (...rows: [number, bigint][]) => driver.batch(blockOf(schema, rows.map(([key, value]) => ({ key, value }))))
      .sort((a, b) => Number(a['key']) - Number(b['key']))
    expect(batch([1, 10n], [2, 20n], [1, 30n])).toEqual([{ key: 1, n: 2, sum: 40n, max: 30n }, { key: 2, n: 1, sum: 20n, max: 20n }])
    expect(batch([2, 5n], [3, -1n])).toEqual([{ key: 2, n: 2, sum: 25n, max: 20n }, { key: 3, n: 1, sum: -1n, max: -1n }])
    expect(batch()).toEqual([])
    driver.runner.close()
  })
})
