/**
 * Twin of assembly/event-time.ts: the checks of event times, row by row. It leaves ranges alone: they only spare work.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as O from '../../../assembly/portable/opcodes.js'
import type { Instruction } from './vector.js'

/** The start of the pane, window or step that a time lies in. */
export function startOf(time: number, size: number, origin: number): number {
  const start = origin + Math.floor((time - origin) / size) * size
  // The quotient of a time just before a multiple may have been rounded up to it.
  return start > time ? start - size : start
}

/** Whether a time instruction lets a row pass. */
export function timeCheckOf(instruction: Instruction): (row: number) => boolean {
  const { op, a } = instruction
  const times = a.f64
  const isValid = a.validRows()
  if (op === O.OP_KEEP_TIMED) return row => isValid(row) && Math.abs(times[row]!) <= O.TIME_MAX_MS
  const constant = (unit: number): number => instruction.register(unit).f64[0]!
  const [slide, origin, size, watermark] = [constant(4), constant(5), constant(6), constant(7)]
  return row => isValid(row) && startOf(times[row]!, slide, origin) + size > watermark
}

export function raiseMaxTime(instruction: Instruction, selected: readonly number[]): void {
  const { a, memory, frame } = instruction
  const times = a.f64
  const isValid = a.validRows()
  const slot = (memory.read(frame + L.FRAME_MAX_TIMES) >>> 3) + instruction.number(3)
  for (const row of selected) {
    const time = times[row]!
    if (isValid(row) && time < Infinity && time > memory.f64[slot]!) memory.f64[slot] = time
  }
}
