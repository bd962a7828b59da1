/** Result batches: columns, rows and windows over any number of blocks. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src/data/batch.js'
import { sliceBlock } from '../../src/data/block-slice.js'
import { windowFields, type Schema } from '../../src/data/schema.js'
import { randomBatches, randomRows, randomSchema } from '../oracle/random-table.js'
import { blockOfRows, fieldsOf } from '../support/blocks.js'

const SCHEMA: Schema =
  [{ name: 'sensor', type: 'utf8' }, ...windowFields('window'), { name: 'n', type: 'f64' }, { name: 'ok', type: 'bool' }]

interface Row {
  readonly sensor: string
  readonly window: { readonly start: number; readonly end: number }
  readonly n: number
  readonly ok: boolean
}

function batchOf(...parts: (readonly Record<string, unknown>[])[]): Batch<Row> {
  return new Batch(SCHEMA, parts.map(rows => blockOfRows(SCHEMA, rows)))
}

const A = { sensor: 'a', 'window.start': 0, 'window.end': 1000, n: 1, ok: true }
const B = { sensor: 'é日🦆', 'window.start': 1000, 'window.end': 2000, n: 2, ok: false }
const NULLS = { sensor: null, n: null, ok: null }

describe('batch', () => {
  it('gives the rows of all its blocks in order, with windows as one value', () => {
    const batch = batchOf([A, NULLS], [], [B])
    const rows = [
      { sensor: 'a', window: { start: 0, end: 1000 }, n: 1, ok: true }, { sensor: null, window: null, n: null, ok: null },
      { sensor: 'é日🦆', window: { start: 1000, end: 2000 }, n: 2, ok: false },
    ]
    expect(batch.numRows).toBe(3)
    expect(batch.toRows()).toEqual(rows)
    expect([...batch]).toEqual(rows)
    expect(Object.keys(batch.at(0)!)).toEqual(['sensor', 'window', 'n', 'ok'])
    expect(batch.columnNames).toEqual(['sensor', 'window', 'n', 'ok'])
    expect([batch.at(-1), batch.at(1), batch.at(3), batch.at(-4)]).toEqual([rows[2], rows[1], undefined, undefined])
  })

  it('gives numeric columns without nulls as typed arrays, the very array where there is one block', () => {
    const one = batchOf([A, B])
    expect(one.column('n')).toBe(one.blocks[0]!.columns[3]!.values)
    expect(batchOf([A], [B]).column('n')).toEqual(Float64Array.of(1, 2))
    expect(batchOf([A], [B]).column('window.start')).toEqual(Float64Array.of(0, 1000))
    const view = batchOf([A], [NULLS, B]).column('n')
    expect([view.length, view.at(0), view.at(1), view.at(2), view.at(-1), view.at(3)]).toEqual([3, 1, null, 2, 2, undefined])
    expect([...view]).toEqual([1, null, 2])
    expect([...batchOf([A], [B]).column('ok')]).toEqual([true, false])
    expect([...batchOf([A], [B]).column('window')]).toEqual([{ start: 0, end: 1000 }, { start: 1000, end: 2000 }])
    expect(batchOf().column('n')).toEqual(new Float64Array(0))
    expect(batchOf().toRows()).toEqual([])
  })

  it('names the columns that exist when asked for another', () => {
    expect(() => batchOf([A]).column('mean')).toThrow(
      "There is no column 'mean' in this batch; it has 'sensor', 'window', 'n' and 'ok'.")
  })

  it('reads text from shared memory', () => {
    const schema = fieldsOf({ name: 'utf8' })
    const block = blockOfRows(schema, [{ name: 'shared 🦆' }])
    const column = block.columns[0]!
    if (column.type !== 'utf8') throw new Error('not text')
    const bytes = new Uint8Array(new SharedArrayBuffer(column.dictionary.bytes.length))
    bytes.set(column.dictionary.bytes)
    const shared = { ...block, columns: [{ ...column, dictionary: { ...column.dictionary, bytes } }] }
    expect(new Batch(schema, [shared]).column('name').at(0)).toBe('shared 🦆')
  })

  it('calls a function with each row, in objects that it fills again', () => {
    const parts = [[A, NULLS], [], Array.from({ length: 150 }, (_, i) => ({ ...B, n: i, 'window.start': i }))]
    const batch = batchOf(...parts)
    const seen: { row: Row; index: number }[] = []
    const objects = new Set<Row>()
    batch.forEachRow((row, index) => {
      seen.push({ row: { ...row }, index })
      objects.add(row)
    })
    expect(seen).toEqual(batch.toRows().map((row, index) => ({ row, index })))
    expect(objects.size).toBeLessThan(100)
    batchOf().forEachRow(() => { throw new Error('there is no row') })
  })

  it('gives its rows to several loops at a time, each from the start', () => {
    const batch = batchOf([A, B], [NULLS])
    const pairs = []
    for (const a of batch) for (const b of batch) pairs.push([a.n, b.n])
    expect(pairs).toEqual([1, 2, null].flatMap(a => [1, 2, null].map(b => [a, b])))
  })

  it('is the same however its rows are spread over blocks', () => {
    const spread = randomSchema.chain(schema => randomRows(schema, { nulls: 3 })
      .chain(rows => randomBatches(rows).map(parts => ({ schema: fieldsOf(schema), rows, parts }))))
    fc.assert(fc.property(spread, ({ schema, rows, parts }) => {
      const batch = new Batch<Record<string, unknown>>(schema, parts.map(part => blockOfRows(schema, part)))
      expect(batch.toRows()).toEqual(rows)
      for (const { name } of schema) {
        expect([...batch.column(name)]).toEqual(rows.map(row => row[name]))
        rows.forEach((row, i) => expect(batch.column(name).at(i)).toEqual(row[name]))
      }
    }))
  })
})

describe('sliceBlock', () => {
  it('gives the rows of the slice', () => {
    const slices = randomSchema.chain(schema => randomRows(schema, { nulls: 3 })
      .chain(rows => fc.tuple(fc.nat(rows.length), fc.nat(rows.length))
        .map(ends => ({ schema: fieldsOf(schema), rows, ends: ends.sort((a, b) => a - b) }))))
    fc.assert(fc.property(slices, ({ schema, rows, ends }) => {
      const slice = sliceBlock(blockOfRows(schema, rows), ends[0]!, ends[1]!)
      expect(new Batch(schema, [slice]).toRows()).toEqual(rows.slice(ends[0], ends[1]))
    }))
  })
})
