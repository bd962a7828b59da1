/** Tasks of several partitions that run together give what they give one by one: rows, their order, state and figures. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/data/schema.js'
import type { OutputMode } from '../../src/plan/node.js'
import type { PhysicalPlan } from '../../src/plan/stage.js'
import type { TaskResult } from '../../src/plan/task.js'
import { kernelSets } from '../support/kernels.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver, type Row } from '../support/task-driver.js'

const SCHEMA: Schema = [
  { name: 'key', type: 'utf8' }, { name: 'at', type: 'timestamp' }, { name: 'value', type: 'f64' },
  { name: 'note', type: 'utf8' },
]
const AGGREGATES = [
  aggregate('n', 'count'), aggregate('mean', 'avg', column('value', 'f64')), aggregate('last', 'last', column('note', 'utf8')),
  aggregate('noted', 'minBy', column('note', 'utf8'), column('value', 'f64')),
]
const FIGURES = ['rowsIn', 'rowsOut', 'bytesIn', 'overflows', 'stateRows'] as const
const WINDOWS = [null, { sizeMs: 10, slideMs: 10 }, { sizeMs: 20, slideMs: 5 }, { sizeMs: 40, slideMs: 5 }]

const rowArbitrary: fc.Arbitrary<Row> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'ü', '', 'a key of more than 16 bytes', null),
  at: fc.integer({ min: 0, max: 120 }),
  value: fc.oneof(fc.constant(null), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
  note: fc.constantFrom('x', 'y', 'z', null),
})

function planOf(window: typeof WINDOWS[number], mode: OutputMode): PhysicalPlan {
  return aggregationPlan({ schema: SCHEMA, keys: [named('key', 'utf8')], aggregates: AGGREGATES, mode,
    ...(window ? { window } : {}) })
}

const sharedBlocks = (results: readonly TaskResult[]): number =>
  new Set(results.flatMap(result => result.results.flatMap(({ block, rows }) => rows ? [block] : []))).size

describe.each(kernelSets().map(set => [set.kind, set] as const))('tasks together, %s kernels', (_, set) => {
  it('give the rows, the order and the state of tasks one by one', () => {
    let together = 0
    fc.assert(fc.property(
      fc.constantFrom(...WINDOWS), fc.constantFrom<OutputMode>('append', 'update', 'complete'), fc.integer({ min: 2, max: 6 }),
      fc.array(fc.array(rowArbitrary, { maxLength: 40 }), { minLength: 1, maxLength: 5 }),
      (window, wanted, partitions, batches) => {
        const mode = window || wanted !== 'append' ? wanted : 'update'
        const drivers = [true, false].map(tasksTogether =>
          new TaskDriver(set, planOf(window, mode), { partitions, taskRows: 9, fastPaths: { tasksTogether } }))
        for (const rows of batches) {
          const [given, expected] = drivers.map(driver => driver.batch(blockOf(SCHEMA, rows)))
          expect(given).toEqual(expected)
          const [figures, expectedFigures] = drivers.map(({ results }) => FIGURES.map(name =>
            results.reduce((sum, { figures: own }) => sum + own[name], 0)))
          expect(figures).toEqual(expectedFigures)
          together += sharedBlocks(drivers[0]!.results)
          expect(sharedBlocks(drivers[1]!.results)).toBe(0)
        }
        const [state, expectedState] = drivers.map(driver => driver.snapshot())
        expect(state).toEqual(expectedState)
        for (const { runner } of drivers) runner.close()
        expect(set.arena.usedBytes).toBe(0)
      }), { numRuns: 60 })
    expect(together).toBeGreaterThan(30)
  })

  it('are not too many at a time: large states go one by one', () => {
    const schema: Schema = [{ name: 'key', type: 'i32' }]
    const plan = aggregationPlan({ schema, keys: [named('key', 'i32')], aggregates: [aggregate('n', 'count')], mode: 'complete' })
    const driver = new TaskDriver(set, plan, { partitions: 4 })
    const rows = Array.from({ length: 50_000 }, (_, key) => ({ key }))
    const given = [driver.batch(blockOf(schema, rows)), driver.batch(blockOf(schema, rows))]
    expect(given.map(({ length }) => length)).toEqual([50_000, 50_000])
    expect(driver.results.filter(({ stageId, results }) => stageId === 1 && results.length === 1).length).toBe(4)
    expect(sharedBlocks(driver.results)).toBe(2)
    driver.runner.close()
  })
})
