/**
 * Literals: what a plain JavaScript value in an expression becomes, and how a literal takes another type without a cast at run
 * time.
 * Invariant: a literal's value has the JavaScript type of its column type, so kernels and evaluator never have to look twice.
 */
import { invalid } from './invalid.js'
import type { ColumnType } from '../data/schema.js'
import type { Expression, LiteralValue } from './expression.js'

export type Literal = Extract<Expression, { kind: 'literal' }>

/** Milliseconds either side of 1970 that are a point in time, as JavaScript's Date has it. */
export const TIMESTAMP_MAX_MS = 8.64e15

/** Properties of a wrong object that a message lists. */
const KEYS_SHOWN_MAX = 5

const I64_MIN = -(2n ** 63n)
const I64_MAX = 2n ** 63n - 1n

export function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31
}

export function isInt64(value: bigint): boolean {
  return value >= I64_MIN && value <= I64_MAX
}

export function literalOf(value: LiteralValue, type: ColumnType): Literal {
  return Object.freeze({ kind: 'literal', value, type })
}

/**
 * The literal that a plain value stands for: boolean bool, number f64, bigint i64, string utf8, Date timestamp; null only with a
 * type.
 * @throws MillraceError INVALID_PIPELINE for anything else, and for a bigint that does not fit 64 bits.
 */
export function toLiteral(value: unknown, what: string): Literal {
  if (typeof value === 'boolean') return literalOf(value, 'bool')
  if (typeof value === 'number') return literalOf(value, 'f64')
  if (typeof value === 'string') return literalOf(value, 'utf8')
  if (typeof value === 'bigint') {
    if (isInt64(value)) return literalOf(value, 'i64')
    throw invalid(`${what}: ${value} does not fit i64.`)
  }
  if (value instanceof Date) return literalOf(value.getTime(), 'timestamp')
  if (value === null) throw invalid(`${what}: null has no type; write lit(null, 'f64') or another type, and isNull() to compare.`)
  throw invalid(`${what}: ${describeValue(value)} is not an expression and not a value that a column can hold.`)
}

/** Names a wrong value in a message without printing all of it. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) {
    return `an object with ${Object.keys(value).slice(0, KEYS_SHOWN_MAX).join(', ') || 'no properties'}`
  }
  return String(value)
}

/**
 * The same literal as another type where that changes nothing about its value; null where only a cast at run time could say.
 * Numbers: an integer within range becomes i32 or i64, any number f64, f32 only if exact; a number is a timestamp; null is
 * anything.
 */
export function literalAs(literal: Literal, type: ColumnType): Literal | null {
  const { value } = literal
  if (literal.type === type) return literal
  if (value === null) return literalOf(null, type)
  if (typeof value === 'number' && literal.type !== 'timestamp') {
    // An i32 has no −0: adding 0 makes it 0.
    if (type === 'i32') return isInt32(value) ? literalOf(value + 0, type) : null
    if (type === 'i64') return Number.isSafeInteger(value) ? literalOf(BigInt(value), type) : null
    if (type === 'f32') return Object.is(Math.fround(value), value) ? literalOf(value, type) : null
    return type === 'f64' || type === 'timestamp' ? literalOf(value, type) : null
  }
  if (typeof value === 'bigint' && type === 'f64') return BigInt(Number(value)) === value ? literalOf(Number(value), type) : null
  return null
}
