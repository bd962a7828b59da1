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
import { isOn, type FastPaths } from '../plan/fast-path.js'
import { canMultiply, type JoinSpec, type TakenColumn } from '../plan/join.js'
import { coerce } from './expression-compiler.js'
import type { ProgramBuilder } from './program-builder.js'
import { rowIndex, type IndexSpec, type Register } from './program.js'

/** A whole join, first matches only. */
export function compileJoin(builder: ProgramBuilder, join: JoinSpec, fastPaths: FastPaths = {}): void {
  const index = { ...rowIndex(join), leadsTo: isOn(fastPaths, 'valueIndexes') ? onlyColumn(join) : null }
  bindTaken(builder, join, compileMatch(builder, join, index), index)
}

/** The column that is all that is taken of a row, of a type that an index can lead to. */
function onlyColumn(join: JoinSpec): string | null {
  const [first, ...others] = join.columns
  const isNumber = first?.type === 'i32' || first?.type === 'utf8'
  return isNumber && others.length === 0 && !canMultiply(join) ? first.column : null
}

/** Looks the rows up and keeps those that the type of the join keeps; gives the register of what the index leads to. */
export function compileMatch(builder: ProgramBuilder, join: JoinSpec, index = rowIndex(join)): Register {
  const row = compileFind(builder, join, index)
  if (join.type !== 'left') builder.emit(OP_FILTER_VALID, FIGURE_FILTERED, row, 0, Number(join.type !== 'anti'))
  return row
}

/** Adds the table's columns to the scope, as they are in the rows of a register. */
export function bindTaken(builder: ProgramBuilder, join: JoinSpec, row: Register, index = rowIndex(join)): void {
  for (const column of join.columns) builder.bind(column.name, () => compileTake(builder, join.table.tableId, column, row, index))
}

function compileFind(builder: ProgramBuilder, join: JoinSpec, index: IndexSpec): Register {
  const { table: { tableId } } = join
  return join.keys.reduce<Register | null>((before, { value }, level) => {
    const key = comparable(builder, tableId, builder.expression(value))
    const slots = builder.table({ kind: 'level', tableId, index, level }, 'i32')
    return builder.pure(findOp(key.type), 'i32', key, slots, before ?? NO_REGISTER)
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

function compileTake(
  builder: ProgramBuilder, tableId: number, { column, type }: TakenColumn, row: Register, index: IndexSpec,
): Register {
  const from = builder.table({ kind: 'column', tableId, index, column }, type)
  const width = VALUE_BYTES[type]
  const op = width === 1 ? OP_TAKE_1 : width === 4 ? OP_TAKE_4 : OP_TAKE_8
  if (type !== 'utf8') return builder.pure(op, type, row, from)
  const code = builder.pure(op, 'i32', row, from)
  return builder.memoized(OP_TABLE_TO_TEXT, 'utf8', code, builder.table({ kind: 'text', tableId }, 'i32'))
}
