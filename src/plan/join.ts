/**
 * A join of a stream with a table: what its node, its step and the workers' index of the table have in common. The table's rows
 * are given by the program and may change between batches; a batch sees the version that it was made with.
 * Invariant: plain data; names of the columns taken differ from each other and from all of the stream's.
 */
import type { ColumnType, Schema } from '../data/schema.js'
import type { Expression } from './expression.js'

/**
 * `inner`: rows with a match, once per match. `left`: all rows, those without a match once, with nulls. `semi`: rows with a
 * match, once. `anti`: rows without a match.
 */
export type JoinType = 'inner' | 'left' | 'semi' | 'anti'

/** What the plan knows of a table. */
export interface TableDescription {
  readonly tableId: number
  /** What `explain` and errors call it. */
  readonly name: string
  readonly schema: Schema
  /** Columns whose values name one row: no two rows have the same. Null: rows may repeat. */
  readonly key: readonly string[] | null
}

/**
 * A value of the stream and the column of the table that must equal it. A null equals nothing; NaN equals NaN, −0 equals 0, and
 * numbers of different types are equal if they are the same number.
 */
export interface JoinKey {
  readonly value: Expression
  readonly column: string
}

/** A column of the table, and its name in the joined row. */
export interface TakenColumn {
  readonly column: string
  readonly name: string
  readonly type: ColumnType
}

export interface JoinSpec {
  readonly table: TableDescription
  readonly type: JoinType
  readonly keys: readonly JoinKey[]
  /** Empty for semi and anti. */
  readonly columns: readonly TakenColumn[]
}

/** Whether a row may come out more than once: unless the keys hold the table's own, or no row of it is given. */
export function canMultiply({ table: { key }, type, keys }: JoinSpec): boolean {
  if (type === 'semi' || type === 'anti') return false
  return !key?.every(name => keys.some(({ column }) => column === name))
}

/** The schema of the joined rows. */
export function joinedSchema(input: Schema, { columns }: JoinSpec): Schema {
  return Object.freeze([...input, ...columns.map(({ name, type }) => ({ name, type }))])
}
