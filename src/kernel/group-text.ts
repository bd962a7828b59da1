/**
 * Group instructions as text, for `explain`: `sum_f64 value where valid → state 8`.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import type { Instruction, Operand } from './program.js'

const NAMES = new Map(Object.entries(O)
  .filter(([name]) => /^(GROUP|AGGREGATE)_/.test(name) && name !== 'GROUP_OPCODE_FIRST')
  .map(([name, op]) => [op, name.replace('AGGREGATE_', '').toLowerCase()]))

/** The text of an instruction of this family; null for others. */
export function describeGroupInstruction(
  { op, dst, operands }: Instruction, describe: (operand: Operand) => string,
): string | null {
  const name = NAMES.get(op)
  if (name === undefined) return null
  const [a, b, filter] = operands
  const isUpdate = op >= O.AGGREGATE_COUNT
  const describeAll = (some: readonly (Operand | undefined)[]): string[] =>
    some.filter(operand => operand !== undefined && operand !== O.NO_REGISTER).map(operand => describe(operand!))
  const shown = describeAll(isUpdate ? [a, b] : operands)
  const where = isUpdate ? describeAll([filter]).map(text => `where ${text}`) : []
  const state = isUpdate ? [`→ state ${String(dst)}`] : []
  return [name, ...shown.length > 0 ? [shown.join(', ')] : [], ...where, ...state].join(' ')
}
