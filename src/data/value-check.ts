/**
 * Values as users give them, checked and turned into what a column holds. Rows and plain arrays pass here value by value; typed
 * arrays of the right type do not.
 * Invariant: nothing is coerced silently: text is not a number, 1 is not true, 1.5 is not an i32.
 */
import type { ColumnType } from './schema.js'
import { parseTimestampText, TIMESTAMP_MS_MAX } from './timestamp-text.js'

/** The stored value, or undefined when `value` is not of the type. null and undefined are handled before. */
export type ValueCheck = (value: unknown) => number | bigint | undefined

/** By type; utf8 columns take strings as they are. bool is stored as 0 or 1. */
export const VALUE_CHECKS: Readonly<Record<Exclude<ColumnType, 'utf8'>, ValueCheck>> = {
  bool: value => (value === true ? 1 : value === false ? 0 : undefined),
  i32: value => (typeof value === 'number' && (value | 0) === value ? value | 0 : undefined),
  i64: value => {
    if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined
    return Number.isSafeInteger(value) ? BigInt(value as number) : undefined
  },
  f32: value => (typeof value === 'number' ? value : undefined),
  f64: value => (typeof value === 'number' ? value : undefined),
  timestamp: value => {
    if (typeof value === 'number') return isTimestamp(value) ? value : undefined
    if (value instanceof Date) return isTimestamp(value.getTime()) ? value.getTime() : undefined
    return typeof value === 'string' ? parseTimestampText(value) ?? undefined : undefined
  },
}

/** Whether a number can be an epoch ms: finite, and in the range of a Date. */
export function isTimestamp(ms: number): boolean {
  return Math.abs(ms) <= TIMESTAMP_MS_MAX
}

const EXPECTED: Readonly<Record<ColumnType, string>> = {
  bool: 'true or false',
  i32: 'an integer of 32 bits',
  i64: 'a bigint of 64 bits or a safe integer',
  f32: 'a number',
  f64: 'a number',
  utf8: 'a string',
  timestamp: 'a time (epoch ms, a Date, or ISO 8601 text)',
}

/** Why a value was refused: `column 'value' (f64): 'warm' is not a number`. */
export function refusal(name: string, type: ColumnType, value: unknown): string {
  return `column '${name}' (${type}): ${describeValue(value)} is not ${EXPECTED[type]}`
}

/** A value in a message, at most about 60 characters. */
export function describeValue(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'`
    : typeof value === 'bigint' ? `${value}n`
      : value instanceof Date ? `Date(${value.getTime()})`
        : typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'an array' : 'an object')
          : typeof value === 'function' ? 'a function' : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
