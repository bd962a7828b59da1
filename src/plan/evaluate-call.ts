/**
 * Functions of single values that are not null, as the kernels compute them; the functions with a null rule of their own are in
 * `evaluate.ts`. Transcendentals and parts of times are left to the kernels: a page would load their code for hardly a
 * pipeline.
 */
import type { Evaluated } from './evaluate.js'
import type { Expression, FunctionName, LiteralValue } from './expression.js'
import { isInt32, isInt64 } from './literal.js'

type Value = NonNullable<LiteralValue>
type Call = Extract<Expression, { kind: 'call' }>

/**
 * Order of two values of one type: negative, 0 or positive. NaN is greatest and equals itself, −0 equals 0, text by UTF-8 bytes.
 */
export function compareValues(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (a < b) return -1
  if (a > b) return 1
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/** The order of code points is the order of UTF-8 bytes. */
function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

const COMPARISONS: Partial<Record<FunctionName, (order: number) => boolean>> = {
  eq: order => order === 0, ne: order => order !== 0,
  lt: order => order < 0, le: order => order <= 0, gt: order => order > 0, ge: order => order >= 0,
}

const REAL: Partial<Record<FunctionName, (a: number, b: number) => number>> = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b,
  mod: (a, b) => a % b, floorDiv: (a, b) => Math.floor(a / b),
  neg: a => -a, abs: Math.abs, sign: Math.sign, sqrt: Math.sqrt,
  floor: Math.floor, ceil: Math.ceil, round: Math.round, trunc: Math.trunc,
}

const INTEGER: Partial<Record<FunctionName, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b,
  mod: (a, b) => a % b, floorDiv: (a, b) => (a - ((a % b) + b) % b) / b,
  neg: a => -a, abs: a => a < 0n ? -a : a, sign: a => a > 0n ? 1n : a < 0n ? -1n : 0n,
  floor: a => a, ceil: a => a, round: a => a, trunc: a => a,
}

/** The value of the call for these arguments; null where it does not fit, undefined where only the kernels can say. */
export function evaluateCall({ fn, args, type }: Call, values: readonly Value[]): Evaluated {
  const [a, b] = values
  const comparison = COMPARISONS[fn]
  if (comparison) return comparison(compareValues(a!, b!))
  if (fn === 'not') return !a
  if (fn === 'isNaN') return Number.isNaN(a)
  if (type === 'i32' && (fn === 'mod' || fn === 'floorDiv')) return integer(fn, values, value => isInt32(Number(value)), Number)
  if (type === 'i64') return integer(fn, values, isInt64, value => value)
  const real = REAL[fn]
  if (real) return real(Number(a), Number(b))
  return args[0]?.type === 'utf8' ? textFunction(fn, values) : undefined
}

function integer(
  fn: FunctionName, values: readonly Value[], fits: (value: bigint) => boolean, to: (value: bigint) => Value,
): Evaluated {
  const compute = INTEGER[fn]
  if (!compute) return undefined
  const [a, b = 0n] = values.map(value => BigInt(value))
  if ((fn === 'mod' || fn === 'floorDiv') && b === 0n) return null
  const result = compute(a!, b)
  return fits(result) ? to(result) : null
}

function textFunction(fn: FunctionName, values: readonly Value[]): Evaluated {
  const [text, other] = values.map(String) as [string, string]
  switch (fn) {
    case 'lower': return isAscii(text) ? text.toLowerCase() : undefined
    case 'upper': return isAscii(text) ? text.toUpperCase() : undefined
    case 'trim': return text.trim()
    case 'length': return [...text].length
    case 'startsWith': return text.startsWith(other)
    case 'endsWith': return text.endsWith(other)
    case 'contains': return text.includes(other)
    case 'concat': return text + other
    case 'substring': return [...text].slice(Math.max(0, Number(values[1])), Math.max(0, Number(values[2]))).join('')
    default: return undefined
  }
}

function isAscii(text: string): boolean {
  return [...text].every(character => character.codePointAt(0)! < 128)
}
