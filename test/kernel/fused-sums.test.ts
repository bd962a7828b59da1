/**
 * Sums of one group inside fused blocks: the same bits as those of the instructions, on every kernel set, whatever the vectors'
 * lengths, nulls, and filters before.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnBlock } from '../../src/data/block.js'
import type { Schema } from '../../src/data/schema.js'
import { compilePlan } from '../../src/kernel/plan-compiler.js'
import { rangesOf } from '../../src/kernel/fused/program-blocks.js'
import { aggregateCallOf } from '../../src/plan/aggregate-table.js'
import type { AggregateCall, Expression } from '../../src/plan/expression.js'
import { callOf } from '../../src/plan/function-table.js'
import { kernelSets } from '../support/kernels.js'
import { literal } from '../support/programs.js'
import { aggregate, aggregationPlan, blockOf, column, TaskDriver, type Row } from '../support/task-driver.js'

const SCHEMA: Schema = [{ name: 'x', type: 'f64' }, { name: 'y', type: 'f64' }]
const X = column('x', 'f64')
const Y = column('y', 'f64')
/** 3x − y and 2y + 0.1. */
const FIRST = callOf('sub', [callOf('mul', [X, literal(3, 'f64')]), Y])
const SECOND = callOf('add', [callOf('mul', [Y, literal(2, 'f64')]), literal(0.1, 'f64')])
const SUMS = [aggregate('n', 'count'), aggregate('a', 'sum', FIRST), aggregate('b', 'avg', SECOND), aggregate('c', 'avg', FIRST)]
/** One that the block does not do behind those that it does. */
const MIXED = [...SUMS, aggregate('low', 'min', SECOND), aggregate('high', 'max', X), aggregate('last', 'last', Y)]

const sets = kernelSets()
const planOf = (aggregates: readonly AggregateCall[], filter?: Expression) =>
  aggregationPlan({ schema: SCHEMA, aggregates, mode: 'complete', ...filter ? { filter } : {} })

function sumsOf(aggregates: readonly AggregateCall[], filter?: Expression): number[] {
  const [[branch]] = compilePlan(planOf(aggregates, filter), {}) as never as [[{ parts: [{ whole: never }] }]]
  return rangesOf(branch.parts[0].whole).map(({ sums }) => sums.length)
}

/** State and rows of all kernel sets, the SIMD build's fused and not. */
function outcomes(block: ColumnBlock, aggregates: readonly AggregateCall[], filter?: Expression): string[] {
  const runs = [...sets.map(set => ({ set, fastPaths: { fusedPrograms: false } })),
    { set: sets[0]!, fastPaths: { fusedPrograms: true } }]
  return runs.map(({ set, fastPaths }) => {
    const driver = new TaskDriver(set, planOf(aggregates, filter), { partitions: 1, taskRows: 5000, fastPaths })
    const rows = [driver.batch(block), driver.batch(block)]
    const state = driver.snapshot().flatMap(({ panes }) => panes.map(({ block }) => Buffer.from(block!.bytes).toString('hex')))
    driver.runner.close()
    return JSON.stringify([rows.flat().map(row => Object.values(row).map(String)), state])
  })
}

const number = fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.constantFrom(0, -0, 1e300, -1e300, 0.1))
const special = fc.oneof(number, fc.constantFrom(NaN, Infinity, -Infinity))
const rowsArbitrary = fc.oneof(
  fc.array(fc.record({ x: number, y: number }), { maxLength: 40 }),
  fc.array(fc.record({ x: special, y: special }), { maxLength: 40 }),
  fc.array(fc.record({ x: fc.option(number, { freq: 5 }), y: fc.option(special, { freq: 5 }) }), { maxLength: 40 }))

/** Rows repeated until they fill vectors and more. */
const repeated = (rows: readonly Row[], numRows: number): ColumnBlock =>
  blockOf(SCHEMA, rows.length ? Array.from({ length: numRows }, (_, i) => rows[i % rows.length]!) : [])

describe('sums in fused blocks', () => {
  it('are part of a block where it sees all rows, up to the first aggregate that is more than a sum', () => {
    const spread = aggregate('sd', 'stddev', FIRST)
    const condition = callOf('gt', [X, literal(0, 'f64')])
    const some = aggregateCallOf('some', 'sum', [FIRST], condition)
    expect(sumsOf(SUMS)).toEqual([2])
    expect(sumsOf([spread, ...SUMS])).toEqual([0])
    expect(sumsOf([some])).toEqual([0])
    expect(sumsOf([aggregate('c', 'avg', FIRST), aggregate('d', 'max', SECOND)])).toEqual([1])
    expect(sumsOf(SUMS, callOf('gt', [FIRST, literal(0, 'f64')]))).toEqual([0])
  })

  it.each([8, 2048, 4096, 1, 7, 2049, 5003, 10_000])('give the bits of their instructions, %i rows', numRows => {
    fc.assert(fc.property(rowsArbitrary, fc.constantFrom(SUMS, MIXED), (rows, aggregates) => {
      const [simd, scalar, twin, fused] = outcomes(repeated(rows, numRows), aggregates)
      expect([scalar === simd, twin === simd, fused === simd]).toEqual([true, true, true])
    }), { numRuns: 12, seed: 11 })
  })

  it('leave vectors to the instructions of which a filter has taken rows', () => {
    const rows = Array.from({ length: 4096 }, (_, i) => ({ x: i % 97 - 40, y: i / 7 }))
    const filter = callOf('gt', [X, literal(0, 'f64')])
    // What no block computes stands between the filter and the block of the sum.
    const power = callOf('exp', [X])
    const product = callOf('add', [callOf('mul', [power, Y]), literal(1, 'f64')])
    const sums = [aggregate('a', 'sum', product), aggregate('b', 'sum', power)]
    expect(sumsOf(sums, filter)).toEqual([0, 2])
    const [simd, scalar, twin, fused] = outcomes(blockOf(SCHEMA, rows), sums, filter)
    expect([scalar === simd, twin === simd, fused === simd]).toEqual([true, true, true])
  })
})
