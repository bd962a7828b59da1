/**
 * A batch of result rows as users see it: what sinks and output functions are given. Columns stay columns until somebody asks
 * for rows.
 * Invariants: the order of the rows is fixed by the data (stage branch, then task or partition, then row), never by timing; a
 * batch is immutable, and its typed arrays are the engine's own: read them, do not write them.
 */
import { MillraceError, quoteNames } from '../base/errors.js'
import type { ColumnBlock } from './block.js'
import { DerivedView, readColumn, type ColumnView } from './column-reader.js'
import type { Field, Schema } from './schema.js'

/** The value of a window key: `[start, end)` in epoch ms. */
export interface WindowValue {
  readonly start: number
  readonly end: number
}

/** A value of a row and where it comes from. */
interface RowField {
  readonly name: string
  readonly at: (i: number) => unknown
}

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
  #rowFields: readonly RowField[] | null = null

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
    const i = index < 0 ? this.numRows + index : index
    return i >= 0 && i < this.numRows ? this.#row(i, this.#fields()) : undefined
  }

  *[Symbol.iterator](): IterableIterator<Row> {
    const fields = this.#fields()
    for (let i = 0; i < this.numRows; i++) yield this.#row(i, fields)
  }

  /** All rows as objects. */
  toRows(): Row[] {
    return [...this]
  }

  #row(i: number, fields: readonly RowField[]): Row {
    const row: Record<string, unknown> = {}
    for (const field of fields) row[field.name] = field.at(i)
    return row as Row
  }

  #fields(): readonly RowField[] {
    return (this.#rowFields ??= this.columnNames.map(name => {
      const view = this.column(name)
      return { name, at: (i: number) => view.at(i) }
    }))
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
