/**
 * Reads one column over the blocks of a batch as JavaScript values. Numeric columns without nulls come out as typed arrays (the
 * block's own where there is one block); everything else as a view that makes values on demand and decodes each dictionary
 * entry at most once.
 * Invariant: nothing is concatenated or decoded before it is asked for.
 */
import type { ColumnBlock } from './block.js'
import { isValid, type Column, type TextColumn } from './column.js'
import { DecodedDictionary } from './decoded-dictionary.js'

/** Values of one column by row. `at` takes negative indexes as arrays do; a null is null; outside the rows it is undefined. */
export interface ColumnView<T> extends Iterable<T | null> {
  readonly length: number
  at(index: number): T | null | undefined
}

type NumericValues = Int32Array | Float32Array | Float64Array | BigInt64Array | Uint8Array

/**
 * The view of column `columnIndex` over `blocks`; typed arrays where the type is i32, i64, f32, f64 or timestamp and no value
 * is null.
 */
export function readColumn(
  blocks: readonly ColumnBlock[], columnIndex: number, numRows: number, type: Column['type'],
): ColumnView<unknown> {
  const filled = blocks.filter(block => block.numRows > 0)
  const columns = filled.map(block => block.columns[columnIndex]!)
  if (type === 'utf8') return readText(columns as TextColumn[], filled, numRows)
  const values = concatenate(columns, filled, numRows, type)
  const hasNulls = columns.some(column => column.validity !== null)
  if (!hasNulls && type !== 'bool') return values as unknown as ColumnView<unknown>
  const starts = rowStarts(filled)
  const read: (i: number) => unknown = type === 'bool' ? i => values[i] !== 0 : i => values[i]
  if (!hasNulls) return new DerivedView(numRows, read)
  return new DerivedView(numRows, i => {
    const k = blockOf(starts, i)
    return isValid(columns[k]!.validity, i - starts[k]!) ? read(i) : null
  })
}

/** A view of `numRows` values that `read` makes. */
export class DerivedView<T> implements ColumnView<T> {
  readonly length: number
  readonly #read: (i: number) => T | null

  constructor(numRows: number, read: (i: number) => T | null) {
    this.length = numRows
    this.#read = read
  }

  at(index: number): T | null | undefined {
    const i = index < 0 ? this.length + index : index
    return i >= 0 && i < this.length ? this.#read(i) : undefined
  }

  *[Symbol.iterator](): IterableIterator<T | null> {
    for (let i = 0; i < this.length; i++) yield this.#read(i)
  }
}

const VALUES = {
  bool: Uint8Array, i32: Int32Array, i64: BigInt64Array, f32: Float32Array, f64: Float64Array, timestamp: Float64Array,
} as const

function concatenate(
  columns: readonly Column[], blocks: readonly ColumnBlock[], numRows: number, type: keyof typeof VALUES,
): NumericValues {
  const only = columns[0]
  if (columns.length === 1 && only) return only.values.length === numRows ? only.values : only.values.subarray(0, numRows)
  const all = new VALUES[type](numRows)
  let row = 0
  columns.forEach((column, k) => {
    all.set(column.values.subarray(0, blocks[k]!.numRows) as never, row)
    row += blocks[k]!.numRows
  })
  return all
}

function readText(columns: readonly TextColumn[], blocks: readonly ColumnBlock[], numRows: number): ColumnView<string> {
  const dictionaries = columns.map(column => new DecodedDictionary(column.dictionary))
  const starts = rowStarts(blocks)
  return new DerivedView(numRows, i => {
    const k = blockOf(starts, i)
    const column = columns[k]!
    const row = i - starts[k]!
    return isValid(column.validity, row) ? dictionaries[k]!.text(column.values[row]!) : null
  })
}

/** First row of each block. */
function rowStarts(blocks: readonly ColumnBlock[]): number[] {
  let row = 0
  return blocks.map(block => (row += block.numRows) - block.numRows)
}

function blockOf(starts: readonly number[], row: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (starts[middle]! <= row) low = middle
    else high = middle - 1
  }
  return low
}
