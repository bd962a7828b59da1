/**
 * Rows and columns → blocks: where events stop being objects. Seals a block at `blockRowsMax` rows or about `blockBytesMax`
 * bytes of text; the owner seals what is open when a batch begins.
 * Invariant: a row with a bad value leaves no trace but its report; every other row is in exactly one block, in the order
 * given.
 */
import { MillraceError, quoteNames } from '../base/errors.js'
import type { ColumnBlock } from './block.js'
import { isValid, type Column } from './column.js'
import { columnBuilder, TextColumnBuilder, toBits, type ColumnBuilder, type OnBadValue } from './column-builder.js'
import type { ColumnType, Field, Schema } from './schema.js'
import { describeValue, isTimestamp } from './value-check.js'

/** Values of one column as users push them. */
export type ColumnInput =
  | ArrayLike<unknown>
  | { readonly values: ArrayLike<unknown>; readonly validity?: Uint8Array | null }
  | { readonly values: Int32Array; readonly dictionary: readonly string[]; readonly validity?: Uint8Array | null }

export type RowInput = Readonly<Record<string, unknown>>

export interface BlockBuilderOptions {
  readonly schema: Schema
  readonly blockRowsMax: number
  readonly blockBytesMax: number
  /**
   * Takes each sealed block before the builder goes on: its columns are views on the builder's memory, good for this call only,
   * unless `owned`.
   */
  onBlock(block: ColumnBlock, owned: boolean): void
  /** A row that was left out. `index` counts within the push. */
  onBadRow(index: number, reason: string, row: RowInput): void
}

/** Rows that are appended at a time, so that the limits are looked at in between. */
const ROWS_AT_A_TIME = 4096

export class BlockBuilder {
  readonly #options: BlockBuilderOptions
  readonly #columns: readonly ColumnBuilder[]

  constructor(options: BlockBuilderOptions) {
    this.#options = options
    this.#columns = options.schema.map(columnBuilder)
  }

  /** Rows in the open block. */
  get numRows(): number {
    return this.#columns[0]?.length ?? 0
  }

  /** Appends `rows[start … end)`; returns how many were good. Unknown keys are skipped, missing ones are null. */
  pushRows(rows: readonly RowInput[], start = 0, end = rows.length): number {
    let good = 0
    this.#inPieces(start, end, (from, to) => {
      good += this.#append(from, to, start,
        (column, a, b, onBad) => column.appendRows(rows, a, b, onBad),
        i => rows[i]!)
    }, i => isRow(rows[i]), i => this.#options.onBadRow(i - start, `${describeValue(rows[i])} is not a row`, {}))
    return good
  }

  /**
   * Appends rows `[start, end)` of columns of equal length; returns how many were good.
   * @throws MillraceError BAD_RECORD when a column is missing, has no length, or its length differs.
   */
  pushColumns(columns: Readonly<Record<string, ColumnInput>>, start = 0, end?: number): number {
    const { inputs, numRows } = checkColumns(this.#options.schema, columns)
    let good = 0
    this.#inPieces(start, end ?? numRows, (from, to) => {
      good += this.#append(from, to, start,
        (column, a, b, onBad) => appendInput(column, inputs[this.#columns.indexOf(column)]!, a, b, onBad),
        i => Object.fromEntries(this.#options.schema.map((field, c) => [field.name, valueOfInput(inputs[c]!, i)])))
    })
    return good
  }

  /**
   * Makes blocks of the very arrays given, without a copy where they have the columns' types; else as `pushColumns`. Returns
   * the good rows.
   */
  takeColumns(columns: Readonly<Record<string, ColumnInput>>): number {
    const { inputs, numRows } = checkColumns(this.#options.schema, columns)
    const taken = this.#options.schema.map((field, c) => takeInput(field, inputs[c]!, numRows))
    if (!taken.every(column => column !== null)) return this.pushColumns(columns)
    this.seal()
    if (numRows > 0) this.#options.onBlock({ kind: 'columns', schema: this.#options.schema, numRows, columns: taken }, true)
    return numRows
  }

  /** Seals the open block, if it has rows. */
  seal(): void {
    const numRows = this.numRows
    if (numRows === 0) return
    const columns = this.#columns.map(column => column.view())
    this.#options.onBlock({ kind: 'columns', schema: this.#options.schema, numRows, columns }, false)
    for (const column of this.#columns) column.reset()
  }

  /** Calls `append` for runs of acceptable rows that fit the open block, sealing between. */
  #inPieces(
    start: number, end: number, append: (from: number, to: number) => void,
    accepts?: (i: number) => boolean, refuse?: (i: number) => void,
  ): void {
    for (let from = start; from < end;) {
      const room = this.#options.blockRowsMax - this.numRows
      let to = Math.min(end, from + Math.min(room, ROWS_AT_A_TIME))
      const refused = accepts ? firstRefused(from, to, accepts) : to
      if (refused > from) append(from, refused)
      if (refused < to) refuse!(refused)
      to = refused < to ? refused + 1 : to
      from = to
      if (this.numRows >= this.#options.blockRowsMax || this.#textBytes() >= this.#options.blockBytesMax) this.seal()
    }
  }

  #textBytes(): number {
    let bytes = 0
    for (const column of this.#columns) bytes += column.textBytes
    return bytes
  }

  /**
   * Appends `[from, to)` to all columns; if there are bad rows, takes all back, reports them and appends the runs between.
   * Returns the good rows.
   */
  #append(
    from: number, to: number, origin: number,
    appendTo: (column: ColumnBuilder, from: number, to: number, onBad: OnBadValue) => void, rowAt: (i: number) => RowInput,
  ): number {
    const first = this.numRows
    const bad = new Map<number, string>()
    const noteBad = (index: number, reason: string) => void (bad.has(from + index) || bad.set(from + index, reason))
    for (const column of this.#columns) appendTo(column, from, to, noteBad)
    if (bad.size === 0) return to - from
    for (const column of this.#columns) column.truncate(first)
    let start = from
    for (const [i, reason] of [...bad].sort((a, b) => a[0] - b[0])) {
      this.#options.onBadRow(i - origin, reason, rowAt(i))
      for (const column of this.#columns) if (i > start) appendTo(column, start, i, noteBad)
      start = i + 1
    }
    for (const column of this.#columns) if (to > start) appendTo(column, start, to, noteBad)
    return to - from - bad.size
  }
}

function isRow(row: unknown): boolean {
  return typeof row === 'object' && row !== null && !Array.isArray(row)
}

function firstRefused(from: number, to: number, accepts: (i: number) => boolean): number {
  for (let i = from; i < to; i++) if (!accepts(i)) return i
  return to
}

/** A column input with its parts apart. */
interface CheckedInput {
  readonly values: ArrayLike<unknown>
  readonly validity: Uint8Array | null
  readonly dictionary: readonly string[] | null
}

/** Rows that columns hold. @throws MillraceError BAD_RECORD as `pushColumns` does. */
export function columnsLength(schema: Schema, columns: Readonly<Record<string, ColumnInput>>): number {
  return checkColumns(schema, columns).numRows
}

function checkColumns(
  schema: Schema, columns: Readonly<Record<string, ColumnInput>>,
): { inputs: CheckedInput[]; numRows: number } {
  const missing = schema.filter(field => !Object.hasOwn(columns, field.name)).map(field => field.name)
  if (missing.length > 0) {
    const names = quoteNames(Object.keys(columns)) || 'none'
    throw badColumns(`Columns were pushed without ${quoteNames(missing)}; there are ${names}.`)
  }
  const inputs = schema.map(field => checkInput(field, columns[field.name]!))
  const numRows = inputs[0]?.values.length ?? 0
  schema.forEach((field, c) => {
    const { length } = inputs[c]!.values
    if (length === numRows) return
    const first = schema[0]!.name
    throw badColumns(`Columns of different lengths were pushed: '${first}' has ${numRows} values, '${field.name}' has ${length}.`)
  })
  return { inputs, numRows }
}

function checkInput(field: Field, input: ColumnInput): CheckedInput {
  const parts = isArrayLike(input) ? { values: input } : input as Partial<CheckedInput> | null | undefined
  const { values, validity = null, dictionary = null } = parts ?? {}
  if (!isArrayLike(values)) {
    const given = describeValue(input)
    throw badColumns(`Column '${field.name}' was pushed as ${given}: give an array, a typed array, or { values, validity }.`)
  }
  if (validity !== null && !(validity instanceof Uint8Array && validity.length * 8 >= values.length)) {
    throw badColumns(`Column '${field.name}': validity must be a Uint8Array with a bit for each of ${values.length} values.`)
  }
  if (dictionary !== null && (field.type !== 'utf8' || !(values instanceof Int32Array) || !Array.isArray(dictionary))) {
    const needs = 'a dictionary needs a utf8 column, values in an Int32Array and an array of strings'
    throw badColumns(`Column '${field.name}' (${field.type}): ${needs}.`)
  }
  return { values, validity, dictionary }
}

function badColumns(message: string): MillraceError {
  return new MillraceError('BAD_RECORD', message)
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)
}

function valueOfInput(input: CheckedInput, i: number): unknown {
  if (!isValid(input.validity, i)) return null
  return input.dictionary ? input.dictionary[input.values[i] as number] : input.values[i]
}

function appendInput(column: ColumnBuilder, input: CheckedInput, from: number, to: number, onBad: OnBadValue): void {
  const { values, dictionary } = input
  if (dictionary && column instanceof TextColumnBuilder) {
    column.appendCoded({ values: values as Int32Array, dictionary }, input.validity, from, to, onBad)
  } else column.appendValues(input.values, input.validity, from, to, onBad)
}

const VALUES: Readonly<Record<Exclude<ColumnType, 'utf8'>, new (length: number) => ArrayLike<unknown>>> = {
  bool: Uint8Array, i32: Int32Array, i64: BigInt64Array, f32: Float32Array, f64: Float64Array, timestamp: Float64Array,
}

/** The column over the given arrays, or null when they must be looked at value by value. Text is always encoded anew. */
function takeInput(field: Field, input: CheckedInput, numRows: number): Column | null {
  if (field.type === 'utf8') return encodeText(field, input, numRows)
  if (!(input.values instanceof VALUES[field.type])) return null
  if (field.type === 'timestamp' && !(input.values as Float64Array).every(isTimestamp)) return null
  if (field.type === 'bool') toBits(input.values as Uint8Array, 0, numRows)
  return { type: field.type, values: input.values, validity: input.validity } as Column
}

function encodeText(field: Field, input: CheckedInput, numRows: number): Column | null {
  const column = columnBuilder(field)
  let isBad = false
  appendInput(column, input, 0, numRows, () => { isBad = true })
  return isBad ? null : column.view()
}
