/**
 * Columns as users push them, checked: each is there, has values, and as many as the others.
 * Invariant: only their outside is checked here; the values are looked at when they are appended.
 */
import { MillraceError, quoteNames } from '../base/errors.js'
import { isValid } from './column.js'
import type { CheckedInput } from './column-builder.js'
import type { Field, Schema } from './schema.js'
import { describeValue } from './value-check.js'

/** Values of one column as users push them. */
export type ColumnInput =
  | ArrayLike<unknown>
  | { readonly values: ArrayLike<unknown>; readonly validity?: Uint8Array | null }
  | { readonly values: Int32Array; readonly dictionary: readonly string[]; readonly validity?: Uint8Array | null }

/** Columns by name. */
export type ColumnInputs = Readonly<Record<string, ColumnInput>>

export interface CheckedColumns {
  /** In the order of the schema. */
  readonly inputs: readonly CheckedInput[]
  readonly numRows: number
}

/** @throws MillraceError BAD_RECORD when a column is missing, has no length, or its length differs. */
export function checkColumns(schema: Schema, columns: ColumnInputs): CheckedColumns {
  const missing = schema.filter(field => !Object.hasOwn(columns, field.name)).map(field => field.name)
  if (missing.length > 0) {
    const names = quoteNames(Object.keys(columns)) || 'none'
    throw badColumns(`Columns were pushed without ${quoteNames(missing)}; there are ${names}.`)
  }
  const inputs = schema.map(field => checkInput(field, columns[field.name]!))
  const numRows = inputs[0]?.values.length ?? 0
  const odd = inputs.findIndex(input => input.values.length !== numRows)
  if (odd < 0) return { inputs, numRows }
  const first = `'${schema[0]!.name}' has ${numRows} values`
  const other = `'${schema[odd]!.name}' has ${inputs[odd]!.values.length}`
  throw badColumns(`Columns of different lengths were pushed: ${first}, ${other}.`)
}

/** The value of a row. */
export function valueOfInput({ values, validity, dictionary }: CheckedInput, i: number): unknown {
  if (!isValid(validity, i)) return null
  return dictionary ? dictionary[values[i] as number] : values[i]
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
