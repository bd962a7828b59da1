/**
 * Rows of a batch as objects. Values are read column by column from the blocks' own arrays, some rows at a time; there is no call
 * per value through a view.
 * Invariant: a row holds what the columns' views give.
 */
import type { ColumnBlock } from './block.js'
import { isValid, type Column } from './column.js'
import { DecodedDictionary } from './decoded-dictionary.js'
import { setProperty, siteOf, type PropertyBag } from './property-site.js'
import type { Schema } from './schema.js'

/** One value of a row: a column, or the two columns of a window. */
interface RowPart {
  readonly name: string
  readonly site: number
  readonly start: number
  readonly end: number | null
}

/** A column of the block at work. */
interface Reader {
  readonly kind: 'number' | 'bool' | 'text'
  readonly values: Column['values']
  readonly validity: Uint8Array | null
  readonly dictionary: DecodedDictionary | null
}

export class RowWriter {
  readonly #parts: readonly RowPart[]

  constructor(schema: Schema) {
    const names = new Set(schema.map(field => field.part?.of ?? field.name))
    const part = (name: string, as: 'start' | 'end'): number =>
      schema.findIndex(field => field.part?.of === name && field.part.as === as)
    this.#parts = [...names].map(name => {
      const index = schema.findIndex(field => field.name === name && !field.part)
      return index >= 0 ? { name, site: siteOf(name), start: index, end: null }
        : { name, site: siteOf(name), start: part(name, 'start'), end: part(name, 'end') }
    })
  }

  /** Writes rows `[start, start + count)` of a block into the first objects of `rows`. */
  write(block: BlockReader, start: number, count: number, rows: readonly PropertyBag[]): void {
    for (const { name, site, start: column, end } of this.#parts) {
      const reader = block.readers[column]!
      if (end !== null) writeWindows(rows, start, count, name, site, reader, block.readers[end]!)
      else if (reader.kind === 'text') writeText(rows, start, count, name, site, reader)
      else if (reader.kind === 'bool') writeBools(rows, start, count, name, site, reader)
      else writeNumbers(rows, start, count, name, site, reader)
    }
  }
}

/** The columns of a block, ready to be read row by row. */
export class BlockReader {
  readonly numRows: number
  readonly readers: readonly Reader[]

  constructor({ columns, numRows }: ColumnBlock) {
    this.numRows = numRows
    this.readers = columns.map(column => ({
      kind: column.type === 'utf8' ? 'text' : column.type === 'bool' ? 'bool' : 'number',
      values: column.values,
      validity: column.validity,
      dictionary: column.type === 'utf8' ? new DecodedDictionary(column.dictionary) : null,
    }))
  }
}

function writeNumbers(rows: readonly PropertyBag[], start: number, count: number, name: string, site: number,
  { values, validity }: Reader): void {
  if (validity === null) {
    for (let i = 0; i < count; i++) setProperty(site, rows[i]!, name, values[start + i])
  } else {
    for (let i = 0; i < count; i++) {
      setProperty(site, rows[i]!, name, isValid(validity, start + i) ? values[start + i] : null)
    }
  }
}

function writeBools(rows: readonly PropertyBag[], start: number, count: number, name: string, site: number,
  { values, validity }: Reader): void {
  for (let i = 0; i < count; i++) {
    setProperty(site, rows[i]!, name, isValid(validity, start + i) ? values[start + i] !== 0 : null)
  }
}

function writeText(rows: readonly PropertyBag[], start: number, count: number, name: string, site: number,
  { values, validity, dictionary }: Reader): void {
  for (let i = 0; i < count; i++) {
    const text = isValid(validity, start + i) ? dictionary!.text(values[start + i] as number) : null
    setProperty(site, rows[i]!, name, text)
  }
}

function writeWindows(rows: readonly PropertyBag[], start: number, count: number, name: string, site: number,
  starts: Reader, ends: Reader): void {
  for (let i = 0; i < count; i++) {
    const isThere = isValid(starts.validity, start + i) && isValid(ends.validity, start + i)
    const window = isThere ? { start: starts.values[start + i] as number, end: ends.values[start + i] as number } : null
    setProperty(site, rows[i]!, name, window)
  }
}
