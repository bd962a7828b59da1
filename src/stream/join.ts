/**
 * From what `stream.join(table, …)` is given to a join node: which columns must be equal, and what the joined row is made of.
 * Invariant: names of the table's columns in the joined row are taken by no column of the stream.
 */
import { quoteNames } from '../base/errors.js'
import type { Schema } from '../data/schema.js'
import type { Expression } from '../plan/expression.js'
import { expressionText } from '../plan/expression-text.js'
import { isNumeric } from '../plan/function-table.js'
import { invalid, invalidOption } from '../plan/invalid.js'
import type { JoinKey, JoinSpec, JoinType, TableDescription, TakenColumn } from '../plan/join.js'
import { joinedSchema } from '../plan/join.js'
import type { Expr } from './expressions.js'
import { pairsOf, selectedOf } from './join-lambdas.js'
import { columnNames, requireColumn, type ColumnList } from './typed-row.js'

/** Pairs of a value of the stream and a column of the table that must be equal. */
export type PairsLambda<F, G> = (row: F, tableRow: G) => readonly (readonly [Expr, Expr])[]
/** What a join goes by. */
export type JoinColumns<F, G> = readonly (keyof F & keyof G & string)[] | PairsLambda<F, G>

/** What `join` is given, whatever its types. */
export interface JoinRequest {
  readonly on: readonly string[] | ((row: never, tableRow: never) => unknown)
  readonly type?: JoinType
  readonly select?: (row: never, tableRow: never) => unknown
}

export interface PlannedJoin {
  readonly join: JoinSpec
  readonly schema: Schema
  /** What `select` makes of the joined row. */
  readonly selected: ColumnList | null
}

const TYPES: readonly JoinType[] = ['inner', 'left', 'semi', 'anti']
const RIGHT = '_right'

/** @throws MillraceError INVALID_PIPELINE or INVALID_OPTION naming the columns that do not fit. */
export function planJoin(stream: Schema, table: TableDescription, request: JoinRequest): PlannedJoin {
  const type = typeOf(request.type)
  const keys = keysOf(stream, table, request.on)
  if (request.select) {
    if (isFilter(type)) throw invalid(`join: a ${type} join takes no columns of the table, so select has no meaning; use map().`)
    const columns = allTaken(stream, table.schema)
    const join: JoinSpec = Object.freeze({ table, type, keys, columns })
    const selected = selectedOf(stream, table.schema, columns, request.select)
    return { join, schema: joinedSchema(stream, join), selected }
  }
  const columns = isFilter(type) ? [] : takenColumns(stream, table, Array.isArray(request.on) ? request.on : [])
  const join: JoinSpec = Object.freeze({ table, type, keys, columns: Object.freeze(columns) })
  return { join, schema: joinedSchema(stream, join), selected: null }
}

function isFilter(type: JoinType): boolean {
  return type === 'semi' || type === 'anti'
}

function typeOf(type: JoinType | undefined): JoinType {
  if (type === undefined) return 'inner'
  if (TYPES.includes(type)) return type
  const why = ['right', 'full'].includes(type) ? ': which rows of the table no row will ever meet cannot be known' : ''
  throw invalidOption(`join: type ${JSON.stringify(type)} is not possible with a table${why}. Write one of ${quoteNames(TYPES)}.`)
}

function keysOf(stream: Schema, table: TableDescription, on: JoinRequest['on']): readonly JoinKey[] {
  const keys = Array.isArray(on) ? on.map(name => namedKey(stream, table, name)) : lambdaKeys(stream, table, on as never)
  if (keys.length === 0) throw invalid('join: on names no column.')
  return Object.freeze(keys)
}

function namedKey(stream: Schema, table: TableDescription, name: string): JoinKey {
  const [field, second] = requireColumn(stream, name, 'join: on')
  requireColumn(table.schema, name, `join: on, in table ${table.name}`)
  if (second) throw invalid(`join: on: '${name}' is a window; write (r, t) => [[r.${name}.start, t.…]].`)
  return checkedKey({ kind: 'column', name, type: field!.type }, table, name)
}

function lambdaKeys(stream: Schema, table: TableDescription, on: (row: never, tableRow: never) => unknown): readonly JoinKey[] {
  return pairsOf(stream, table, on).map(({ value, column }) => checkedKey(value, table, column))
}

function checkedKey(value: Expression, table: TableDescription, column: string): JoinKey {
  const { type } = table.schema.find(({ name }) => name === column)!
  if (type === value.type || (isNumeric(type) && isNumeric(value.type))) return Object.freeze({ value, column })
  throw invalid(`join: on: ${expressionText(value)} (${value.type}) cannot equal ${column} (${type}) of table ${table.name}.`)
}

/** Every column of the table, under a name that is free. */
function allTaken(stream: Schema, table: Schema): readonly TakenColumn[] {
  const used = new Set([...stream.map(({ name }) => name), ...columnNames(stream)])
  return Object.freeze(table.map(({ name: column, type }) => {
    let name = column
    while (used.has(name)) name += RIGHT
    used.add(name)
    return Object.freeze({ column, name, type })
  }))
}

/** The columns of the table but those that are equal to one of their name anyway; a name that is taken gets `_right`. */
function takenColumns(stream: Schema, table: TableDescription, on: readonly string[]): readonly TakenColumn[] {
  const used = new Set([...stream.map(({ name }) => name), ...columnNames(stream)])
  return table.schema.filter(({ name }) => !on.includes(name)).map(({ name: column, type }) => {
    const name = used.has(column) ? `${column}${RIGHT}` : column
    if (used.has(name)) {
      throw invalid(`join: '${column}' and '${name}' are both columns of the stream; say with select what the joined row holds.`)
    }
    used.add(name)
    return Object.freeze({ column, name, type })
  })
}
