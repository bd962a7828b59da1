/** Blocks in one buffer: what goes in comes out, and nothing else of the sender's memory goes along. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnBlock } from '../../src/data/block.js'
import { withOwnText } from '../../src/data/own-text.js'
import { blockBytes, packBlock, PIECE_ALIGNMENT_BYTES, transferList } from '../../src/data/wire.js'
import { randomRows, randomSchema } from '../oracle/random-table.js'
import { blockOfRows, fieldsOf, rowsOf } from '../support/blocks.js'

const randomTable =
  randomSchema.chain(schema => randomRows(schema, { nulls: 3 }).map(rows => ({ schema: fieldsOf(schema), rows })))

function pieces(block: ColumnBlock): Uint8Array[] {
  const views = block.columns.flatMap(column => [
    column.values, ...(column.validity ? [column.validity] : []),
    ...(column.type === 'utf8' ? [column.dictionary.offsets, column.dictionary.bytes] : []),
  ])
  return views.map(view => new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
}

describe('packBlock', () => {
  it('keeps every value, in one buffer of blockBytes, in aligned pieces that do not overlap', () => {
    fc.assert(fc.property(randomTable, fc.boolean(), ({ schema, rows }, shared) => {
      const block = withOwnText(blockOfRows(schema, rows))
      const packed = packBlock(block, bytes => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)))
      expect(rowsOf(schema, [packed])).toEqual(rowsOf(schema, [block]))
      const parts = pieces(packed)
      expect(new Set(parts.map(part => part.buffer)).size).toBe(1)
      expect(parts[0]!.buffer.byteLength).toBe(blockBytes(block))
      expect(blockBytes(packed)).toBe(blockBytes(block))
      let end = 0
      for (const part of parts) {
        expect(part.byteOffset % PIECE_ALIGNMENT_BYTES).toBe(0)
        expect(part.byteOffset).toBeGreaterThanOrEqual(end)
        end = part.byteOffset + part.byteLength
      }
      expect(transferList(packed)).toEqual(shared ? [] : [parts[0]!.buffer])
    }))
  })

  it('survives being posted with its buffer transferred', () => {
    fc.assert(fc.property(randomTable, ({ schema, rows }) => {
      const packed = packBlock(withOwnText(blockOfRows(schema, rows)), bytes => new ArrayBuffer(bytes))
      const before = rowsOf(schema, [packed])
      const posted = structuredClone(packed, { transfer: transferList(packed) })
      expect(rowsOf(schema, [posted])).toEqual(before)
      expect(packed.columns.every(column => column.values.length === 0)).toBe(true)
    }))
  })

  it('takes of views only what the block holds', () => {
    const schema = fieldsOf({ value: 'f64', text: 'utf8' })
    const values = Float64Array.of(9, 1, 2, 9).subarray(1, 4)
    const dictionary = { offsets: Uint32Array.of(0, 2), bytes: new TextEncoder().encode('ab').subarray(0) }
    const large = { offsets: dictionary.offsets, bytes: new Uint8Array(1000) }
    large.bytes.set(dictionary.bytes)
    const block: ColumnBlock = {
      kind: 'columns', schema, numRows: 2,
      columns: [
        { type: 'f64', values, validity: null },
        { type: 'utf8', values: Int32Array.of(0, 0, 7), validity: null, dictionary: large },
      ],
    }
    const packed = packBlock(block, bytes => new ArrayBuffer(bytes))
    expect(packed.columns[0]!.values).toEqual(Float64Array.of(1, 2))
    expect(packed.columns[1]!.values).toEqual(Int32Array.of(0, 0))
    expect(transferList(packed)[0]!.byteLength).toBe(4 * PIECE_ALIGNMENT_BYTES)
    expect(rowsOf(schema, [packed])).toEqual([{ value: 1, text: 'ab' }, { value: 2, text: 'ab' }])
  })

  it('packs undecoded text with what says how to read it', () => {
    const bytes = new TextEncoder().encode('xx1,2\n').subarray(2)
    const packed =
      packBlock({ kind: 'bytes', format: 'csv', bytes, csv: { delimiter: ',', columns: ['a', 'b'] } }, n => new ArrayBuffer(n))
    expect(packed).toEqual({ kind: 'bytes', format: 'csv', bytes, csv: { delimiter: ',', columns: ['a', 'b'] } })
    expect(packed.bytes.buffer).not.toBe(bytes.buffer)
    expect(transferList(packed)).toEqual([packed.bytes.buffer])
  })
})
