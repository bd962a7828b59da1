/**
 * What a program does to a task's rows apart from computing: filters, samples, limits, event times and their counts.
 */
import { describe, expect, it } from 'vitest'
import { kernelSets } from '../support/kernels.js'
import { call, column, evaluate, literal, type TestColumn } from '../support/programs.js'

const ROWS = 5003
const value: TestColumn = { name: 'value', type: 'f64', values: Array.from({ length: ROWS }, (_, i) => (i * 37) % 101 - 50) }
const gappy: TestColumn = { name: 'gappy', type: 'f64', values: value.values.map((v, i) => i % 7 === 3 ? null : v) }
const at: TestColumn = { name: 'at', type: 'timestamp',
  values: value.values.map((_, i) => i % 11 === 0 ? null : 1000 + (i * 7919) % ROWS) }

describe.each(kernelSets().map(set => [set.kind, set] as const))('program, %s', (_, set) => {
  it('keeps the rows whose predicate is true and counts the others', () => {
    const predicate = call('gt', 'bool', column(gappy), literal(0, 'f64'))
    const { columns, figures } = evaluate(set, [value, gappy], [column(value), column(gappy)],
      [{ kind: 'filter', predicate, reason: 'filtered' }])
    const expected = gappy.values.filter(v => v !== null && v as number > 0)
    expect(columns[1]).toEqual(expected)
    expect(columns[0]).toEqual(expected)
    expect(figures).toMatchObject({ rowsIn: ROWS, rowsOut: expected.length, filtered: ROWS - expected.length, late: 0,
      nullTime: 0, overflows: 0 })
  })

  it('counts by reason, and not at all without one', () => {
    const above = (limit: number) => call('ge', 'bool', column(value), literal(limit, 'f64'))
    const { figures } = evaluate(set, [value], [column(value)], [
      { kind: 'filter', predicate: above(-40), reason: 'late' },
      { kind: 'filter', predicate: above(-30), reason: 'nullTime' },
      { kind: 'filter', predicate: above(-20), reason: null },
    ])
    const count = (from: number, to: number) => value.values.filter(v => (v as number) >= from && (v as number) < to).length
    expect(figures).toEqual({ rowsIn: ROWS, rowsOut: count(-20, 999), filtered: 0, late: count(-999, -40),
      nullTime: count(-40, -30), overflows: 0 })
  })

  it('gives no rows of no rows', () => {
    const { columns, figures } = evaluate(set, [{ ...value, values: [] }], [column(value)])
    expect(columns).toEqual([[]])
    expect(figures.rowsOut).toBe(0)
  })

  it('reports the largest event time of the rows that are left', () => {
    const predicate = call('lt', 'bool', column(value), literal(0, 'f64'))
    const { maxEventTimeMs } = evaluate(set, [value, at], [column(value)], [
      { kind: 'watermark', watermarkId: 4, time: column(at) },
      { kind: 'filter', predicate, reason: 'filtered' },
      { kind: 'watermark', watermarkId: 9, time: column(at) },
    ])
    const largest = (rows: readonly unknown[]) =>
      rows.reduce<number>((max, time) => time !== null && (time as number) > max ? time as number : max, -Infinity)
    expect(maxEventTimeMs).toEqual({ 4: largest(at.values),
      9: largest(at.values.filter((_, i) => (value.values[i] as number) < 0)) })
  })

  it('leaves out a watermark that no row has a time for', () => {
    const none: TestColumn = { name: 'at', type: 'timestamp', values: [null, null] }
    expect(evaluate(set, [none], [column(none)],
      [{ kind: 'watermark', watermarkId: 0, time: column(none) }]).maxEventTimeMs).toEqual({})
  })

  it('limits a task to its first rows', () => {
    for (const rows of [0, 1, 2048, 3000, ROWS, ROWS + 1]) {
      const { columns, figures } = evaluate(set, [value], [column(value)], [{ kind: 'limit', rows }])
      expect(columns[0]).toEqual(value.values.slice(0, rows))
      expect(figures).toMatchObject({ rowsOut: Math.min(rows, ROWS), filtered: Math.max(0, ROWS - rows) })
    }
  })

  it('limits what a filter has left', () => {
    const predicate = call('ge', 'bool', column(value), literal(0, 'f64'))
    const { columns } = evaluate(set, [value], [column(value)],
      [{ kind: 'filter', predicate, reason: 'filtered' }, { kind: 'limit', rows: 1500 }])
    expect(columns[0]).toEqual(value.values.filter(v => (v as number) >= 0).slice(0, 1500))
  })

  it('begins every task anew', () => {
    const steps = [{ kind: 'limit', rows: 3 }] as const
    expect(evaluate(set, [value], [column(value)], steps).columns).toEqual(evaluate(set, [value], [column(value)], steps).columns)
  })
})

describe('sample', () => {
  const run = (fraction: number, seed: number, batchId: number, firstOrdinal = 0) => {
    const results = kernelSets().map(set =>
      evaluate(set, [value], [column(value)], [{ kind: 'sample', fraction, seed }], { batchId, firstOrdinal }))
    for (const result of results) expect(result).toEqual(results[0])
    return results[0]!
  }

  it('keeps about the fraction, the same rows on every kernel set', () => {
    const { figures } = run(0.25, 7, 3)
    expect(figures.rowsOut / ROWS).toBeGreaterThan(0.22)
    expect(figures.rowsOut / ROWS).toBeLessThan(0.28)
    expect(figures.filtered).toBe(ROWS - figures.rowsOut)
  })

  it('keeps all at 1 and none at 0', () => {
    expect(run(1, 1, 1).figures.rowsOut).toBe(ROWS)
    expect(run(0, 1, 1).figures.rowsOut).toBe(0)
  })

  it('differs by seed, batch and ordinal', () => {
    const first = run(0.5, 1, 1).columns
    expect(run(0.5, 2, 1).columns).not.toEqual(first)
    expect(run(0.5, 1, 2).columns).not.toEqual(first)
    expect(run(0.5, 1, 1, 2 ** 40).columns).not.toEqual(first)
  })
})
