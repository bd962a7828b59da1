/**
 * Functions of times in plain JavaScript, for the row evaluator where tests use it: the optimizer leaves them to the kernels,
 * with which they are compared.
 */
import type { Environment, Evaluated } from '../../src/plan/evaluate.js'
import type { FunctionName, LiteralValue } from '../../src/plan/expression.js'
import { TIMESTAMP_MAX_MS } from '../../src/plan/literal.js'

type Value = NonNullable<LiteralValue>

/** What the environment of a test computes of what the evaluator leaves to the kernels. */
export const timeCall: NonNullable<Environment['call']> = ({ fn, args }, values) => {
  return args[0]?.type === 'timestamp' ? timeFunction(fn, Number(values[0]), values) : undefined
}

const TIME_PARTS: Partial<Record<FunctionName, (date: Date) => number>> = {
  year: date => date.getUTCFullYear(), month: date => date.getUTCMonth() + 1, day: date => date.getUTCDate(),
  hour: date => date.getUTCHours(),
  minute: date => date.getUTCMinutes(), second: date => date.getUTCSeconds(), millisecond: date => date.getUTCMilliseconds(),
  dayOfWeek: date => date.getUTCDay(),
}

const DAY_MS = 86_400_000
/** 1970-01-05 was a Monday, on which ISO weeks begin. */
const FIRST_MONDAY_MS = 4 * DAY_MS
const UNIT_MS: Readonly<Record<string, readonly [stepMs: number, originMs: number]>> = {
  millisecond: [1, 0], second: [1000, 0], minute: [60_000, 0], hour: [3_600_000, 0], day: [DAY_MS, 0],
  week: [7 * DAY_MS, FIRST_MONDAY_MS],
}
const UNIT_MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 }

function timeFunction(fn: FunctionName, ms: number, values: readonly Value[]): Evaluated {
  if (fn === 'floorTo') return floorTo(ms, Number(values[1]), Number(values[2]))
  const unit = String(values[1])
  const step = UNIT_MS[unit]
  if (fn === 'truncate' && step) return floorTo(ms, step[0], step[1])
  if (!(Math.abs(ms) <= TIMESTAMP_MAX_MS)) return null
  const date = new Date(Math.floor(ms))
  const part = TIME_PARTS[fn]
  if (part) return part(date)
  const months = UNIT_MONTHS[unit]
  if (fn !== 'truncate' || !months) return undefined
  return new Date(0).setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() - date.getUTCMonth() % months, 1)
}

function floorTo(ms: number, stepMs: number, originMs: number): number {
  return originMs + Math.floor((ms - originMs) / stepMs) * stepMs
}
