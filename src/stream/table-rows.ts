/**
 * What a program gives to a table: rows or columns, to a block of the table's schema; and the schema, where it is not given.
 * Invariant: a value that does not fit its column throws, naming row and column: a table has no bad records.
 */
import { MillraceError, quoteNames } from '../base/errors.js'
import type { ColumnBlock } from '../data/block.js'
import { BlockBuilder } from '../data/block-builder.js'
import { pooledBlockMemory } from '../data/block-memory.js'
import type { ColumnInputs } from '../data/column-input.js'
import { withOwnText } from '../data/own-text.js'
import { VALUE_BYTES, type ColumnType, type Schema } from '../data/schema.js'
import { takeRows } from '../data/take-rows.js'
import { describeValue } from '../data/value-check.js'
import { packBlock } from '../data/wire.js'
import { invalidOption } from '../plan/invalid.js'

type AnyRow = Readonly<Record<string, unknown>>

const BLOCK_ROWS = 1_048_576
const BLOCK_TEXT_BYTES = 64 * 1024 * 1024

/** @throws MillraceError BAD_RECORD when a value is not of its column's type. */
export function blockOfRows(table: string, schema: Schema, rows: unknown): ColumnBlock {
  const blocks: ColumnBlock[] = []
  const builder = new BlockBuilder({
    schema, blockRowsMax: BLOCK_ROWS, blockBytesMax: BLOCK_TEXT_BYTES, memory: pooledBlockMemory(false),
    onBlock: (block, held) => {
      blocks.push(packBlock(withOwnText(block), bytes => new ArrayBuffer(bytes)))
      held?.letGo()
    },
    onBadRow: (index, reason) => { throw new MillraceError('BAD_RECORD', `Table ${table}, row ${index}: ${reason}.`) },
  })
  if (Array.isArray(rows)) builder.pushRows(rows as AnyRow[])
  else if (isObject(rows)) builder.pushColumns(builder.checkColumns(rows as ColumnInputs))
  else throw invalidOption(`Table ${table} was given ${describeValue(rows)}: give an array of rows, or columns by name.`)
  builder.seal()
  return blocks.length === 1 ? blocks[0]! : takeRows(schema, blocks.map(block => ({ block, rows: null })))
}

/** The schema as the program gave it. */
export function schemaOf(table: string, schema: unknown): Schema {
  const entries = isObject(schema) ? Object.entries(schema) : []
  if (entries.length === 0) {
    throw invalidOption(`Table ${table}: schema: ${describeValue(schema)} has no columns; write { ad: 'i32', campaign: 'utf8' }.`)
  }
  return Object.freeze(entries.map(([name, type]) => {
    if (Object.hasOwn(VALUE_BYTES, String(type))) return Object.freeze({ name, type: type as ColumnType })
    const types = quoteNames(Object.keys(VALUE_BYTES))
    throw invalidOption(`Table ${table}: schema: column '${name}' has type ${describeValue(type)}; types are ${types}.`)
  }))
}

/**
 * The schema that rows or columns show: numbers are f64, bigints i64; typed arrays are of their own type.
 * @throws MillraceError INVALID_OPTION when a column shows no type.
 */
export function inferredSchema(table: string, rows: unknown): Schema {
  if (!Array.isArray(rows)) return inferred(table, isObject(rows) ? Object.entries(rows).map(([name, column]) =>
    [name, typeOfColumn(column)] as const) : [])
  const names = new Set((rows as unknown[]).flatMap(row => isObject(row) ? Object.keys(row) : []))
  return inferred(table, [...names].map(name => [name, typeOfValues((rows as AnyRow[]).map(row => row[name]))] as const))
}

function inferred(table: string, types: readonly (readonly [string, ColumnType | null])[]): Schema {
  if (types.length === 0) throw invalidOption(`Table ${table} has no rows that show its columns: give a schema.`)
  return Object.freeze(types.map(([name, type]) => {
    if (type) return Object.freeze({ name, type })
    throw invalidOption(`Table ${table}: the values of column '${name}' show no type: give a schema.`)
  }))
}

function typeOfColumn(column: unknown): ColumnType | null {
  if (isObject(column) && 'values' in column) return 'dictionary' in column ? 'utf8' : typeOfColumn(column['values'])
  if (column instanceof Int32Array) return 'i32'
  if (column instanceof Float32Array) return 'f32'
  if (column instanceof Float64Array) return 'f64'
  if (column instanceof BigInt64Array) return 'i64'
  return Array.isArray(column) ? typeOfValues(column) : null
}

const TYPES: Readonly<Record<string, ColumnType>> = { boolean: 'bool', number: 'f64', bigint: 'i64', string: 'utf8' }

function typeOfValues(values: readonly unknown[]): ColumnType | null {
  const value = values.find(found => found !== null && found !== undefined)
  return value instanceof Date ? 'timestamp' : TYPES[typeof value] ?? null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
