/**
 * The second tier of a program: runs of pure instructions and filters, each as a function of its own in front of them.
 * Invariant: the instructions stay where they are, behind their function, for vectors that it declines.
 */
import { OP_FUSED } from '../../../assembly/portable/opcodes.js'
import { assert } from '../../base/errors.js'
import type { FusedBlock } from '../../plan/task.js'
import type { Instruction } from '../program.js'
import type { BlockLoader } from './block-loader.js'

/** What of a block concerns its program. */
export type ProgramBlock = Pick<FusedBlock, 'first' | 'end' | 'key' | 'module'>

/** What tells instructions apart: equal keys, equal instructions. */
export function keyOf(instructions: readonly Instruction[]): string {
  return instructions.map(({ op, dst, operands }) => [op, dst, ...operands]
    .map(operand => typeof operand === 'number' ? operand : `${operand.type}${operand.id}`).join(' ')).join('\n')
}

/** The instructions with the blocks in front of those that they do; null where the host refuses to compile. */
export function fuseProgram(
  instructions: readonly Instruction[], blocks: readonly ProgramBlock[], loader: BlockLoader,
): Instruction[] | null {
  const fused: Instruction[] = []
  let done = 0
  for (const { first, end, key, module } of blocks) {
    assert(keyOf(instructions.slice(first, end)) === key, `the block of instructions ${first} to ${end} is of another program`)
    const entry = loader.load(module)
    if (entry === null) return null
    fused.push(...instructions.slice(done, first), { op: OP_FUSED, dst: 0, operands: [entry, end - first] })
    done = first
  }
  return [...fused, ...instructions.slice(done)]
}
