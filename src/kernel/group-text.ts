/**
 * Group instructions as text, for `explain`: `sum_f64 value where valid → state 8`.
 */
import { AGGREGATE_COUNT, GROUP_OPCODE_FIRST, NO_REGISTER } from '../../assembly/portable/group-opcodes.js'
import { OPCODE_NAMES } from './opcode-names.js'
import type { Instruction, Operand } from './program.js'

/** The text of an instruction of this family; null for others. */
export function describeGroupInstruction(
  { op, dst, operands }: Instruction, describe: (operand: Operand) => string,
): string | null {
  if (op < GROUP_OPCODE_FIRST) return null
  const [a, b, filter] = operands
  const isUpdate = op >= AGGREGATE_COUNT
  const describeAll = (some: readonly (Operand | undefined)[]): string[] =>
    some.filter(operand => operand !== undefined && operand !== NO_REGISTER).map(operand => describe(operand!))
  const shown = describeAll(isUpdate ? [a, b] : operands)
  const where = isUpdate ? describeAll([filter]).map(text => `where ${text}`) : []
  const state = isUpdate ? [`→ state ${String(dst)}`] : []
  return [OPCODE_NAMES.get(op), ...shown.length > 0 ? [shown.join(', ')] : [], ...where, ...state].join(' ')
}
