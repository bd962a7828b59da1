/**
 * Casts of single values, as the kernels do them: towards zero, to null where the value does not fit.
 */
import type { ColumnType } from '../data/schema.js'
import type { Evaluated } from './evaluate.js'
import type { LiteralValue } from './expression.js'
import { isInt32, isInt64, TIMESTAMP_MAX_MS } from './literal.js'

type Value = NonNullable<LiteralValue>

/** `value`, which has type `from`, as `to`; null where it does not fit, undefined where only the kernels can say. */
export function evaluateCast(value: Value, from: ColumnType, to: ColumnType): Evaluated {
  if (from === to) return value
  if (typeof value === 'string') return undefined
  if (to === 'utf8') return asText(value, from)
  if (to === 'bool') return typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : Boolean(value)
  const number = Number(value)
  if (to === 'i32' || to === 'i64') {
    if (typeof value === 'number' && !Number.isFinite(value)) return null
    const whole = BigInt(typeof value === 'number' ? Math.trunc(value) : value)
    return to === 'i64' ? (isInt64(whole) ? whole : null) : isInt32(Number(whole)) ? Number(whole) : null
  }
  if (to === 'f32') return Math.fround(number)
  if (to === 'timestamp') return asTimestamp(number)
  return number
}

/** ISO 8601 only for years of four digits; beyond them the kernels decide. */
function asText(value: Value, from: ColumnType): Evaluated {
  if (from === 'f32') return undefined
  if (from !== 'timestamp') return String(value)
  const date = new Date(Number(value))
  const year = date.getUTCFullYear()
  return year >= 0 && year <= 9999 && Number.isInteger(value) ? date.toISOString() : undefined
}

function asTimestamp(ms: number): Evaluated {
  if (!(Math.abs(ms) <= TIMESTAMP_MAX_MS)) return null
  return Number.isInteger(ms) ? ms : undefined
}
