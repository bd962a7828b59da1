/**
 * Tables and joins as programs write them: what a join's row is made of, how a table changes, and what is refused where it is
 * written.
 */
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src/data/batch.js'
import { LookupTable } from '../../src/stream/lookup-table.js'
import type { Fields } from '../../src/stream/types.js'
import { nodeOf, TestPipeline } from './build.js'

// Untyped on purpose: JavaScript callers have only the run time. The types are held by typed-programs.
const test = new TestPipeline()
const readings: any = test.readings()
const tableOf = (rows: unknown, options: object = {}, pipeline = test.pipeline): any =>
  new LookupTable<Fields>(pipeline, rows, options)
const sensors = tableOf([{ sensor: 'a', place: 'roof', value: 1 }], { key: 'sensor', name: 'sensors' })

/** The rows of a table's present version. */
function rowsOf(table: any, pipeline = test.pipeline): unknown[] {
  const { block } = pipeline.tables.find((_, id) => id === LookupTable.describe(table, pipeline)!.tableId)!.current()
  return new Batch(block.schema, [block]).toRows()
}

describe('a joined row', () => {
  const namesOf = (stream: any): string[] => stream.schema.map(({ name }: { name: string }) => name)

  it('has the columns of both, keys of one name once, and names that are taken with _right', () => {
    const own = namesOf(readings)
    expect(namesOf(readings.join(sensors, { on: ['sensor'] }))).toEqual([...own, 'place', 'value_right'])
    expect(namesOf(readings.join(sensors, { on: (r: any, t: any) => [[r.sensor, t.sensor]] })))
      .toEqual([...own, 'sensor_right', 'place', 'value_right'])
    expect(namesOf(readings.join(sensors, { on: ['sensor'], type: 'semi' }))).toEqual(own)
  })

  it('is what select makes of both', () => {
    const joined = readings.join(sensors, {
      on: (r: any, t: any) => [[r.sensor.lower(), t.sensor]],
      select: (r: any, t: any) => ({ sensor: t.sensor, diff: r.value.sub(t.value) }),
    })
    expect(joined.explain()).toContain("project sensor_right as sensor, value - value_right as diff")
    expect(joined.explain()).toContain('inner join with table sensors on lower(sensor) = sensor')
  })
})

describe('the plan of a join', () => {
  it('takes only columns that are read, and checks the stream\'s own conditions first', () => {
    const text: string = readings.join(sensors, { on: ['sensor'] })
      .filter((r: any) => r.raw.gt(3).and(r.place.eq('roof')).and(r.ok)).select('at', 'place').explain()
    expect(text).toContain('rule join push-down: filter raw > 3 and ok moves below join with table sensors')
    expect(text).toContain('rule dead column removal: join leaves out value_right of table sensors')
    const stages = text.slice(text.indexOf('\nStages'))
    expect(stages.indexOf('filter raw > 3')).toBeLessThan(stages.indexOf('join with table'))
    expect(stages.indexOf("filter place = 'roof'")).toBeGreaterThan(stages.indexOf('join with table'))
    expect(stages).toContain('reads sensor, at, raw, ok')
  })

  it('leaves out a left join by key whose columns nobody reads', () => {
    const explained = (table: unknown): string => readings.join(table, { on: ['sensor'], type: 'left' }).select('at').explain()
    expect(explained(sensors)).toContain('changes nothing that is read')
    expect(explained(tableOf([{ sensor: 'a' }]))).not.toContain('changes nothing')
  })

  it('needs no shuffle', () => {
    const plan = new TestPipeline()
    const table = tableOf([{ sensor: 'a', x: 1 }], {}, plan.pipeline)
    plan.output('out', (plan.readings() as any).join(table, { on: ['sensor'] }))
    expect(plan.plan()).toMatchObject({
      shuffles: [], tables: [{ tableId: 0 }], stages: [{ branches: [{ steps: [{ kind: 'join' }] }] }],
    })
  })
})

describe('a table', () => {
  it('takes rows and columns, with a schema or the one they show', () => {
    const typed = tableOf([{ a: 1, b: '2024-01-01' }, { a: null }], { schema: { a: 'i32', b: 'timestamp' } })
    expect(rowsOf(typed)).toEqual([{ a: 1, b: Date.UTC(2024) }, { a: null, b: null }])
    const columns = tableOf({ a: Int32Array.of(1, 2), b: { values: [1n, 2n] }, c: ['x', null], d: { values: Int32Array.of(1, 0),
      dictionary: ['p', 'q'] }, e: new Float32Array(2), f: [new Date(5), null], g: [true, false] })
    const types = columns.schema.map(({ type }: { type: string }) => type)
    expect(types).toEqual(['i32', 'i64', 'utf8', 'utf8', 'f32', 'timestamp', 'bool'])
    expect(rowsOf(columns)).toEqual([
      { a: 1, b: 1n, c: 'x', d: 'q', e: 0, f: 5, g: true }, { a: 2, b: 2n, c: null, d: 'p', e: 0, f: null, g: false },
    ])
  })

  it('is changed by key: rows keep their places, new ones come last', () => {
    const table = tableOf([{ k: 'a', n: 1 }, { k: 'b', n: 2 }, { k: 'c', n: null }], { key: 'k' })
    table.upsert([{ k: 'd', n: 4 }, { k: 'b', n: 20 }, { k: 'd', n: 5 }, { k: 'c', n: 3 }])
    expect(rowsOf(table)).toEqual([{ k: 'a', n: 1 }, { k: 'b', n: 20 }, { k: 'c', n: 3 }, { k: 'd', n: 5 }])
    expect([table.delete({ k: 'a' }), table.delete([{ k: 'x' }]), table.delete([{ k: 'c' }, { k: 'd' }])]).toEqual([1, 0, 2])
    table.upsert({ k: 'a', n: 9 })
    expect(rowsOf(table)).toEqual([{ k: 'b', n: 20 }, { k: 'a', n: 9 }])
    const pairs = tableOf([{ a: 1, b: 'x' }, { a: 1, b: 'y' }], { key: ['a', 'b'] })
    pairs.delete({ a: 1, b: 'x' })
    expect(pairs.numRows).toBe(1)
  })

  it('counts its versions, and what was taken of it stays as it was', () => {
    const table = tableOf([{ k: 1, n: 1 }], { key: 'k' })
    const { tableId } = LookupTable.describe(table, test.pipeline)!
    const before = test.pipeline.tables[tableId]!.current()
    table.upsert({ k: 1, n: 2 })
    expect([before.version, test.pipeline.tables[tableId]!.current().version]).toEqual([0, 1])
    expect(new Batch(before.block.schema, [before.block]).toRows()).toEqual([{ k: 1, n: 1 }])
    expect(() => table.replace([{ k: 1 }, { k: 1 }])).toThrow()
    expect(rowsOf(table)).toEqual([{ k: 1, n: 2 }])
  })
})

const WRONG: readonly (readonly [name: string, program: () => unknown, message: RegExp])[] = [
  ['a column that the table does not have', () => readings.join(sensors, { on: ['raw'] }),
    /join: on, in table sensors: there is no column 'raw'; there are 'sensor', 'place' and 'value'/],
  ['keys of different types', () => readings.join(sensors, { on: (r: any, t: any) => [[r.value, t.place]] }),
    /value \(f64\) cannot equal place \(utf8\) of table sensors/],
  ['a pair the wrong way round', () => readings.join(sensors, { on: (r: any, t: any) => [[t.sensor, r.sensor]] }),
    /sensor must be a column of table sensors/],
  ['a pair that computes with the table',
    () => readings.join(sensors, { on: (r: any, t: any) => [[r.sensor, t.sensor.lower()]] }),
    /lower\(sensor\) must be a column of table/],
  ['no pairs', () => readings.join(sensors, { on: (r: any) => r.sensor }), /not pairs; write join\(table/],
  ['no keys', () => readings.join(sensors, { on: [] }), /on names no column/],
  ['nothing to go by', () => readings.join(sensors, {}), /join: on is undefined; write join\(table/],
  ['a full join', () => readings.join(sensors, { on: ['sensor'], type: 'full' }),
    /"full" is not possible with a table.*'inner', 'left'/],
  ['select of a semi join', () => readings.join(sensors, { on: ['sensor'], type: 'semi', select: (r: any) => ({ a: r.at }) }),
    /takes no columns of the table/],
  ['names that are taken twice', () => readings.with((r: any) => ({ value_right: r.raw })).join(sensors, { on: ['sensor'] }),
    /'value' and 'value_right' are both columns of the stream; say with select/],
  ['a stream', () => readings.join(readings, { on: ['sensor'] }), /takes a table that context\.table\(rows\) made/],
  ['a table of another context',
    () => readings.join(tableOf([{ sensor: 'a' }], {}, new TestPipeline().pipeline), { on: ['sensor'] }),
    /belongs to another context/],
  ['a value that does not fit', () => tableOf([{ a: 1 }, { a: 1.5 }], { schema: { a: 'i32' }, name: 't' }),
    /Table t, row 1: column 'a' \(i32\): 1\.5 is not an integer of 32 bits/],
  ['a key that repeats', () => tableOf([{ a: 1 }, { a: 2 }, { a: 1 }], { key: 'a', name: 't' }),
    /Table t, row 2: row 0 has the same key \('a'\): 1/],
  ['a key that is null', () => tableOf([{ a: 1 }, { a: null }], { key: 'a', name: 't' }), /row 1: the key \('a'\) is null/],
  ['a key that is no column', () => tableOf([{ a: 1 }], { key: 'b', name: 't' }), /key names 'b'; its columns are 'a'/],
  ['no rows and no schema', () => tableOf([], { name: 't' }), /Table t has no rows that show its columns: give a schema/],
  ['a column of nulls', () => tableOf([{ a: null }], { name: 't' }), /column 'a' show no type: give a schema/],
  ['upsert without a key', () => tableOf([{ a: 1 }], { name: 't' }).upsert({ a: 2 }),
    /table t has none: context\.table\(rows, \{ key: 'a' \}\)/],
]

describe('a wrong program', () => {
  it.each(WRONG)('%s', (_, program, message) => { expect(program).toThrow(message) })
})
