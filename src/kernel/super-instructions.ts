/**
 * Super-instructions: one in place of two of a program, where nothing else reads what is between them.
 * Invariant: the same operations in the same order, each rounded as before, so that the same bits come out.
 */
import {
  OP_ADD_F64, OP_EQ_BOOL, OP_FILTER, OP_FILTER_COMPARED, OP_LE_F64, OP_MUL_ADD_F64, OP_MUL_F64,
} from '../../assembly/portable/opcodes.js'
import type { Instruction, Operand } from './program.js'

/** @param code in which no two instructions have the same result. */
export function withSuperInstructions(code: readonly Instruction[]): Instruction[] {
  const uses = new Map<number, number>()
  const makers = new Map<number, Instruction>()
  for (const instruction of code) {
    const { dst, operands } = instruction
    if (typeof dst !== 'number') makers.set(dst.id, instruction)
    for (const operand of operands) if (typeof operand !== 'number') uses.set(operand.id, (uses.get(operand.id) ?? 0) + 1)
  }
  const done = new Set<Instruction>()
  /** Takes the instruction that makes an operand, if it is of these and nothing else reads the operand. */
  const take = (operand: Operand | undefined, first: number, last = first): Instruction | undefined => {
    if (typeof operand !== 'object' || uses.get(operand.id) !== 1) return undefined
    const maker = makers.get(operand.id)
    if (!maker || maker.op < first || maker.op > last) return undefined
    done.add(maker)
    return maker
  }
  const joined = code.map((instruction): Instruction => {
    const { op, dst, operands: [a, b] } = instruction
    if (op === OP_FILTER) {
      const comparison = take(a, OP_EQ_BOOL, OP_LE_F64)
      if (comparison) return { op: OP_FILTER_COMPARED, dst, operands: [...comparison.operands, comparison.op] }
    }
    if (op === OP_ADD_F64) {
      const left = take(a, OP_MUL_F64)
      const product = left ?? take(b, OP_MUL_F64)
      if (product) return { op: OP_MUL_ADD_F64, dst, operands: [...product.operands, left ? b! : a!] }
    }
    return instruction
  })
  return joined.filter(instruction => !done.has(instruction))
}
