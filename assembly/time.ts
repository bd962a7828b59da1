// Instructions on times: f64 epoch milliseconds, UTC. Days are turned into civil dates and back by H. Hinnant's algorithms
// (days_from_civil, civil_from_days: proleptic Gregorian, eras of 400 years, right for times before 1970).
import {
  OP_DAY, OP_DAY_OF_WEEK, OP_HOUR, OP_MILLISECOND, OP_MINUTE, OP_MONTH, OP_SECOND, OP_TRUNCATE_MONTHS, OP_YEAR,
  TIME_MAX_MS,
} from './portable/opcodes'
import { addNull, dstOf, isValid, numberB, operandA, passNulls, rowsOf, validityOf, valuesOf } from './vector'

const DAY_MS: f64 = 86400000
const HOUR_MS = 3600000
const MINUTE_MS = 60000
const SECOND_MS = 1000
/** Days from 0000-03-01, where an era begins, to 1970-01-01. */
const DAYS_TO_EPOCH = 719468
const ERA_DAYS = 146097

export function runTime(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const register = operandA(frame, instruction)
  const a = valuesOf(register)
  passNulls(dst, register, n)
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const time = floor<f64>(load<f64>(a + (<usize>row << 3)))
    if (!(abs<f64>(time) <= TIME_MAX_MS)) {
      if (isValid(validityOf(dst), row)) addNull(dst, row, n)
    } else if (op == OP_TRUNCATE_MONTHS) {
      const start = truncateMonths(time, numberB(instruction))
      if (start < -TIME_MAX_MS && isValid(validityOf(dst), row)) addNull(dst, row, n)
      store<f64>(out + (<usize>row << 3), start)
    } else store<i32>(out + (<usize>row << 2), partOf(op, time))
  }
}

/** The date of the last call of `setCivil`. */
let civilYear = 0
let civilMonth = 0
let civilDay = 0

function setCivil(days: i32): void {
  const z = days + DAYS_TO_EPOCH
  const era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS
  const dayOfEra = z - era * ERA_DAYS
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  // Months are counted from March here, so that the leap day is the year's last.
  const month = (5 * dayOfYear + 2) / 153
  civilDay = dayOfYear - (153 * month + 2) / 5 + 1
  civilMonth = month < 10 ? month + 3 : month - 9
  civilYear = yearOfEra + era * 400 + <i32>(civilMonth <= 2)
}

/** Days from the epoch to the first of a month. */
function daysToMonth(year: i32, month: i32): i32 {
  const y = year - <i32>(month <= 2)
  const era = (y >= 0 ? y : y - 399) / 400
  const yearOfEra = y - era * 400
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
  return era * ERA_DAYS + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - DAYS_TO_EPOCH
}

function partOf(op: i32, time: f64): i32 {
  const days = floor<f64>(time / DAY_MS)
  const ms = <i32>(time - days * DAY_MS)
  switch (op) {
    case OP_HOUR: return ms / HOUR_MS
    case OP_MINUTE: return ms / MINUTE_MS % 60
    case OP_SECOND: return ms / SECOND_MS % 60
    case OP_MILLISECOND: return ms % SECOND_MS
    // Day 0 was a Thursday; the sum is positive for every time that Date can hold.
    case OP_DAY_OF_WEEK: return (<i32>days + 4 + 7 * 20000000) % 7
  }
  setCivil(<i32>days)
  if (op == OP_YEAR) return civilYear
  return op == OP_MONTH ? civilMonth : civilDay
}

function truncateMonths(time: f64, months: i32): f64 {
  setCivil(<i32>floor<f64>(time / DAY_MS))
  const month = civilMonth - 1
  return <f64>daysToMonth(civilYear, month - month % months + 1) * DAY_MS
}
