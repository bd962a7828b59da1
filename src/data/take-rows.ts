/**
 * Chosen rows of column blocks put together as one block of its own: how a table of the program changes.
 * Invariant: rows come in the order in which they are chosen; values and nulls stay as they are.
 */
import type { ColumnBlock } from './block.js'
import { isValid, validityBytes, type Column, type TextColumn, type TextDictionary } from './column.js'
import { VALUE_ARRAYS } from './numeric-column-builder.js'
import type { Field, Schema } from './schema.js'

/** Rows of one block, by number; null: all. */
export interface ChosenRows {
  readonly block: ColumnBlock
  readonly rows: readonly number[] | null
}

/** @param chosen blocks of `schema`. */
export function takeRows(schema: Schema, chosen: readonly ChosenRows[]): ColumnBlock {
  const parts = chosen.map(({ block, rows }) => ({ block, rows: rows ?? Array.from({ length: block.numRows }, (_, row) => row) }))
  const numRows = parts.reduce((sum, { rows }) => sum + rows.length, 0)
  return { kind: 'columns', schema, numRows, columns: schema.map((field, index) => takeColumn(field, index, parts, numRows)) }
}

interface Part {
  readonly block: ColumnBlock
  readonly rows: readonly number[]
}

function takeColumn({ type }: Field, index: number, parts: readonly Part[], numRows: number): Column {
  const columns = parts.map(({ block, rows }) => ({ column: block.columns[index]!, rows }))
  const validity = columns.some(({ column }) => column.validity) ? new Uint8Array(validityBytes(numRows)) : null
  const values = type === 'utf8' ? new Int32Array(numRows) : new VALUE_ARRAYS[type](numRows)
  const dictionary = new MergedDictionary()
  let at = 0
  for (const { column, rows } of columns) {
    const codes = column.type === 'utf8' ? dictionary.codesOf(column) : null
    for (const row of rows) {
      if (isValid(column.validity, row)) {
        values[at] = codes ? codes(column.values[row] as number) : column.values[row]!
        if (validity) validity[at >>> 3]! |= 1 << (at & 7)
      }
      at++
    }
  }
  const taken = { type, values, validity }
  return (type === 'utf8' ? { ...taken, dictionary: dictionary.build() } : taken) as Column
}

/** A character per byte: equal strings have equal bytes. */
const oneToOne = new TextDecoder('windows-1252', { ignoreBOM: true })

/** The strings of several blocks as one dictionary, by first appearance. */
class MergedDictionary {
  readonly #codes = new Map<string, number>()
  readonly #entries: Uint8Array[] = []

  /** This dictionary's code for a code of the column's. */
  codesOf({ dictionary: { offsets, bytes } }: TextColumn): (code: number) => number {
    const known = new Int32Array(offsets.length).fill(-1)
    return code => {
      if (known[code]! < 0) known[code] = this.#codeOf(bytes.subarray(offsets[code]!, offsets[code + 1]!))
      return known[code]!
    }
  }

  build(): TextDictionary {
    const offsets = new Uint32Array(this.#entries.length + 1)
    this.#entries.forEach((entry, code) => { offsets[code + 1] = offsets[code]! + entry.length })
    const bytes = new Uint8Array(offsets.at(-1)!)
    this.#entries.forEach((entry, code) => bytes.set(entry, offsets[code]!))
    return { offsets, bytes }
  }

  #codeOf(entry: Uint8Array): number {
    const key = oneToOne.decode(entry)
    let code = this.#codes.get(key)
    if (code === undefined) this.#codes.set(key, code = this.#entries.push(entry) - 1)
    return code
  }
}
