/**
 * A batch of result rows as users see it: what sinks and output functions are given. Columns stay columns until somebody asks
 * for rows.
 * Invariants: the order of the rows is fixed by the data (stage branch, then task or partition, then row), never by timing; a
 * batch is immutable, and its typed arrays are the engine's own: read them, do not write them.
 */
import { MillraceError, quoteNames } from '../base/errors.js'
import type { ColumnBlock } from './block.js'
import { DerivedView, readColumn, type ColumnView } from './column-reader.js'
import type { PropertyBag } from './property-site.js'
import { BlockReader, RowWriter } from './row-writer.js'
import type { Field, Schema } from './schema.js'

/** The value of a window key: `[start, end)` in epoch ms. */
export interface WindowValue {
  readonly start: number
  readonly end: number
}

/** Rows that are made at a time: few enough to stay in the nearest cache, enough to make one column's values in one go. */
const ROWS_AT_A_TIME = 64

/**
 * Rows of one output in one batch.
 * @example
 * for (const row of batch) chart.add(row.sensor, row.window.start, row.mean)
 * const means = batch.column('mean')   // Float64Array where no mean is null
 */
export class Batch<Row = Record<string, unknown>> implements Iterable<Row> {
  readonly numRows: number
  /** Physical columns; the two columns of a window carry `part`. */
  readonly schema: Schema
  readonly blocks: readonly ColumnBlock[]
  readonly #views = new Map<string, ColumnView<unknown>>()
  #writer: RowWriter | null = null
  #readers: readonly BlockReader[] | null = null

  /** `blocks` have the columns of `schema`, in its order; they are not copied. */
  constructor(schema: Schema, blocks: readonly ColumnBlock[]) {
    this.schema = schema
    this.blocks = blocks
    this.numRows = blocks.reduce((rows, block) => rows + block.numRows, 0)
  }

  /** Names as rows have them: a window counts as one. */
  get columnNames(): readonly string[] {
    return [...new Set(this.schema.map(field => field.part?.of ?? field.name))]
  }

  /**
   * Values of one column: a typed array where it is i32, i64, f32, f64 or timestamp and holds no null, else a view; both have
   * `at(i)`, `length` and iteration. A window is also there by its two ends: `column('window.start')`.
   * @throws MillraceError INVALID_PIPELINE when there is no such column, naming those that exist.
   */
  column<C extends keyof Row & string>(name: C): ColumnView<Row[C]>
  column(name: string): ColumnView<unknown>
  column(name: string): ColumnView<unknown> {
    let view = this.#views.get(name)
    if (!view) this.#views.set(name, view = this.#read(name))
    return view
  }

  /** The row at `index`, a fresh object; negative counts from the end; undefined outside. */
  at(index: number): Row | undefined {
    let i = index < 0 ? this.numRows + index : index
    if (!(i >= 0 && i < this.numRows)) return undefined
    for (const block of this.#blockReaders()) {
      if (i < block.numRows) return this.#rows(block, i, 1)[0] as Row
      i -= block.numRows
    }
    return undefined
  }

  [Symbol.iterator](): IterableIterator<Row> {
    const make = (block: BlockReader, start: number, count: number): PropertyBag[] => this.#rows(block, start, count)
    return new RowIterator(this.#blockReaders(), make) as IterableIterator<Row>
  }

  /**
   * Calls `onRow` with each row, in an object that is filled anew for a later row: the fastest way to look at rows. Copy what is
   * to be kept.
   */
  forEachRow(onRow: (row: Row, index: number) => void): void {
    const rows = newRows(Math.min(ROWS_AT_A_TIME, this.numRows))
    let index = 0
    for (const block of this.#blockReaders()) {
      for (let start = 0; start < block.numRows; start += rows.length) {
        const count = Math.min(rows.length, block.numRows - start)
        this.#rowWriter().write(block, start, count, rows)
        for (let i = 0; i < count; i++) onRow(rows[i] as Row, index++)
      }
    }
  }

  /** All rows as objects. */
  toRows(): Row[] {
    return this.#blockReaders().flatMap(block => this.#rows(block, 0, block.numRows)) as Row[]
  }

  #rows(block: BlockReader, start: number, count: number): PropertyBag[] {
    const rows = newRows(count)
    this.#rowWriter().write(block, start, count, rows)
    return rows
  }

  #rowWriter(): RowWriter {
    return (this.#writer ??= new RowWriter(this.schema))
  }

  #blockReaders(): readonly BlockReader[] {
    return (this.#readers ??= this.blocks.filter(block => block.numRows > 0).map(block => new BlockReader(block)))
  }

  #read(name: string): ColumnView<unknown> {
    const index = this.schema.findIndex(field => field.name === name)
    if (index >= 0) return readColumn(this.blocks, index, this.numRows, this.schema[index]!.type)
    const parts = this.schema.filter(field => field.part?.of === name)
    if (parts.length === 0) {
      const names = quoteNames(this.columnNames)
      throw new MillraceError('INVALID_PIPELINE', `There is no column '${name}' in this batch; it has ${names}.`)
    }
    return this.#window(parts)
  }

  #window(parts: readonly Field[]): ColumnView<WindowValue> {
    const view = (as: 'start' | 'end') => this.column(parts.find(field => field.part?.as === as)!.name) as ColumnView<number>
    const [starts, ends] = [view('start'), view('end')]
    return new DerivedView(this.numRows, i => {
      const [start, end] = [starts.at(i) ?? null, ends.at(i) ?? null]
      return start === null || end === null ? null : { start, end }
    })
  }
}

function newRows(count: number): PropertyBag[] {
  const rows: PropertyBag[] = []
  for (let i = 0; i < count; i++) rows.push({})
  return rows
}

/** Gives rows one by one that are made some at a time. */
class RowIterator implements IterableIterator<PropertyBag> {
  readonly #blocks: readonly BlockReader[]
  readonly #make: (block: BlockReader, start: number, count: number) => PropertyBag[]
  #block = 0
  /** Rows of the block that were made, and those of them that wait. */
  #made = 0
  #rows: PropertyBag[] = []
  #next = 0

  constructor(blocks: readonly BlockReader[], make: (block: BlockReader, start: number, count: number) => PropertyBag[]) {
    this.#blocks = blocks
    this.#make = make
  }

  next(): IteratorResult<PropertyBag, undefined> {
    if (this.#next === this.#rows.length && !this.#fill()) return { done: true, value: undefined }
    return { done: false, value: this.#rows[this.#next++]! }
  }

  [Symbol.iterator](): this {
    return this
  }

  #fill(): boolean {
    let block = this.#blocks[this.#block]
    if (block && this.#made === block.numRows) {
      block = this.#blocks[++this.#block]
      this.#made = 0
    }
    if (!block) return false
    const count = Math.min(ROWS_AT_A_TIME, block.numRows - this.#made)
    this.#rows = this.#make(block, this.#made, count)
    this.#made += count
    this.#next = 0
    return true
  }
}
