/**
 * Twin of assembly/time.ts: functions of time, by JavaScript's Date. A time that Date cannot hold gives null.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { Instruction } from './vector.js'

const PARTS: Readonly<Record<number, (date: Date) => number>> = {
  [O.OP_YEAR]: date => date.getUTCFullYear(),
  [O.OP_MONTH]: date => date.getUTCMonth() + 1,
  [O.OP_DAY]: date => date.getUTCDate(),
  [O.OP_HOUR]: date => date.getUTCHours(),
  [O.OP_MINUTE]: date => date.getUTCMinutes(),
  [O.OP_SECOND]: date => date.getUTCSeconds(),
  [O.OP_MILLISECOND]: date => date.getUTCMilliseconds(),
  [O.OP_DAY_OF_WEEK]: date => date.getUTCDay(),
}

export function runTime(instruction: Instruction): void {
  const { op, rows, dst, a } = instruction
  const times = a.f64
  const part = PARTS[op]
  const out = part ? dst.i32 : dst.f64
  dst.passNulls(a)
  const isValid = a.validRows()
  for (let row = 0; row < rows; row++) {
    if (!isValid(row)) continue
    const date = new Date(Math.floor(times[row]!))
    const result = part ? part(date) : startOfMonths(date, instruction.number(3))
    if (Number.isNaN(result)) dst.setNull(row)
    else out[row] = result
  }
}

/** The start of the span of `months` months, counted from January, that a date lies in; NaN where there is none. */
function startOfMonths(date: Date, months: number): number {
  const start = new Date(0)
  start.setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() - date.getUTCMonth() % months, 1)
  return start.getTime()
}
