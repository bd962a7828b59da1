/**
 * Expressions to vector instructions: which opcode a function of the language is for operands of which type.
 * Invariant: operands are cast here wherever the plan has not done so; a register's type is what its bytes hold.
 */
import * as O from '../../assembly/portable/opcodes.js'
import { assert } from '../base/errors.js'
import type { ColumnType } from '../data/schema.js'
import type { Expression, FunctionName } from '../plan/expression.js'
import type { ProgramBuilder } from './program-builder.js'
import type { Register } from './program.js'
import { compileText } from './text-function-compiler.js'
import { compileTime } from './time-function-compiler.js'

type Call = Extract<Expression, { kind: 'call' }>

/** The register of an expression; of a type of equal meaning where it is not quite the expression's own. */
export function compileExpression(builder: ProgramBuilder, expression: Expression): Register {
  switch (expression.kind) {
    case 'column': return builder.column(expression.name)
    case 'literal': return builder.constant(expression.value, expression.type)
    case 'parameter': return builder.parameter(expression)
    case 'cast': return cast(builder, builder.expression(expression.arg), expression.type)
    case 'call': return compileCall(builder, expression)
  }
}

function compileCall(builder: ProgramBuilder, call: Call): Register {
  const { fn } = call
  if (fn === 'truncate' || fn === 'floorTo' || Object.hasOwn(TIME_PARTS, fn)) return compileTime(builder, call, coerce)
  const args = call.args.map(arg => builder.expression(arg))
  if (fn === 'pow' && isTwo(call.args[1]!)) return square(builder, coerce(builder, args[0]!, 'f64'))
  if (Object.hasOwn(ARITHMETIC, fn)) return compileArithmetic(builder, fn, args)
  if (Object.hasOwn(COMPARISONS, fn)) return compileComparison(builder, fn, args[0]!, args[1]!)
  if (Object.hasOwn(CONDITIONALS, fn)) return compileConditional(builder, call, args)
  if (fn === 'hash') return builder.pure(HASH_OPS[args[0]!.type], 'i32', args[0]!)
  return compileText(builder, fn, args, coerce)
}

/** Functions that compileTime knows besides truncate and floorTo. */
const TIME_PARTS = { year: 1, month: 1, day: 1, hour: 1, minute: 1, second: 1, millisecond: 1, dayOfWeek: 1 }

/** By type of the operands; functions of whole numbers that leave them as they are have 0. */
const ARITHMETIC: Partial<Record<FunctionName, { readonly f64: number; readonly i64?: number; readonly i32?: number }>> = {
  add: { f64: O.OP_ADD_F64, i64: O.OP_ADD_I64 },
  sub: { f64: O.OP_SUB_F64, i64: O.OP_SUB_I64 },
  mul: { f64: O.OP_MUL_F64, i64: O.OP_MUL_I64 },
  div: { f64: O.OP_DIV_F64 },
  mod: { f64: O.OP_MOD_F64, i64: O.OP_MOD_I64, i32: O.OP_MOD_I32 },
  floorDiv: { f64: O.OP_FLOOR_DIV_F64, i64: O.OP_FLOOR_DIV_I64, i32: O.OP_FLOOR_DIV_I32 },
  pow: { f64: O.OP_POW_F64 },
  atan2: { f64: O.OP_ATAN2_F64 },
  neg: { f64: O.OP_NEG_F64, i64: O.OP_NEG_I64 },
  abs: { f64: O.OP_ABS_F64, i64: O.OP_ABS_I64 },
  sign: { f64: O.OP_SIGN_F64, i64: O.OP_SIGN_I64 },
  sqrt: { f64: O.OP_SQRT_F64 },
  floor: { f64: O.OP_FLOOR_F64, i64: 0, i32: 0 },
  ceil: { f64: O.OP_CEIL_F64, i64: 0, i32: 0 },
  trunc: { f64: O.OP_TRUNC_F64, i64: 0, i32: 0 },
  round: { f64: O.OP_ROUND_F64, i64: 0, i32: 0 },
  exp: { f64: O.OP_EXP_F64 },
  ln: { f64: O.OP_LN_F64 },
  log10: { f64: O.OP_LOG10_F64 },
  sin: { f64: O.OP_SIN_F64 },
  cos: { f64: O.OP_COS_F64 },
  tan: { f64: O.OP_TAN_F64 },
}

function compileArithmetic(builder: ProgramBuilder, fn: FunctionName, args: readonly Register[]): Register {
  const ops = ARITHMETIC[fn]!
  const first = args[0]!.type
  const same = args.every(arg => arg.type === first)
  const op = same && first === 'i64' ? ops.i64 : same && first === 'i32' ? ops.i32 : undefined
  if (op === 0) return args[0]!
  if (op !== undefined) return builder.pure(op, first, ...args)
  return builder.pure(ops.f64, 'f64', ...args.map(arg => coerce(builder, arg, 'f64')))
}

function isTwo(expression: Expression): boolean {
  return expression.kind === 'literal' && Number(expression.value) === 2
}

/** x · x, as `pow` has it too (portable/elementary.ts). */
function square(builder: ProgramBuilder, x: Register): Register {
  return builder.pure(O.OP_MUL_F64, 'f64', x, x)
}

/** The first opcode of the four comparisons of a type. */
const COMPARE_FIRST: Record<ColumnType, number> = {
  bool: O.OP_EQ_BOOL, i32: O.OP_EQ_I32, i64: O.OP_EQ_I64, f32: O.OP_EQ_F32, f64: O.OP_EQ_F64, timestamp: O.OP_EQ_F64,
  utf8: O.OP_EQ_I32,
}

/** Which of the four, and whether the operands change places. */
const COMPARISONS: Partial<Record<FunctionName, readonly [index: 0 | 1 | 2 | 3, swapped: boolean]>> = {
  eq: [0, false], ne: [1, false], lt: [2, false], le: [3, false], gt: [2, true], ge: [3, true],
}

function compileComparison(builder: ProgramBuilder, fn: FunctionName, a: Register, b: Register): Register {
  const [index, swapped] = COMPARISONS[fn]!
  const type = commonType(a.type, b.type)
  let op = COMPARE_FIRST[type] + index
  if (type === 'utf8' && index === 2) op = O.OP_LT_TEXT
  if (type === 'utf8' && index === 3) op = O.OP_LE_TEXT
  const left = coerce(builder, a, type)
  const right = coerce(builder, b, type)
  return swapped ? builder.pure(op, 'bool', right, left) : builder.pure(op, 'bool', left, right)
}

function commonType(a: ColumnType, b: ColumnType): ColumnType {
  return a === b ? a : 'f64'
}

const CONDITIONALS = { and: 1, or: 1, not: 1, isNull: 1, isNaN: 1, if: 1, coalesce: 1, least: 1, greatest: 1, clamp: 1 }

function compileConditional(builder: ProgramBuilder, { fn, type }: Call, args: readonly Register[]): Register {
  const typed = (): Register[] => args.map(arg => coerce(builder, arg, type))
  const fold = (op: number): Register => typed().reduce((a, b) => builder.pure(op, type, a, b))
  switch (fn) {
    case 'and': return fold(O.OP_AND)
    case 'or': return fold(O.OP_OR)
    case 'not': return builder.pure(O.OP_NOT, 'bool', args[0]!)
    case 'isNull': return builder.pure(O.OP_IS_NULL, 'bool', args[0]!)
    case 'isNaN': return isNaN(builder, args[0]!)
    case 'if': return choose(builder, args[0]!, coerce(builder, args[1]!, type), coerce(builder, args[2]!, type))
    case 'coalesce': return fold(byWidth(type, O.OP_COALESCE_1, O.OP_COALESCE_4, O.OP_COALESCE_8))
    case 'least': return fold(O.OP_LEAST_BOOL + ORDER_INDEX[type])
    case 'greatest': return fold(O.OP_GREATEST_BOOL + ORDER_INDEX[type])
    case 'clamp': return compileClamp(builder, typed())
    default: return assert(false, `no instruction for ${fn}`) as never
  }
}

/** Offset of a type in the opcodes of least and of greatest. */
const ORDER_INDEX: Record<ColumnType, number> = { bool: 0, i32: 1, i64: 2, f32: 3, f64: 4, timestamp: 4, utf8: 5 }

function byWidth(type: ColumnType, one: number, four: number, eight: number): number {
  if (type === 'bool') return one
  return type === 'i32' || type === 'f32' || type === 'utf8' ? four : eight
}

function choose(builder: ProgramBuilder, condition: Register, then: Register, otherwise: Register): Register {
  return builder.pure(byWidth(then.type, O.OP_IF_1, O.OP_IF_4, O.OP_IF_8), then.type, condition, then, otherwise)
}

/** A null bound does not bound; NaN stays NaN. */
function compileClamp(builder: ProgramBuilder, [x, low, high]: readonly Register[]): Register {
  const below = compileComparison(builder, 'lt', x!, low!)
  const above = compileComparison(builder, 'gt', x!, high!)
  const clamped = choose(builder, below, low!, choose(builder, above, high!, x!))
  if (x!.type !== 'f64' && x!.type !== 'f32') return clamped
  return choose(builder, isNaN(builder, x!), x!, clamped)
}

/** NaN is what is greater than infinity. */
function isNaN(builder: ProgramBuilder, x: Register): Register {
  return compileComparison(builder, 'gt', coerce(builder, x, 'f64'), builder.constant(Infinity, 'f64'))
}

const HASH_OPS: Record<ColumnType, number> = {
  bool: O.OP_HASH_BOOL, i32: O.OP_HASH_I32, i64: O.OP_HASH_I64, f32: O.OP_HASH_F32, f64: O.OP_HASH_F64, timestamp: O.OP_HASH_F64,
  utf8: O.OP_HASH_TEXT,
}

/** The value as `type` for an instruction that asks for it: f64 and timestamp are alike, the rest is a cast. */
export function coerce(builder: ProgramBuilder, value: Register, type: ColumnType): Register {
  if (value.type === type) return value
  if (isF64(value.type) && isF64(type)) return { id: value.id, type }
  return cast(builder, value, type)
}

function isF64(type: ColumnType): boolean {
  return type === 'f64' || type === 'timestamp'
}

/** The instructions of direct casts; the others go by way of another type, see `castVia`. */
const CASTS: Partial<Record<`${ColumnType} ${ColumnType}`, number>> = {
  'bool i32': O.OP_BOOL_TO_I32, 'bool utf8': O.OP_BOOL_TO_TEXT,
  'i32 bool': O.OP_I32_TO_BOOL, 'i32 i64': O.OP_I32_TO_I64, 'i32 f64': O.OP_I32_TO_F64, 'i32 utf8': O.OP_I32_TO_TEXT,
  'i64 bool': O.OP_I64_TO_BOOL, 'i64 i32': O.OP_I64_TO_I32, 'i64 f64': O.OP_I64_TO_F64, 'i64 utf8': O.OP_I64_TO_TEXT,
  'f32 f64': O.OP_F32_TO_F64,
  'f64 f32': O.OP_F64_TO_F32, 'f64 bool': O.OP_F64_TO_BOOL, 'f64 i32': O.OP_F64_TO_I32, 'f64 i64': O.OP_F64_TO_I64,
  'f64 utf8': O.OP_F64_TO_TEXT, 'f64 timestamp': O.OP_F64_TO_TIME,
  'utf8 bool': O.OP_TEXT_TO_BOOL, 'utf8 i32': O.OP_TEXT_TO_I32, 'utf8 i64': O.OP_TEXT_TO_I64, 'utf8 f64': O.OP_TEXT_TO_F64,
  'utf8 timestamp': O.OP_TEXT_TO_TIME,
  'timestamp utf8': O.OP_TIME_TO_TEXT,
}

/** What a cast without an instruction of its own goes by way of. */
function castVia(from: ColumnType): ColumnType {
  return from === 'bool' ? 'i32' : 'f64'
}

function cast(builder: ProgramBuilder, value: Register, type: ColumnType): Register {
  if (value.type === type) return value
  const op = CASTS[`${value.type} ${type}`]
  if (op === undefined) {
    // A timestamp is an f64 already: the way on from there is the f64's.
    if (value.type === 'timestamp') return cast(builder, { id: value.id, type: 'f64' }, type)
    return cast(builder, cast(builder, value, castVia(value.type)), type)
  }
  const usesMemo = op >= O.OP_TEXT_TO_BOOL && op <= O.OP_TEXT_TO_TIME
  return usesMemo ? builder.memoized(op, type, value) : builder.pure(op, type, value)
}
