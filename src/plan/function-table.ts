/**
 * The functions of the language: what each takes, what it gives and how it treats nulls. The typed builders call `call()` and
 * `cast()` here, which check the arguments and insert the casts, so that the compiler and the evaluator see operands of one type.
 * Invariant: an expression made here is well typed; one that is not throws at the user's line, naming argument and type.
 */
import { invalid } from './invalid.js'
import type { ColumnType } from '../data/schema.js'
import type { Expression, FunctionName } from './expression.js'
import { expressionText } from './expression-text.js'
import { literalAs } from './literal.js'

/** What the arguments are cast to, and the type of the result. */
interface Resolution {
  readonly args: readonly ColumnType[]
  readonly type: ColumnType
}

export interface Signature {
  /** Fewest and most arguments. */
  readonly arity: readonly [min: number, max: number]
  /** What it takes, in words, for messages. */
  readonly takes: string
  /** What it gives, and for which nulls, in words. */
  readonly nulls: string
  /** The casts and the result for arguments of these types; null when they do not fit. */
  resolve(args: readonly Expression[]): Resolution | null
}

const NULL_IF_ANY = 'null if an argument is null'
const NUMERIC: readonly ColumnType[] = ['i32', 'i64', 'f32', 'f64']
const INTEGER: readonly ColumnType[] = ['i32', 'i64']

export function isNumeric(type: ColumnType): boolean {
  return NUMERIC.includes(type)
}

function all(count: number, type: ColumnType): readonly ColumnType[] {
  return Array.from({ length: count }, () => type)
}

function areAll(args: readonly Expression[], types: readonly ColumnType[]): boolean {
  return args.every(arg => types.includes(arg.type))
}

/** i64 when all are integers and one of them i64, else f64. */
function arithmeticType(args: readonly Expression[]): ColumnType {
  return areAll(args, INTEGER) && args.some(arg => arg.type === 'i64') ? 'i64' : 'f64'
}

function arithmetic(count: number, nulls = NULL_IF_ANY): Signature {
  return signature([count, count], 'numbers', nulls, args => {
    const type = arithmeticType(args)
    return areAll(args, NUMERIC) ? { args: all(count, type), type } : null
  })
}

function integerArithmetic(): Signature {
  return signature([2, 2], 'numbers', `${NULL_IF_ANY}; integers: null when divided by zero`, args => {
    // A number literal is an i32 beside one, where it fits exactly.
    const isInt32 = args.some(arg => arg.type === 'i32') && args.every(arg => exactly(arg, 'i32'))
    const type = isInt32 ? 'i32' : arithmeticType(args)
    return areAll(args, NUMERIC) ? { args: all(2, type), type } : null
  })
}

function real(count: number): Signature {
  return signature([count, count], 'numbers', NULL_IF_ANY, args =>
    areAll(args, NUMERIC) ? { args: all(count, 'f64'), type: 'f64' } : null)
}

function comparison(ordered: boolean): Signature {
  return signature([2, 2], ordered ? 'two numbers, two texts or two timestamps' : 'two values of one type', NULL_IF_ANY, args => {
    const type = commonType(args, true)
    return type && !(ordered && type === 'bool') ? { args: all(2, type), type: 'bool' } : null
  })
}

function fixed(args: readonly ColumnType[], type: ColumnType, takes: string, nulls = NULL_IF_ANY): Signature {
  return signature([args.length, args.length], takes, nulls, given =>
    given.every((arg, i) => fits(arg, args[i]!)) ? { args, type } : null)
}

function fits(arg: Expression, type: ColumnType): boolean {
  return arg.type === type || (arg.kind === 'literal' && literalAs(arg, type) !== null) || (isNumeric(arg.type) && type === 'i32')
}

/** `condition` arguments of type bool first, the others of one type, which is the result's. */
function choice(arity: readonly [number, number], conditions: number, nulls: string): Signature {
  return signature(arity, conditions ? 'a condition and two values of one type' : 'values of one type', nulls, args => {
    const type = commonType(args.slice(conditions), false)
    return type && areAll(args.slice(0, conditions), ['bool'])
      ? { args: [...all(conditions, 'bool'), ...all(args.length - conditions, type)], type }
      : null
  })
}

function signature(arity: readonly [number, number], takes: string, nulls: string, resolve: Signature['resolve']): Signature {
  return Object.freeze({ arity, takes, nulls, resolve })
}

/**
 * The type that all values take: their own if it is one; of numbers i64 if all are integers, else f64; a number literal beside a
 * timestamp is one. `comparing`: a number literal takes the integer type of the other side where it fits exactly.
 */
export function commonType(args: readonly Expression[], comparing: boolean): ColumnType | null {
  const typed = args.filter(arg => !(arg.kind === 'literal' && arg.value === null))
  const first = (typed[0] ?? args[0])?.type
  if (first === undefined) return null
  if (areAll(typed, [first])) return first
  if (areAll(typed, NUMERIC)) {
    const columns = typed.filter(arg => arg.kind !== 'literal')
    const integer = columns[0]?.type
    if (comparing && integer && INTEGER.includes(integer) && typed.every(arg => exactly(arg, integer))) return integer
    return arithmeticType(typed)
  }
  return typed.every(arg => exactly(arg, 'timestamp')) ? 'timestamp' : null
}

function exactly(arg: Expression, type: ColumnType): boolean {
  return arg.type === type || (arg.kind === 'literal' && literalAs(arg, type) !== null)
}

const text = (count: number, type: ColumnType): Signature => fixed(all(count, 'utf8'), type, count === 1 ? 'text' : 'texts')
const timePart = (): Signature => fixed(['timestamp'], 'i32', 'a timestamp')
const logic = (count: number, nulls: string): Signature => fixed(all(count, 'bool'), 'bool', 'conditions', nulls)

/** Every function of the language. */
export const FUNCTION_TABLE: Readonly<Record<FunctionName, Signature>> = Object.freeze({
  add: arithmetic(2), sub: arithmetic(2), mul: arithmetic(2), div: real(2),
  mod: integerArithmetic(), floorDiv: integerArithmetic(),
  neg: arithmetic(1), abs: arithmetic(1), sign: arithmetic(1),
  clamp: arithmetic(3, 'null if the value is null; a null bound does not bound; NaN stays NaN'),
  floor: arithmetic(1), ceil: arithmetic(1), round: arithmetic(1), trunc: arithmetic(1),
  sqrt: real(1), pow: real(2), exp: real(1), ln: real(1), log10: real(1),
  sin: real(1), cos: real(1), tan: real(1), atan2: real(2),
  eq: comparison(false), ne: comparison(false),
  lt: comparison(true), le: comparison(true), gt: comparison(true), ge: comparison(true),
  and: logic(2, 'three-valued: false and null is false, true and null is null'),
  or: logic(2, 'three-valued: true or null is true, false or null is null'),
  not: logic(1, NULL_IF_ANY),
  isNull: signature([1, 1], 'any value', 'never null', args => ({ args: [args[0]!.type], type: 'bool' })),
  isNaN: signature([1, 1], 'a number', NULL_IF_ANY, args => areAll(args, NUMERIC) ? { args: ['f64'], type: 'bool' } : null),
  if: choice([3, 3], 1, 'a null condition counts as false; null where the chosen value is null'),
  coalesce: choice([1, Infinity], 0, 'the first value that is not null; null if all are'),
  least: choice([1, Infinity], 0, 'nulls are passed over; null if all are null; NaN is greatest'),
  greatest: choice([1, Infinity], 0, 'nulls are passed over; null if all are null; NaN is greatest'),
  lower: text(1, 'utf8'), upper: text(1, 'utf8'), trim: text(1, 'utf8'), length: text(1, 'i32'),
  startsWith: text(2, 'bool'), endsWith: text(2, 'bool'), contains: text(2, 'bool'), concat: text(2, 'utf8'),
  /** Code points [start, end) of (text, start, end), cut to what is there; empty where end ≤ start. */
  substring: fixed(['utf8', 'i32', 'i32'], 'utf8', 'text, a start and an end'),
  /** Month 1…12, day 1…31, dayOfWeek 0 (Sunday) … 6, as JavaScript's getUTCDay. */
  year: timePart(), month: timePart(), day: timePart(),
  hour: timePart(), minute: timePart(), second: timePart(), millisecond: timePart(),
  dayOfWeek: timePart(),
  truncate: fixed(['timestamp', 'utf8'], 'timestamp', 'a timestamp and a unit'),
  floorTo: fixed(['timestamp', 'f64', 'f64'], 'timestamp', 'a timestamp, a step and an origin in ms'),
  /** 32 bits of the hash that also partitions keys: equal values of one type have equal hashes. */
  hash: signature([1, 1], 'any value', 'never null: null has its own hash', args => ({ args: [args[0]!.type], type: 'i32' })),
})

/** Units of `truncate`; a week starts on Monday (ISO 8601). */
export const TRUNCATE_UNITS = ['millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const
export type TruncateUnit = (typeof TRUNCATE_UNITS)[number]

/** The casts that exist. Text that cannot be read, and numbers out of range, become null. */
const CASTS: Readonly<Record<ColumnType, readonly ColumnType[]>> = {
  bool: ['i32', 'i64', 'f32', 'f64', 'utf8'],
  i32: ['bool', 'i64', 'f32', 'f64', 'timestamp', 'utf8'],
  i64: ['bool', 'i32', 'f32', 'f64', 'timestamp', 'utf8'],
  f32: ['bool', 'i32', 'i64', 'f64', 'timestamp', 'utf8'],
  f64: ['bool', 'i32', 'i64', 'f32', 'timestamp', 'utf8'],
  utf8: ['bool', 'i32', 'i64', 'f32', 'f64', 'timestamp'],
  timestamp: ['i64', 'f64', 'utf8'],
}

export function canCast(from: ColumnType, to: ColumnType): boolean {
  return from === to || CASTS[from].includes(to)
}

/**
 * `arg` as `type`; itself if it has that type already; a literal that fits exactly becomes a literal of that type.
 * @throws MillraceError INVALID_PIPELINE when there is no such cast.
 */
export function castTo(arg: Expression, type: ColumnType): Expression {
  if (arg.type === type) return arg
  const literal = arg.kind === 'literal' ? literalAs(arg, type) : null
  if (literal) return literal
  if (!canCast(arg.type, type)) {
    throw invalid(
      `There is no cast of ${arg.type} to ${type}: ${expressionText(arg)}. ${arg.type} can become ${CASTS[arg.type].join(', ')}.`)
  }
  return Object.freeze({ kind: 'cast', arg, type })
}

/**
 * A call of `fn`, checked, with its arguments cast to the types that the function works on.
 * @throws MillraceError INVALID_PIPELINE naming the arguments and their types when they do not fit.
 */
export function callOf(fn: FunctionName, args: readonly Expression[]): Expression {
  const { arity, takes, resolve } = FUNCTION_TABLE[fn]
  const resolution = args.length >= arity[0] && args.length <= arity[1] ? resolve(args) : null
  if (!resolution) {
    const given = args.map(arg => `${expressionText(arg)} (${arg.type})`).join(', ') || 'nothing'
    throw invalid(`${fn === 'if' ? 'when(…).otherwise(…)' : fn} takes ${takes}; it was given ${given}.`)
  }
  const cast = args.map((arg, i) => castTo(arg, resolution.args[i]!))
  return Object.freeze({ kind: 'call', fn, args: Object.freeze(cast), type: resolution.type })
}
