/**
 * What an expression means, one row at a time, in plain JavaScript values: written from the semantics page and not from the
 * kernels, so that the two can be held against each other. Null is SQL's; i64 is bigint; text is counted in code points.
 */
import { exp, ln, log10, pow } from '../../assembly/portable/elementary.js'
import { atan2, cos, sin, tan } from '../../assembly/portable/trigonometry.js'
import type { ColumnType } from '../../src/data/schema.js'
import type { Expression, FunctionName } from '../../src/plan/expression.js'
import type { Value } from './programs.js'

export type Row = Readonly<Record<string, Value>>

/** The value of an expression in a row. Hashes are not evaluated. */
export function evaluateRow(expression: Expression, row: Row): Value {
  switch (expression.kind) {
    case 'column': return row[expression.name]!
    case 'literal': return expression.type === 'i64' && typeof expression.value === 'number'
      ? BigInt(expression.value) : expression.value
    case 'parameter': throw new Error('parameters have no row')
    case 'cast': return castValue(evaluateRow(expression.arg, row), expression.arg.type, expression.type)
    case 'call': return callValue(expression, expression.args.map(arg => evaluateRow(arg, row)))
  }
}

type Call = Extract<Expression, { kind: 'call' }>
type Strict = (...args: never[]) => Value

/** The total order: null apart, NaN greatest, −0 = 0, text by code points. */
export function order(a: NonNullable<Value>, b: NonNullable<Value>): number {
  if (typeof a === 'string') return Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b as string)))
  if (typeof a === 'number' && (Number.isNaN(a) ||
    Number.isNaN(b as number))) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a < b ? -1 : a > b ? 1 : 0
}

function callValue({ fn, args, type }: Call, values: Value[]): Value {
  const [a, b, c] = values as [Value, Value, Value]
  switch (fn) {
    case 'and': return values.includes(false) ? false : values.includes(null) ? null : true
    case 'or': return values.includes(true) ? true : values.includes(null) ? null : false
    case 'isNull': return a === null
    case 'if': return a === true ? b : c
    case 'coalesce': return values.find(value => value !== null) ?? null
    case 'least': case 'greatest': {
      const sign = fn === 'least' ? 1 : -1
      return values.reduce((best, value) => best === null || (value !== null && order(value, best) * sign < 0) ? value : best)
    }
    case 'clamp':
      if (a === null || Number.isNaN(a)) return a
      if (b !== null && order(a, b) < 0) return b
      return c !== null && order(a, c) > 0 ? c : a
    case 'hash': throw new Error('hash is tested by itself')
  }
  if (values.includes(null)) return null
  if (typeof a === 'bigint' && INTEGER[fn]) return inRange((INTEGER[fn] as (...v: Value[]) => bigint | null)(...values), 64)
  if (type === 'i32' && INTEGER[fn]) return Number32(inRange((INTEGER[fn] as (...v: bigint[]) =>
    bigint | null)(BigInt(a as number), BigInt(b as number)), 32))
  const strict = STRICT[fn] as ((...v: Value[]) => Value) | undefined
  if (!strict) throw new Error(`${fn}(${args.map(arg => arg.type).join()}) is not evaluated`)
  return strict(...values)
}

function Number32(value: bigint | null): number | null {
  return value === null ? null : Number(value)
}

function inRange(value: bigint | null, bits: number): bigint | null {
  return value === null || BigInt.asIntN(bits, value) !== value ? null : value
}

const INTEGER: Partial<Record<FunctionName, Strict>> = {
  add: (a: bigint, b: bigint) => a + b,
  sub: (a: bigint, b: bigint) => a - b,
  mul: (a: bigint, b: bigint) => a * b,
  mod: (a: bigint, b: bigint) => b === 0n ? null : a % b,
  floorDiv: (a: bigint, b: bigint) => b === 0n ? null : (a - ((a % b) + b) % b) / b,
  neg: (a: bigint) => -a,
  abs: (a: bigint) => a < 0n ? -a : a,
  sign: (a: bigint) => BigInt(order(a, 0n)),
  floor: (a: bigint) => a, ceil: (a: bigint) => a, round: (a: bigint) => a, trunc: (a: bigint) => a,
}

/** As a Date, or null if it cannot be one. */
function dateOf(ms: number): Date | null {
  const date = new Date(Math.floor(ms))
  return Number.isNaN(date.getTime()) ? null : date
}

const part = (of: (date: Date) => number) => (ms: number): number | null => {
  const date = dateOf(ms)
  return date && of(date)
}

/** The largest origin + n · step that is not above t, also where the quotient is rounded up to the next. */
function floorTo(t: number, step: number, origin: number): number {
  const start = origin + Math.floor((t - origin) / step) * step
  return start > t ? start - step : start
}

function truncateTime(ms: number, unit: string): number | null {
  const steps: Record<string, number> = { millisecond: 1, second: 1e3, minute: 6e4, hour: 36e5, day: 864e5 }
  if (steps[unit]) return floorTo(ms, steps[unit], 0)
  const date = dateOf(ms)
  if (!date) return null
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  if (unit === 'week') return date.setUTCHours(0, 0, 0, 0) - ((date.getUTCDay() + 6) % 7) * 864e5
  const first = new Date(Date.UTC(2000, 0, 1))
  first.setUTCFullYear(year, unit === 'year' ? 0 : unit === 'quarter' ? Math.floor(month / 3) * 3 : month, 1)
  return Number.isNaN(first.getTime()) ? null : first.getTime()
}

const STRICT: Partial<Record<FunctionName, Strict>> = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  mod: (a: number, b: number) => a % b,
  floorDiv: (a: number, b: number) => Math.floor(a / b),
  neg: (a: number) => -a, abs: (a: number) => Math.abs(a), sqrt: (a: number) => Math.sqrt(a), sign: (a: number) => Math.sign(a),
  floor: (a: number) => Math.floor(a), ceil: (a: number) => Math.ceil(a), trunc: (a: number) => Math.trunc(a),
  round: (a: number) => Math.round(a),
  pow: (a: number, b: number) => pow(a, b), atan2: (a: number, b: number) => atan2(a, b), exp: (a: number) => exp(a),
  ln: (a: number) => ln(a),
  log10: (a: number) => log10(a), sin: (a: number) => sin(a), cos: (a: number) => cos(a), tan: (a: number) => tan(a),
  eq: (a: string, b: string) => order(a, b) === 0, ne: (a: string, b: string) => order(a, b) !== 0,
  lt: (a: string, b: string) => order(a, b) < 0, le: (a: string, b: string) => order(a, b) <= 0,
  gt: (a: string, b: string) => order(a, b) > 0, ge: (a: string, b: string) => order(a, b) >= 0,
  not: (a: boolean) => !a, isNaN: (a: number) => Number.isNaN(a),
  lower: (a: string) => a.toLowerCase(), upper: (a: string) => a.toUpperCase(), trim: (a: string) => a.trim(),
  length: (a: string) => [...a].length,
  startsWith: (a: string, b: string) => a.startsWith(b), endsWith: (a: string, b: string) => a.endsWith(b),
  contains: (a: string, b: string) => a.includes(b),
  concat: (a: string, b: string) => a + b,
  substring: (a: string, start: number, end: number) => [...a].filter((_, i) => i >= start && i < end).join(''),
  year: part(date => date.getUTCFullYear()), month: part(date => date.getUTCMonth() + 1), day: part(date => date.getUTCDate()),
  hour: part(date => date.getUTCHours()), minute: part(date => date.getUTCMinutes()), second: part(date => date.getUTCSeconds()),
  millisecond: part(date => date.getUTCMilliseconds()), dayOfWeek: part(date => date.getUTCDay()),
  truncate: truncateTime,
  floorTo,
}

const DATE_MAX = 8.64e15

/** A cast; what does not fit or cannot be read is null. */
export function castValue(value: Value, from: ColumnType, to: ColumnType): Value {
  if (value === null || from === to) return value
  if (from === 'utf8') return parseText(value as string, to)
  switch (to) {
    case 'utf8': return formatText(value, from)
    case 'bool': return typeof value === 'bigint' ? value !== 0n : Boolean(value)
    case 'i32': {
      const integer = integerOf(value)
      return integer !== null && BigInt.asIntN(32, integer) === integer ? Number(integer) : null
    }
    case 'i64': return inRange(integerOf(value), 64)
    case 'f32': return Math.fround(Number(value))
    case 'f64': return Number(value)
    case 'timestamp': return Math.abs(Number(value)) <= DATE_MAX ? Number(value) : null
  }
}

function integerOf(value: NonNullable<Value>): bigint | null {
  if (typeof value === 'bigint') return value
  const number = Math.trunc(Number(value))
  return Number.isFinite(number) ? BigInt(number) : null
}

function formatText(value: NonNullable<Value>, from: ColumnType): string | null {
  if (from !== 'timestamp') return String(value)
  return Math.abs(value as number) <= DATE_MAX ? new Date(value as number).toISOString() : null
}

const JSON_NUMBER = /^[+-]?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** The integer that a JSON number is; null where it has a fraction. */
function exactInteger(word: string): bigint | null {
  const [, sign, whole, fraction = '', power = '0'] = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE](.+))?$/.exec(word)!
  const digits = whole + fraction
  const shift = Number(power) - fraction.length
  if (shift < 0 && /[1-9]/.test(digits.slice(shift))) return null
  // No integer of 64 bits has more zeros than that.
  const integer = BigInt(shift < 0 ? digits.slice(0, shift) || '0' : digits + '0'.repeat(Math.min(shift, 400)))
  return sign === '-' ? -integer : integer
}

function parseText(text: string, to: ColumnType): Value {
  const word = text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '')
  switch (to) {
    case 'bool': {
      const lower = word.toLowerCase()
      if (['true', 't', 'yes', 'y', '1'].includes(lower)) return true
      return ['false', 'f', 'no', 'n', '0'].includes(lower) ? false : null
    }
    case 'f64': case 'f32': {
      const special = ['NaN', 'Infinity', '-Infinity', '+Infinity'].includes(word)
      if (!special && !JSON_NUMBER.test(word)) return null
      return to === 'f64' ? Number(word) : Math.fround(Number(word))
    }
    case 'i32': case 'i64': {
      if (!JSON_NUMBER.test(word)) return null
      const integer = exactInteger(word) ?? integerOf(Number(word))
      const fits = inRange(integer, to === 'i32' ? 32 : 64)
      return to === 'i32' ? Number32(fits) : fits
    }
    default: throw new Error(`text to ${to} is tested by itself`)
  }
}
