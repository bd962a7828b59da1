/**
 * Output modes over tumbling and sliding windows: what comes out of random batches, some rows late and some at equal times,
 * against windows kept row by row in plain JavaScript.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/data/schema.js'
import type { OutputMode } from '../../src/plan/node.js'
import { kernelSets } from '../support/kernels.js'
import { aggregate, aggregationPlan, blockOf, column, named, TaskDriver } from '../support/task-driver.js'

const SCHEMA: Schema = [{ name: 'key', type: 'utf8' }, { name: 'at', type: 'timestamp' }, { name: 'value', type: 'i32' }]
const AGGREGATES = [
  aggregate('n', 'count'), aggregate('sum', 'sum', column('value', 'i32')), aggregate('first', 'first', column('value', 'i32')),
  aggregate('last', 'last', column('value', 'i32')),
]

interface Event {
  readonly key: string | null
  readonly at: number
  readonly value: number
}

interface WindowShape {
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs: number
}

const SHAPES: readonly WindowShape[] = [
  { sizeMs: 10, slideMs: 10, offsetMs: 0 }, { sizeMs: 10, slideMs: 10, offsetMs: 3 }, { sizeMs: 20, slideMs: 5, offsetMs: 0 },
  { sizeMs: 10, slideMs: 4, offsetMs: 1 }, { sizeMs: 9, slideMs: 6, offsetMs: 0 },
  { sizeMs: 40, slideMs: 5, offsetMs: 0 }, { sizeMs: 30, slideMs: 4, offsetMs: 1 }, { sizeMs: 20, slideMs: 1, offsetMs: 0 },
]

const eventArbitrary: fc.Arbitrary<Event> = fc.record({
  key: fc.constantFrom('a', 'b', 'ü', null), at: fc.integer({ min: -30, max: 90 }), value: fc.integer({ min: -100, max: 100 }),
})

/** The engine's rules by the letter, row by row. */
class NaiveWindows {
  readonly #shape: WindowShape
  readonly #mode: OutputMode
  readonly #delayMs: number
  readonly #rows: (Event & { readonly pane: number })[] = []
  readonly #emitted = new Set<string>()
  #late = -Infinity
  #close = -Infinity
  #max = -Infinity

  constructor(shape: WindowShape, mode: OutputMode, delayMs: number) {
    this.#shape = shape
    this.#mode = mode
    this.#delayMs = delayMs
  }

  batch(events: readonly Event[]): Record<string, unknown>[] {
    this.#late = this.#close
    this.#close = this.#max - this.#delayMs
    const touched = new Set<string>()
    for (const event of events) {
      this.#max = Math.max(this.#max, event.at)
      const starts = this.#startsOf(event.at)
      // Complete mode keeps everything, so nothing is late in it.
      if (this.#mode !== 'complete' && Math.max(...starts) + this.#shape.sizeMs <= this.#late) continue
      this.#rows.push({ ...event, pane: 0 })
      for (const start of starts) touched.add(`${start} ${event.key}`)
    }
    const windows = new Map<string, { start: number; key: string | null; rows: Event[] }>()
    for (const row of this.#rows) {
      for (const start of this.#startsOf(row.at)) {
        const id = `${start} ${row.key}`
        const window = windows.get(id) ?? { start, key: row.key, rows: [] }
        window.rows.push(row)
        windows.set(id, window)
      }
    }
    return [...windows].filter(([id, { start }]) =>
      this.#comesOut(id, start + this.#shape.sizeMs, touched)).map(([, { start, key, rows }]) => ({
      key, w: { start, end: start + this.#shape.sizeMs }, n: rows.length,
        sum: BigInt(rows.reduce((sum, row) => sum + row.value, 0)),
      first: this.#byPane(rows)[0]!.value, last: this.#byPane(rows).at(-1)!.value,
    }))
  }

  #comesOut(id: string, end: number, touched: ReadonlySet<string>): boolean {
    if (this.#mode === 'complete') return true
    if (this.#mode === 'update') return touched.has(id) && end > this.#late
    if (end > this.#close || this.#emitted.has(id) || end <= this.#late) return false
    this.#emitted.add(id)
    return true
  }

  /** first and last see panes in their order, and rows in arrival order within each. */
  #byPane(rows: readonly Event[]): Event[] {
    const { sizeMs, slideMs, offsetMs } = this.#shape
    const gcd = (a: number, b: number): number => b ? gcd(b, a % b) : a
    const pane = (row: Event): number => Math.floor((row.at - offsetMs) / gcd(sizeMs, slideMs))
    return [...rows].sort((a, b) => pane(a) - pane(b))
  }

  #startsOf(at: number): number[] {
    const { sizeMs, slideMs, offsetMs } = this.#shape
    const starts: number[] = []
    const last = offsetMs + Math.floor((at - offsetMs) / slideMs) * slideMs
    for (let start = last; start + sizeMs > at; start -= slideMs) starts.push(start)
    return starts
  }
}

const inAnyOrder = (rows: readonly Record<string, unknown>[]): string[] =>
  rows.map(row => JSON.stringify(row, (_, value: unknown) => typeof value === 'bigint' ? `${value}n` : value)).sort()

const sets = kernelSets()

describe.each(['append', 'update', 'complete'] as const)('windows in %s mode', mode => {
  it.each(SHAPES.map(shape => [shape.sizeMs, shape.slideMs, shape.offsetMs, shape] as const))('of %i ms by %i ms at %i ms',
    (_size, _slide, _offset, shape) => {
    const plan = aggregationPlan({ schema: SCHEMA, keys: [named('key', 'utf8')], window: shape, aggregates: AGGREGATES, mode })
    let run = 0
    fc.assert(fc.property(fc.array(fc.array(eventArbitrary, { maxLength: 8 }), { maxLength: 8 }), fc.constantFrom(0, 7),
      (batches, delayMs) => {
      const set = sets[run++ % sets.length]!
      const driver = new TaskDriver(set, plan, { taskRows: 3, delayMs, partitions: 2 })
      const naive = new NaiveWindows(shape, mode, delayMs)
      for (const events of [...batches, []]) {
        const found = driver.batch(blockOf(SCHEMA, events.map(event => ({ ...event }))))
        expect(inAnyOrder(found)).toEqual(inAnyOrder(naive.batch(events)))
      }
      driver.runner.close()
    }), { numRuns: 20, seed: 1 })
    for (const set of sets) expect(set.arena.usedBytes).toBe(0)
  })

  it('come ordered by window, then by first appearance', () => {
    const plan = aggregationPlan({ schema: SCHEMA, keys: [named('key', 'utf8')], window: { sizeMs: 20, slideMs: 10 },
      aggregates: AGGREGATES, mode })
    const driver = new TaskDriver(sets[0]!, plan, { partitions: 1 })
    const events = [['c', 25], ['b', 12], ['a', 14], ['b', 3], ['c', 11]] as const
    const rows = [
      ...driver.batch(blockOf(SCHEMA, events.map(([key, at]) => ({ key, at, value: 1 })))), ...driver.batch(),
      ...driver.batch(blockOf(SCHEMA, [{ key: 'z', at: 200, value: 1 }])), ...driver.batch(),
    ]
    const seen = [...new Set(rows.filter(row => row['key'] !== 'z').map(row =>
      `${(row['w'] as { start: number }).start} ${String(row['key'])}`))]
    expect(seen).toEqual(['-10 b', '0 b', '0 a', '0 c', '10 b', '10 a', '10 c', '20 c'])
    driver.runner.close()
  })
})

describe('windows of many panes', () => {
  const FLOATS: Schema = [{ name: 'key', type: 'utf8' }, { name: 'at', type: 'timestamp' }, { name: 'value', type: 'f64' }]
  const value = column('value', 'f64')
  const aggregates = [aggregate('sum', 'sum', value), aggregate('sd', 'stddev', value), aggregate('first', 'first', value),
    aggregate('low', 'min', column('key', 'utf8'))]
  const readings = fc.array(fc.record({
    key: fc.constantFrom('a', 'b', 'ü', null), at: fc.integer({ min: 0, max: 60 }), value: fc.double({ noNaN: true }),
  }), { maxLength: 12 })

  it.each(['append', 'update', 'complete'] as const)('give the same bits with and without what was kept, in %s mode', mode => {
    const plan = aggregationPlan({ schema: FLOATS, keys: [named('key', 'utf8')], aggregates, mode,
      window: { sizeMs: 24, slideMs: 2, offsetMs: 1 } })
    let run = 0
    fc.assert(fc.property(fc.array(readings, { maxLength: 12 }), fc.integer({ min: 0, max: 30 }), (batches, delayMs) => {
      const set = sets[run++ % sets.length]!
      const drivers = [true, false].map(twoStacks =>
        new TaskDriver(set, plan, { delayMs, partitions: 2, fastPaths: { twoStacks } }))
      let restored = new TaskDriver(set, plan, { delayMs, partitions: 2 })
      batches.forEach((events, step) => {
        const block = blockOf(FLOATS, events.map(event => ({ ...event, at: event.at + step * 12 })))
        const next = new TaskDriver(set, plan, { delayMs, partitions: 2 })
        next.continueFrom(restored)
        restored.runner.close()
        restored = next
        const [kept, anew, after] = [...drivers, restored].map(driver => driver.batch(block))
        expect(kept).toEqual(anew)
        expect(kept).toEqual(after)
      })
      for (const driver of [...drivers, restored]) driver.runner.close()
    }), { numRuns: 60, seed: 5 })
    for (const set of sets) expect(set.arena.usedBytes).toBe(0)
  })
})
