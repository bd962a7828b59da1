/**
 * Functions of time to vector instructions. Units of fixed length are steps from an origin; months are counted on the calendar.
 */
import * as O from '../../assembly/portable/opcodes.js'
import { assert } from '../base/errors.js'
import type { ColumnType } from '../data/schema.js'
import type { Expression, FunctionName } from '../plan/expression.js'
import type { ProgramBuilder } from './program-builder.js'
import type { Register } from './program.js'

type Coerce = (builder: ProgramBuilder, value: Register, type: ColumnType) => Register

const PARTS: Partial<Record<FunctionName, number>> = {
  year: O.OP_YEAR, month: O.OP_MONTH, day: O.OP_DAY, hour: O.OP_HOUR, minute: O.OP_MINUTE, second: O.OP_SECOND,
  millisecond: O.OP_MILLISECOND, dayOfWeek: O.OP_DAY_OF_WEEK,
}

const DAY_MS = 86_400_000
/** 1970-01-05 was a Monday, on which ISO weeks begin. */
const FIRST_MONDAY_MS = 4 * DAY_MS

const STEP_MS: Readonly<Record<string, readonly [stepMs: number, originMs: number]>> = {
  millisecond: [1, 0], second: [1000, 0], minute: [60_000, 0], hour: [3_600_000, 0], day: [DAY_MS, 0],
  week: [7 * DAY_MS, FIRST_MONDAY_MS],
}

const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 }

type Call = Extract<Expression, { kind: 'call' }>

export function compileTime(builder: ProgramBuilder, { fn, args }: Call, coerce: Coerce): Register {
  const time = coerce(builder, builder.expression(args[0]!), 'timestamp')
  const part = PARTS[fn]
  if (part !== undefined) return builder.pure(part, 'i32', time)
  if (fn === 'floorTo') {
    const [step, origin] = [args[1]!, args[2]!].map(arg => coerce(builder, builder.expression(arg), 'f64'))
    return builder.pure(O.OP_FLOOR_TO, 'timestamp', time, step!, origin!)
  }
  const unitArg = args[1]!
  const unit = unitArg.kind === 'literal' ? String(unitArg.value) : ''
  if (Object.hasOwn(MONTHS, unit)) return builder.pure(O.OP_TRUNCATE_MONTHS, 'timestamp', time, MONTHS[unit]!)
  assert(Object.hasOwn(STEP_MS, unit), `truncate by '${unit}'`)
  const [stepMs, originMs] = STEP_MS[unit]!
  return builder.pure(O.OP_FLOOR_TO, 'timestamp', time, builder.constant(stepMs, 'f64'), builder.constant(originMs, 'f64'))
}
