/** Tasks over aggregations: what batches give, on every kernel set. */
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/data/schema.js'
import { callOf } from '../../src/plan/function-table.js'
import { literalOf } from '../../src/plan/literal.js'
import type { PlanNode } from '../../src/plan/node.js'
import { planOutputs } from '../../src/plan/plan-outputs.js'
import type { TaskSpec } from '../../src/plan/task.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver } from '../support/task-driver.js'
import { kernelSets } from '../support/kernels.js'

const READINGS: Schema = [{ name: 'sensor', type: 'utf8' }, { name: 'at', type: 'timestamp' }, { name: 'value', type: 'f64' }]

const byFixedName = (a: Record<string, unknown>, b: Record<string, unknown>): number =>
  String(a['sensor']).localeCompare(String(b['sensor']))

describe.each(kernelSets().map(set => [set.kind, set] as const))('task runner, %s kernels', (_, set) => {
  it('groups by text and emits windows once they are closed', () => {
    const value = column('value', 'f64')
    const plan = aggregationPlan({
      schema: READINGS, keys: [named('sensor', 'utf8')], window: { sizeMs: 1000, slideMs: 1000 },
      aggregates: [aggregate('n', 'count'), aggregate('sum', 'sum', value), aggregate('min', 'min', value),
        aggregate('max', 'max', value)],
    })
    const driver = new TaskDriver(set, plan)
    const first = blockOf(READINGS, [
      { sensor: 'a', at: 100, value: 1 }, { sensor: 'b', at: 200, value: 2 }, { sensor: 'a', at: 1100, value: 3 },
        { sensor: 'a', at: 900, value: -4 },
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
    const plan = aggregationPlan({ schema: READINGS, window: { sizeMs: 10_000, slideMs: 10_000 },
      aggregates: [aggregate('n', 'count')] })
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
      schema, keys: [named('key', 'i32')],
        aggregates: [aggregate('n', 'count'), aggregate('sum', 'sum', value), aggregate('max', 'max', value)],
    })
    const driver = new TaskDriver(set, plan, { taskRows: 2 })
    const batch = (...rows: [number, bigint][]) => driver.batch(blockOf(schema, rows.map(([key, value]) => ({ key, value }))))
      .sort((a, b) => Number(a['key']) - Number(b['key']))
    expect(batch([1, 10n], [2, 20n], [1, 30n])).toEqual([{ key: 1, n: 2, sum: 40n, max: 30n },
      { key: 2, n: 1, sum: 20n, max: 20n }])
    expect(batch([2, 5n], [3, -1n])).toEqual([{ key: 2, n: 2, sum: 25n, max: 20n }, { key: 3, n: 1, sum: -1n, max: -1n }])
    expect(batch()).toEqual([])
    driver.runner.close()
  })

  it('decodes bytes, keeps bad records with their place, and accounts for every record', () => {
    const source: PlanNode = { kind: 'source', nodeId: 0, schema: READINGS, sourceId: 0, name: 'lines', format: 'ndjson' }
    const positive: PlanNode = { kind: 'filter', nodeId: 1, schema: READINGS, input: source,
      predicate: callOf('gt', [column('value', 'f64'), literalOf(0, 'f64')]) }
    const driver = new TaskDriver(set, planOutputs([{ outputId: 0, name: 'test', node: positive, mode: 'append' }]))
    const lines = ['{"sensor":"a","at":1,"value":2.5}', '{"sensor":"a","at":oops}', '{"sensor":"ß","at":2,"value":-1}',
      '{"value":1e3}']
    const block = { kind: 'bytes', format: 'ndjson',
      bytes: new TextEncoder().encode(lines.map(line => `${line}\n`).join('')) } as const
    expect(driver.batch(block)).toEqual([{ sensor: 'a', at: 1, value: 2.5 }, { sensor: null, at: null, value: 1000 }])
    const { figures, badRecords } = driver.results[0]!
    expect(figures).toMatchObject({ rowsIn: 3, rowsOut: 2, filtered: 1, late: 0, nullTime: 0, bad: 1,
      bytesIn: block.bytes.length })
    expect(badRecords.map(({ offset, bytes }) =>
      [offset, new TextDecoder().decode(bytes).slice(0, lines[1]!.length)])).toEqual([[lines[0]!.length + 1, lines[1]]])
    driver.runner.close()
    expect(set.arena.usedBytes).toBe(0)
  })

  it('runs every branch of a stage, union branches in their order, and gathers up to a limit', () => {
    const source: PlanNode = { kind: 'source', nodeId: 0, schema: READINGS, sourceId: 0, name: 'test', format: 'columns' }
    const keep = (nodeId: number, sensor: string): PlanNode =>
      ({ kind: 'filter', nodeId, schema: READINGS, input: source,
        predicate: callOf('eq', [column('sensor', 'utf8'), literalOf(sensor, 'utf8')]) })
    const union: PlanNode = { kind: 'union', nodeId: 3, schema: READINGS, inputs: [keep(1, 'b'), keep(2, 'a')] }
    const limit: PlanNode = { kind: 'limit', nodeId: 4, schema: READINGS, input: union, rows: 3 }
    const driver = new TaskDriver(set, planOutputs([{ outputId: 0, name: 'test', node: limit, mode: 'append' }]), { taskRows: 3 })
    const rows = ['a', 'b', 'a', 'b', 'b', 'c'].map((sensor, at) => ({ sensor, at, value: at }))
    expect(driver.batch(blockOf(READINGS, rows)).map(row => row['at'])).toEqual([1, 0, 2])
    expect(driver.results[0]!.figures.branches.map(({ rowsOut, filtered }) => [rowsOut, filtered])).toEqual([[1, 2], [2, 1]])
    driver.runner.close()
  })

  it('counts rows without a time apart, and late ones too', () => {
    const plan = aggregationPlan({ schema: READINGS, window: { sizeMs: 10, slideMs: 10 }, aggregates: [aggregate('n', 'count')] })
    const driver = new TaskDriver(set, plan)
    driver.batch(blockOf(READINGS, [{ at: 55 }, { at: null }, { at: NaN }, { at: Infinity }]))
    expect(driver.results[0]!.figures).toMatchObject({ rowsIn: 4, rowsOut: 1, nullTime: 3, late: 0, maxEventTimeMs: { 0: 55 } })
    driver.batch()
    driver.batch(blockOf(READINGS, [{ at: 49 }, { at: 50 }]))
    expect(driver.results[0]!.figures).toMatchObject({ rowsIn: 2, rowsOut: 1, late: 1 })
    driver.runner.close()
  })

  it('says where a task belongs that failed', () => {
    const driver = new TaskDriver(set, aggregationPlan({ schema: READINGS, aggregates: [aggregate('n', 'count')] }))
    driver.batch()
    const task: TaskSpec = { batchId: 0, stageId: 1, taskIndex: 2, partitionIndex: 2, attempt: 0, inputs: [], firstOrdinal: 0,
      watermarks: {}, batchTimeMs: 0 }
    expect(() => driver.runner.run([task])).toThrow(expect.objectContaining({
      name: 'MillraceError', code: 'INTERNAL', where: { batchId: 0, stageId: 1, taskIndex: 2, partitionIndex: 2 },
      message: expect.stringContaining('version 0 of a state is opened, but version 0 is committed already'),
    }))
  })
})
