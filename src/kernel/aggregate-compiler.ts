/**
 * Aggregations to group instructions over a branch's rows; how partial states merge is said by merge-list.ts.
 * Invariant: keys and arguments are computed before the first group instruction.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import { assert, MillraceError } from '../base/errors.js'
import type { ColumnType } from '../data/schema.js'
import type { AggregateCall, Expression } from '../plan/expression.js'
import { isOn, type FastPaths } from '../plan/fast-path.js'
import { callOf } from '../plan/function-table.js'
import type { AggregateSpec } from '../plan/node.js'
import { aggregateLayout } from './aggregate-layout.js'
import { paneOperands } from './pane-compiler.js'
import type { Operand, Register } from './program.js'

/** The part of ProgramBuilder that is used here. */
export interface GroupInstructionBuilder {
  expression(expression: Expression): Register
  timeRange(time: Register): Register
  emit(op: number, dst: Operand, ...operands: readonly Operand[]): void
}

/** The null bits of a key row are one word. */
const KEYS_MAX = 64

const KEY_OPCODES: Readonly<Record<ColumnType, number>> = {
  bool: O.GROUP_KEY_BOOL, i32: O.GROUP_KEY_I32, i64: O.GROUP_KEY_I64, f32: O.GROUP_KEY_F32, f64: O.GROUP_KEY_F64,
  timestamp: O.GROUP_KEY_F64, utf8: O.GROUP_KEY_I32,
}

/** How a value of a type is laid into a state word. */
const LOAD_BY_TYPE: Readonly<Record<ColumnType, number>> = {
  bool: O.LOAD_BOOL, i32: O.LOAD_I32, utf8: O.LOAD_I32, i64: O.LOAD_WORD, f32: O.LOAD_F32_AS_F64, f64: O.LOAD_WORD,
  timestamp: O.LOAD_WORD,
}

/** How a number is laid into an f64. */
const LOAD_AS_F64: Readonly<Record<ColumnType, number>> = {
  ...LOAD_BY_TYPE, i32: O.LOAD_I32_AS_F64, i64: O.LOAD_I64_AS_F64,
}

/** Casts that loading does as it goes, by `from>to`. */
const LOAD_CASTS: Readonly<Record<string, number>> = {
  'i32>i64': O.LOAD_I32, 'i32>f64': O.LOAD_I32_AS_F64, 'i64>f64': O.LOAD_I64_AS_F64, 'f32>f64': O.LOAD_F32_AS_F64,
}

/** An argument in its register, and how it is loaded. */
interface Argument {
  readonly register: Operand
  readonly load: number
}

const NO_ARGUMENT: Argument = { register: O.NO_REGISTER, load: O.LOAD_WORD }

function argumentOf(builder: GroupInstructionBuilder, expression: Expression | undefined): Argument {
  if (!expression) return NO_ARGUMENT
  const load = expression.kind === 'cast' ? LOAD_CASTS[`${expression.arg.type}>${expression.type}`] : undefined
  if (load !== undefined && expression.kind === 'cast') return { register: builder.expression(expression.arg), load }
  return { register: builder.expression(expression), load: LOAD_BY_TYPE[expression.type] }
}

/** A row counts where its filter is true and, for countIf, its condition too. */
function filterOf({ fn, args, filter }: AggregateCall): Expression | null {
  if (fn !== 'countIf') return filter
  return filter ? callOf('and', [filter, args[0]!]) : args[0]!
}

/**
 * Emits the instructions that group the selected rows by the keys and the pane of `spec` and update every aggregate's state.
 * The frame's group table must have the spec's layout.
 * @throws MillraceError INVALID_PIPELINE for more than 64 keys.
 */
export function emitGroupAggregate(builder: GroupInstructionBuilder, spec: AggregateSpec, fastPaths: FastPaths = {}): void {
  if (spec.keys.length > KEYS_MAX) {
    throw new MillraceError('INVALID_PIPELINE', `A group has ${spec.keys.length} keys; ${KEYS_MAX} are possible.`)
  }
  const keys = spec.keys.map(({ expression }) => builder.expression(expression))
  const pane = spec.window && paneOperands(builder, spec.window, isOn(fastPaths, 'timeRanges'))
  const { states, statistics } = aggregateLayout(spec)
  const filterOrNone = (filter: Expression | null): Operand => filter ? builder.expression(filter) : O.NO_REGISTER
  const numbers = statistics.map(({ argument, filter, flags, offset, counts }) => {
    const load = LOAD_AS_F64[argument.type]
    return { offset, operands: [builder.expression(argument), O.NO_REGISTER, filterOrNone(filter), flags, load, counts] }
  })
  const updates = states.filter(({ isShared }) => !isShared).map(state => {
    const { call } = state
    const [a, b] = call.fn === 'countIf' ? [] : call.args
    return { state, a: argumentOf(builder, a), b: argumentOf(builder, b), filter: filterOrNone(filterOf(call)) }
  })
  emitKeys(builder, keys, pane)
  for (const { offset, operands } of numbers) builder.emit(O.AGGREGATE_STATISTICS, offset, ...operands)
  for (const { state: { call, offset, bit }, a, b, filter } of updates) {
    builder.emit(updateOpcode(call), offset, a.register, b.register, filter, bit, a.load, b.load)
  }
}

function emitKeys(
  builder: Pick<GroupInstructionBuilder, 'emit'>, keys: readonly Register[], pane: readonly Operand[] | null,
): void {
  if (keys.length === 0 && !pane) return builder.emit(O.GROUP_ALL, 0)
  keys.forEach((key, index) => builder.emit(KEY_OPCODES[key.type], 0, key, index))
  if (pane) builder.emit(O.GROUP_PANE, 0, ...pane)
  builder.emit(O.GROUP_FIND, 0, keys.length, pane ? 1 : 0)
}

/** The opcode that adds a row to a state of its own. */
function updateOpcode(call: AggregateCall): number {
  switch (call.fn) {
    case 'count': case 'countIf': return O.AGGREGATE_COUNT
    case 'sum': return O.AGGREGATE_SUM_I128
    case 'first': return O.AGGREGATE_FIRST
    case 'last': return O.AGGREGATE_LAST
    case 'min': case 'every': return call.type === 'utf8' ? O.AGGREGATE_MIN_UTF8 : O.AGGREGATE_MIN_I64
    case 'max': case 'any': return call.type === 'utf8' ? O.AGGREGATE_MAX_UTF8 : O.AGGREGATE_MAX_I64
    case 'minBy': return byOrder(call.args[1]!.type, O.AGGREGATE_MIN_BY_F64, O.AGGREGATE_MIN_BY_I64, O.AGGREGATE_MIN_BY_UTF8)
    case 'maxBy': return byOrder(call.args[1]!.type, O.AGGREGATE_MAX_BY_F64, O.AGGREGATE_MAX_BY_I64, O.AGGREGATE_MAX_BY_UTF8)
    default: assert(false, `${call.fn} has no state of its own`)
  }
}

function byOrder(type: ColumnType, f64: number, i64: number, utf8: number): number {
  if (type === 'utf8') return utf8
  return type === 'f64' || type === 'f32' || type === 'timestamp' ? f64 : i64
}
