/**
 * `LookupTable`: rows that the program gives and changes, for streams to be joined with. On the data path: program → versions of
 * this → workers' copies → join.
 * Invariant: a version never changes; a batch sees the one that was current when it was made.
 */
import { MillraceError, quoteNames } from '../base/errors.js'
import type { ColumnBlock } from '../data/block.js'
import { readColumn, type ColumnView } from '../data/column-reader.js'
import type { Schema } from '../data/schema.js'
import { takeRows } from '../data/take-rows.js'
import { describeValue } from '../data/value-check.js'
import { invalid, invalidOption } from '../plan/invalid.js'
import type { TableDescription } from '../plan/join.js'
import type { ProgramTable } from '../scheduler/table-tracker.js'
import type { Pipeline } from './pipeline.js'
import { blockOfRows, inferredSchema, schemaOf } from './table-rows.js'
import type { Fields } from './types.js'

/** How a table is made. */
export interface TableOptions<Name extends string = string> {
  /**
   * Columns that name a row: no two rows may have the same values there, and none may be null. `upsert` and `delete` go by them.
   * Left out, rows may repeat, and a stream's row comes out once for each row of the table that it meets.
   */
  readonly key?: Name | readonly Name[]
  /** What `explain` and errors call the table. */
  readonly name?: string
}

/** What identifies a row: its one key value, or several as text; null where a part is null. */
type RowKey = number | bigint | boolean | string | null

export class LookupTable<F extends Fields, Row = unknown> {
  /** Only in the type: what a lambda is given for a row. */
  declare readonly fields: F
  readonly #pipeline: Pipeline
  readonly #description: TableDescription
  #block: ColumnBlock
  #version = 0
  /** Row by key; null until it is asked for. */
  #rowByKey: Map<RowKey, number> | null = null

  /** @internal Tables come from `context.table`. */
  constructor(pipeline: Pipeline, rows: unknown, { schema, key, name }: TableOptions & { readonly schema?: unknown }) {
    this.#pipeline = pipeline
    const title = name ?? `table${pipeline.tables.length}`
    const fields = schema === undefined ? inferredSchema(title, rows) : schemaOf(title, schema)
    this.#description = Object.freeze({
      tableId: pipeline.addTable({ current: () => ({ version: this.#version, block: this.#block }) } satisfies ProgramTable),
      name: title, schema: fields, key: keyOf(title, fields, key),
    })
    this.#block = this.#checked(blockOfRows(title, fields, rows))
  }

  /** @internal The plan's side of a table; null in another pipeline. */
  static describe(table: LookupTable<Fields>, pipeline: Pipeline): TableDescription | null {
    return table.#pipeline === pipeline ? table.#description : null
  }

  get name(): string {
    return this.#description.name
  }

  get schema(): Schema {
    return this.#description.schema
  }

  get numRows(): number {
    return this.#block.numRows
  }

  /**
   * These rows instead of all, from the next batch on. Rows or columns, as when the table was made.
   * @throws MillraceError BAD_RECORD when a value does not fit its column or a key repeats; the table stays as it was.
   */
  replace(rows: readonly Row[] | Readonly<Record<string, unknown>>): void {
    this.#become(this.#checked(blockOfRows(this.name, this.schema, rows)))
  }

  /** Rows of keys that are there take their place, the others come last. Of equal keys among them the last counts. */
  upsert(rows: Row | readonly Row[]): void {
    this.#requireKey('upsert')
    const given = blockOfRows(this.name, this.schema, Array.isArray(rows) ? rows : [rows])
    const keyAt = this.#keysOf(given)
    const known = this.#rows()
    // By key, so that of several the last one counts, in the place of the first.
    const places = new Map<RowKey, number>()
    for (let row = 0; row < given.numRows; row++) places.set(this.#requireValue(keyAt(row), row), row)
    const replaced = new Map<number, number>()
    const added: number[] = []
    for (const [key, row] of places) {
      const old = known.get(key)
      if (old === undefined) added.push(row)
      else replaced.set(old, row)
    }
    const runs = runsOf(this.numRows, row => replaced.has(row)).map(({ rows: run, isChosen }) => isChosen
      ? { block: given, rows: run.map(row => replaced.get(row)!) } : { block: this.#block, rows: run })
    this.#become(takeRows(this.schema, [...runs, { block: given, rows: added }]))
  }

  /** Removes the rows with these keys, given as objects with the key's columns. Returns how many there were. */
  delete(keys: Partial<Row> | readonly Partial<Row>[]): number {
    const names = this.#requireKey('delete')
    const schema = this.schema.filter(({ name }) => names.includes(name))
    const given = blockOfRows(this.name, schema, Array.isArray(keys) ? keys : [keys])
    const keyAt = this.#keysOf(given)
    const known = this.#rows()
    const gone = new Set<number>()
    for (let row = 0; row < given.numRows; row++) {
      const found = known.get(this.#requireValue(keyAt(row), row))
      if (found !== undefined) gone.add(found)
    }
    if (gone.size === 0) return 0
    const rows = Array.from({ length: this.numRows }, (_, row) => row).filter(row => !gone.has(row))
    this.#become(takeRows(this.schema, [{ block: this.#block, rows }]))
    return gone.size
  }

  #become(block: ColumnBlock): void {
    this.#block = block
    this.#rowByKey = null
    this.#version++
  }

  #requireKey(verb: string): readonly string[] {
    const { key } = this.#description
    if (key) return key
    const example = `context.table(rows, { key: '${this.schema[0]!.name}' })`
    throw invalidOption(`${verb} goes by the key of a table, and table ${this.name} has none: ${example}.`)
  }

  #requireValue(key: RowKey, row: number): RowKey {
    if (key !== null) return key
    throw badRow(this.name, row, `the key (${quoteNames(this.#description.key!)}) is null`)
  }

  #rows(): ReadonlyMap<RowKey, number> {
    return this.#rowByKey ??= this.#index(this.#block)
  }

  /** The block, if its keys are there and differ. */
  #checked(block: ColumnBlock): ColumnBlock {
    if (this.#description.key) this.#index(block)
    return block
  }

  #index(block: ColumnBlock): Map<RowKey, number> {
    const rows = new Map<RowKey, number>()
    const keys = this.#keysOf(block)
    for (let row = 0; row < block.numRows; row++) {
      const key = this.#requireValue(keys(row), row)
      const other = rows.get(key)
      if (other !== undefined) {
        throw badRow(this.name, row,
          `row ${other} has the same key (${quoteNames(this.#description.key!)}): ${describeValue(key)}`)
      }
      rows.set(key, row)
    }
    return rows
  }

  /** The key of each row; null where a part of it is null. */
  #keysOf({ schema, columns, numRows, kind }: ColumnBlock): (row: number) => RowKey {
    const parts = this.#description.key!.map(name => {
      const index = schema.findIndex(field => field.name === name)
      return readColumn([{ kind, schema, columns, numRows }], index, numRows, schema[index]!.type) as ColumnView<RowKey>
    })
    const valueAt = (part: ColumnView<RowKey>, row: number): RowKey => part.at(row) ?? null
    if (parts.length === 1) return row => valueAt(parts[0]!, row)
    return row => {
      const values = parts.map(part => valueAt(part, row))
      const text = (value: RowKey): unknown => typeof value === 'string' ? [value] : String(value)
      return values.includes(null) ? null : JSON.stringify(values.map(text))
    }
  }
}

/** @throws MillraceError INVALID_PIPELINE when it is no table of this pipeline. */
export function tableOf(table: LookupTable<Fields>, pipeline: Pipeline): TableDescription {
  if (!(table instanceof LookupTable)) {
    throw invalid(`join takes a table that context.table(rows) made; it was given ${describeValue(table)}.`)
  }
  const description = LookupTable.describe(table, pipeline)
  if (description) return description
  throw invalid(`join: table ${table.name} belongs to another context.`)
}

function keyOf(table: string, schema: Schema, key: TableOptions['key']): readonly string[] | null {
  if (key === undefined) return null
  const names = typeof key === 'string' ? [key] : key
  const unknown = names.find(name => !schema.some(field => field.name === name))
  if (names.length > 0 && unknown === undefined) return Object.freeze([...names])
  const given = unknown === undefined ? 'names no column' : `names '${String(unknown)}'`
  throw invalidOption(`Table ${table}: key ${given}; its columns are ${quoteNames(schema.map(({ name }) => name))}.`)
}

function badRow(table: string, row: number, reason: string): MillraceError {
  return new MillraceError('BAD_RECORD', `Table ${table}, row ${row}: ${reason}.`)
}

/** The numbers below `count` in runs of those that are chosen and those that are not. */
function runsOf(count: number, isChosen: (row: number) => boolean): { rows: number[]; isChosen: boolean }[] {
  const runs: { rows: number[]; isChosen: boolean }[] = []
  for (let row = 0; row < count; row++) {
    const chosen = isChosen(row)
    if (runs.at(-1)?.isChosen === chosen) runs.at(-1)!.rows.push(row)
    else runs.push({ rows: [row], isChosen: chosen })
  }
  return runs
}
