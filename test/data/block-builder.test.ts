/** Rows and columns into blocks: what is taken, what is refused and with which words, and where blocks end. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockBuilder } from '../../src/data/block-builder.js'
import type { TextColumn } from '../../src/data/column.js'
import { withOwnText } from '../../src/data/own-text.js'
import { randomRows, randomSchema } from '../oracle/random-table.js'
import { build, columnsOfRows, fieldsOf, rowsOf } from '../support/blocks.js'

const randomTable =
  randomSchema.chain(schema => randomRows(schema, { nulls: 3 }).map(rows => ({ schema: fieldsOf(schema), rows })))
const ALL = fieldsOf({ flag: 'bool', small: 'i32', big: 'i64', single: 'f32', value: 'f64', name: 'utf8', at: 'timestamp' })

describe('block builder', () => {
  it('gives back the rows it was given, whatever the blocks', () => {
    fc.assert(fc.property(randomTable, fc.integer({ min: 1, max: 30 }), ({ schema, rows }, blockRowsMax) => {
      const { blocks, bad } = build(schema, builder => builder.pushRows(rows), blockRowsMax)
      expect(rowsOf(schema, blocks)).toEqual(rows)
      expect(bad).toEqual([])
      expect(blocks.map(block => block.numRows)).toEqual(
        Array.from({ length: Math.ceil(rows.length / blockRowsMax) },
          (_, k) => Math.min(blockRowsMax, rows.length - k * blockRowsMax)))
    }))
  })

  it('makes the same blocks of columns as of rows', () => {
    fc.assert(fc.property(randomTable, ({ schema, rows }) => {
      const ofRows = build(schema, builder => builder.pushRows(rows), 7)
      const ofColumns = build(schema, builder => builder.pushColumns(builder.checkColumns(columnsOfRows(schema, rows))), 7)
      expect(ofColumns.blocks.map(withOwnText)).toEqual(ofRows.blocks.map(withOwnText))
      expect([ofColumns.bad, ofRows.bad]).toEqual([[], []])
    }))
  })

  it('leaves out exactly the bad rows, wherever they stand, and where text becomes its own no trace of theirs', () => {
    const row = fc.record({ name: fc.constantFrom('a', 'b', 'c', 7, null), value: fc.constantFrom(1, 2, 'x', undefined) })
    fc.assert(fc.property(fc.array(row, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), fc.boolean(),
      (rows, blockRowsMax, asColumns) => {
      const schema = fieldsOf({ name: 'utf8', value: 'f64' })
      const isGood = (r: (typeof rows)[number]): boolean => r.name !== 7 && r.value !== 'x'
      const { blocks, bad } = build(schema, builder => {
        const good = asColumns ? builder.pushColumns(builder.checkColumns(columnsOfRows(schema, rows))) : builder.pushRows(rows)
        expect(good).toBe(rows.filter(isGood).length)
      }, blockRowsMax)
      expect(rowsOf(schema, blocks)).toEqual(rows.filter(isGood).map(r => ({ name: r.name, value: r.value ?? null })))
      expect(bad.map(({ index }) => index)).toEqual(rows.flatMap((r, i) => (isGood(r) ? [] : [i])))
      for (const block of blocks) {
        const { values, dictionary, validity } = withOwnText(block).columns[0] as TextColumn
        const used = new Set([...values].filter((_, i) => validity === null || (validity[i >> 3]! >> (i & 7)) & 1))
        expect([...used]).toEqual(Array.from({ length: dictionary.offsets.length - 1 }, (_, code) => code))
      }
    }))
  })

  it('says which column, value and row was wrong', () => {
    const wrong: [string, unknown, string][] = [
      ['flag', 1, "column 'flag' (bool): 1 is not true or false"],
      ['small', 1.5, "column 'small' (i32): 1.5 is not an integer of 32 bits"],
      ['small', 2 ** 31, "column 'small' (i32): 2147483648 is not an integer of 32 bits"],
      ['small', NaN, "column 'small' (i32): NaN is not an integer of 32 bits"],
      ['big', 2 ** 53, "column 'big' (i64): 9007199254740992 is not a bigint of 64 bits or a safe integer"],
      ['big', 2n ** 63n, "column 'big' (i64): 9223372036854775808n is not a bigint of 64 bits or a safe integer"],
      ['single', '1', "column 'single' (f32): '1' is not a number"],
      ['value', true, "column 'value' (f64): true is not a number"],
      ['value', 1n, "column 'value' (f64): 1n is not a number"],
      ['name', 5, "column 'name' (utf8): 5 is not a string"],
      ['name', {}, "column 'name' (utf8): an object is not a string"],
      ['at', 'yesterday', "column 'at' (timestamp): 'yesterday' is not a time (epoch ms, a Date, or ISO 8601 text)"],
      ['at', new Date(NaN), "column 'at' (timestamp): Date(NaN) is not a time (epoch ms, a Date, or ISO 8601 text)"],
      ['at', Infinity, "column 'at' (timestamp): Infinity is not a time (epoch ms, a Date, or ISO 8601 text)"],
      ['at', 8.64e15 + 1, "column 'at' (timestamp): 8640000000000001 is not a time (epoch ms, a Date, or ISO 8601 text)"],
    ]
    const rows = wrong.map(([name, value]) => ({ [name]: value }))
    const { blocks, bad } = build(ALL, builder => builder.pushRows(rows))
    expect(bad).toEqual(wrong.map(([, , reason], index) => ({ index, reason, row: rows[index] })))
    expect(blocks).toEqual([])
    const { bad: notRows } = build(ALL, builder => builder.pushRows([null, 5, [1], {}] as never))
    expect(notRows.map(({ index, reason }) => [index, reason])).toEqual(
      [[0, 'null is not a row'], [1, '5 is not a row'], [2, 'an array is not a row']])
  })

  it('takes times as number, Date and text, i64 as bigint and safe integer', () => {
    const rows =
      [{ at: 5.5, big: 7 }, { at: new Date(6), big: -7n }, { at: '2026-01-31T12:00' }, { at: '2026-01-31T12:00:00.25+01:00' }]
    const { blocks } = build(ALL, builder => builder.pushRows(rows))
    const read = rowsOf(ALL, blocks)
    expect(read.map(row => row.at)).toEqual([5.5, 6, Date.UTC(2026, 0, 31, 12), Date.UTC(2026, 0, 31, 11, 0, 0, 250)])
    expect(read.map(row => row.big)).toEqual([7n, -7n, null, null])
  })

  it('numbers text by first appearance, and counts texts as one that UTF-8 cannot tell apart', () => {
    const schema = fieldsOf({ name: 'utf8' })
    const { blocks } =
      build(schema, builder => builder.pushRows(['b', 'a', '\ud800', 'b', '\udfff', '\ufffd', ''].map(name => ({ name }))))
    const column = blocks[0]!.columns[0] as TextColumn
    expect([...column.values]).toEqual([0, 1, 2, 0, 2, 2, 3])
    expect(rowsOf(schema, blocks).map(row => row.name)).toEqual(['b', 'a', '\ufffd', 'b', '\ufffd', '\ufffd', ''])
    expect([...column.dictionary.offsets]).toEqual([0, 1, 2, 5, 5])
  })

  it('takes typed arrays, bitmaps and coded text', () => {
    const columns = {
      flag: Uint8Array.of(1, 0, 2, 1), small: Int32Array.of(1, 2, 3, 4), big: [1n, 2, 3n, 4], single: [0.5, 1, 2, 4],
      value: { values: Float64Array.of(1, NaN, 3, 4), validity: Uint8Array.of(0b0011) },
      name: { values: Int32Array.of(1, 0, 9, 1), dictionary: ['x', 'y', 'unused'], validity: Uint8Array.of(0b1011) },
      at: Float64Array.of(0, 1, 2, 3),
    }
    const expected = [
      { flag: true, small: 1, big: 1n, single: 0.5, value: 1, name: 'y', at: 0 },
      { flag: false, small: 2, big: 2n, single: 1, value: NaN, name: 'x', at: 1 },
      { flag: true, small: 3, big: 3n, single: 2, value: null, name: null, at: 2 },
      { flag: true, small: 4, big: 4n, single: 4, value: null, name: 'y', at: 3 },
    ]
    const copied = build(ALL, builder => builder.pushColumns(builder.checkColumns(columns)))
    expect(rowsOf(ALL, copied.blocks)).toEqual(expected)
    expect([...columns.flag]).toEqual([1, 0, 2, 1])
    const part = build(ALL, builder => builder.pushColumns(builder.checkColumns(columns), 1, 3))
    expect(rowsOf(ALL, part.blocks)).toEqual(expected.slice(1, 3))
    const { bad } = build(ALL,
      builder => builder.pushColumns(builder.checkColumns(
        { ...columns, name: { values: Int32Array.of(0, 3, -1, 1), dictionary: ['x', 'y'] } })))
    expect(bad.map(({ index, reason }) => `${index} ${reason}`)).toEqual([
      "1 column 'name' (utf8): code 3 is not in the dictionary of 2 strings",
      "2 column 'name' (utf8): code -1 is not in the dictionary of 2 strings"])
  })

  it('takes over buffers without a copy, after the rows that came before', () => {
    const schema = fieldsOf({ value: 'f64', at: 'timestamp' })
    const columns = { value: Float64Array.of(1, 2), at: Float64Array.of(3, 4) }
    const { blocks } = build(schema, builder => {
      builder.pushRows([{ value: 0, at: 0 }])
      expect(builder.takeColumns(builder.checkColumns(columns))).toBe(2)
      builder.pushRows([{ value: 5, at: 5 }])
    })
    expect(blocks.map(block => block.numRows)).toEqual([1, 2, 1])
    expect(blocks[1]!.columns.map(column => column.values)).toEqual([columns.value, columns.at])
    expect(blocks[1]!.columns[0]!.values.buffer).toBe(columns.value.buffer)
  })

  it('checks what it takes over: a bad time is left out like any other', () => {
    const schema = fieldsOf({ at: 'timestamp' })
    const at = Float64Array.of(1, NaN, 3)
    const { blocks, bad } = build(schema, builder => builder.takeColumns(builder.checkColumns({ at })))
    expect(rowsOf(schema, blocks)).toEqual([{ at: 1 }, { at: 3 }])
    expect(bad).toEqual(
      [{ index: 1, reason: "column 'at' (timestamp): NaN is not a time (epoch ms, a Date, or ISO 8601 text)", row: { at: NaN } }])
  })

  it('refuses columns that are missing or of different lengths', () => {
    const schema = fieldsOf({ a: 'f64', b: 'f64' })
    const push = (columns: object) => () => build(schema, builder => builder.checkColumns(columns as never))
    expect(push({ a: [1], c: [1] })).toThrow("Columns were pushed without 'b'; there are 'a' and 'c'.")
    expect(push({ a: [1, 2], b: [1] })).toThrow("Columns of different lengths were pushed: 'a' has 2 values, 'b' has 1.")
    expect(push({ a: [1], b: 5 })).toThrow("Column 'b' was pushed as 5: give an array, a typed array, or { values, validity }.")
    expect(push({ a: [1], b: { values: [1], validity: [1] } })).toThrow(
      "Column 'b': validity must be a Uint8Array with a bit for each of 1 values.")
    expect(push({ a: [1], b: { values: Int32Array.of(0), dictionary: ['x'] } })).toThrow(
      "Column 'b' (f64): a dictionary needs a utf8 column")
  })

  it('keeps the columns that are read, and looks at the others all the same', () => {
    const row = fc.record({ name: fc.constantFrom('a', 'b', 7, null), value: fc.constantFrom(1, 'x', undefined, NaN),
      at: fc.constantFrom(5, NaN, null), flag: fc.constantFrom(true, 3) })
    const schema = fieldsOf({ name: 'utf8', value: 'f64', at: 'timestamp', flag: 'bool' })
    const manyRows = fc.array(row, { maxLength: 30 })
    fc.assert(fc.property(manyRows, fc.subarray([0, 1, 2, 3]), fc.boolean(), (rows, columnsRead, asColumns) => {
      const push = (builder: BlockBuilder): unknown =>
        asColumns ? builder.pushColumns(builder.checkColumns(columnsOfRows(schema, rows))) : builder.pushRows(rows)
      const all = build(schema, push, 5)
      const some = build(schema, push, 5, 1 << 22, columnsRead)
      expect(some.bad).toEqual(all.bad)
      expect(some.blocks.map(withOwnText)).toEqual(all.blocks.map(withOwnText).map(block => ({
        ...block, schema: columnsRead.map(c => schema[c]), columns: columnsRead.map(c => block.columns[c]) })))
    }))
  })

  it('leaves typed arrays of columns that nobody reads where they are, but for times that cannot be', () => {
    const schema = fieldsOf({ value: 'f64', other: 'f64', at: 'timestamp', name: 'utf8' })
    const columns = { value: Float64Array.of(1, 2), other: Float64Array.of(3, NaN), at: Float64Array.of(0, Infinity),
      name: { values: Int32Array.of(0, 0), dictionary: ['x'] } }
    const { blocks, bad } = build(schema, builder => builder.pushColumns(builder.checkColumns(columns)), 9, 99, [0])
    expect(blocks.map(({ columns: kept }) => kept.map(({ values }) => [...values]))).toEqual([[[1]]])
    expect(bad.map(({ index }) => index)).toEqual([1])
  })

  it('seals a block when its text is long enough', () => {
    const schema = fieldsOf({ name: 'utf8' })
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ name: `${i}`.padStart(100, '.') }))
    const { blocks } = build(schema, builder => builder.pushRows(rows), 65_536, 500_000)
    expect(blocks.length).toBeGreaterThan(2)
    expect(rowsOf(schema, blocks)).toEqual(rows)
  })
})
