/**
 * The pane of a row to instructions: its start as a register, or, where steps are whole milliseconds, the time and its range, of
 * which the kernel finds the pane of a whole vector.
 * Invariant: both name the same pane for every time that is a point in time.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import type { Expression } from '../plan/expression.js'
import { callOf } from '../plan/function-table.js'
import { literalOf } from '../plan/literal.js'
import type { WindowSpec } from '../plan/node.js'
import { paneMsOf } from '../plan/pane.js'
import type { Operand, Register } from './program.js'

/** The part of ProgramBuilder that is used here. */
interface PaneBuilder {
  expression(expression: Expression): Register
  timeRange(time: Register): Register
}

/** Whether a literal number of milliseconds is whole: then all multiples of it that are points in time are exact. */
export function isWholeMs(literal: Expression): boolean {
  return literal.kind === 'literal' && Number.isInteger(literal.value)
}

/** The operands of GROUP_PANE. */
export function paneOperands(builder: PaneBuilder, window: WindowSpec, useRange: boolean): readonly Operand[] {
  const [size, offset] = [literalOf(paneMsOf(window), 'f64'), literalOf(window.offsetMs, 'f64')]
  if (!useRange || !isWholeMs(size) || !isWholeMs(offset)) {
    return [builder.expression(callOf('floorTo', [window.time, size, offset])), O.NO_REGISTER]
  }
  const time = builder.expression(window.time)
  return [time, builder.timeRange(time), builder.expression(size), builder.expression(offset)]
}
