/**
 * Joins with tables to instructions: each key is looked up in a level of the table's index, the last level gives the row, and
 * columns are taken from the row when somebody reads them.
 * Invariant: this takes a row's first match; a join whose table has several rows of one key is run in two programs, and the rows
 * are multiplied between them (`worker/joined-branch`).
 */
import { NO_REGISTER } from '../../assembly/portable/group-opcodes.js'
import { FIGURE_FILTERED } from '../../assembly/portable/layout.js'
import {
  OP_FILTER_VALID, OP_FIND_F64, OP_FIND_I32, OP_FIND_I64, OP_TABLE_TO_TEXT, OP_TAKE_1, OP_TAKE_4, OP_TAKE_8, OP_TEXT_TO_TABLE,
} from '../../assembly/portable/opcodes.js'
import { VALUE_BYTES, type ColumnType } from '../data/schema.js'
import type { JoinSpec, TakenColumn } from '../plan/join.js'
import { coerce } from './expression-compiler.js'
import type { ProgramBuilder } from './program-builder.js'
import { tableKeys, type Register } from './program.js'

/** A whole join, first matches only. */
export function compileJoin(builder: ProgramBuilder, join: JoinSpec): void {
  bindTaken(builder, join, compileMatch(builder, join))
}

/** Looks the rows up and keeps those that the type of the join keeps; gives the register of the table's rows. */
export function compileMatch(builder: ProgramBuilder, join: JoinSpec): Register {
  const row = compileFind(builder, join)
  if (join.type !== 'left') builder.emit(OP_FILTER_VALID, 0, row, FIGURE_FILTERED, Number(join.type !== 'anti'))
  return row
}

/** Adds the table's columns to the scope, as they are in the rows of a register. */
export function bindTaken(builder: ProgramBuilder, { table: { tableId }, columns }: JoinSpec, row: Register): void {
  for (const column of columns) builder.bind(column.name, () => compileTake(builder, tableId, column, row))
}

function compileFind(builder: ProgramBuilder, join: JoinSpec): Register {
  const { table: { tableId } } = join
  const keys = tableKeys(join)
  return join.keys.reduce<Register | null>((before, { value }, level) => {
    const key = comparable(builder, tableId, builder.expression(value))
    const index = builder.table({ kind: 'level', tableId, keys, level }, 'i32')
    return builder.pure(findOp(key.type), 'i32', key, index, before ?? NO_REGISTER)
  }, null)!
}

/** The key as a type that levels are looked up by. */
function comparable(builder: ProgramBuilder, tableId: number, key: Register): Register {
  if (key.type === 'utf8') return builder.memoized(OP_TEXT_TO_TABLE, 'i32', key, builder.table({ kind: 'text', tableId }, 'i32'))
  return key.type === 'bool' ? coerce(builder, key, 'i32') : key.type === 'f32' ? coerce(builder, key, 'f64') : key
}

function findOp(type: ColumnType): number {
  if (type === 'i32') return OP_FIND_I32
  return type === 'i64' ? OP_FIND_I64 : OP_FIND_F64
}

function compileTake(builder: ProgramBuilder, tableId: number, { column, type }: TakenColumn, row: Register): Register {
  const from = builder.table({ kind: 'column', tableId, column }, type)
  const width = VALUE_BYTES[type]
  const op = width === 1 ? OP_TAKE_1 : width === 4 ? OP_TAKE_4 : OP_TAKE_8
  if (type !== 'utf8') return builder.pure(op, type, row, from)
  const code = builder.pure(op, 'i32', row, from)
  return builder.memoized(OP_TABLE_TO_TEXT, 'utf8', code, builder.table({ kind: 'text', tableId }, 'i32'))
}
