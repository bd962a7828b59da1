/**
 * The second tier of a program: runs of pure instructions and filters, each as a function of its own in front of them.
 * Invariant: the instructions stay where they are, behind their function, for vectors that it declines.
 */
import { OP_FUSED } from '../../../assembly/portable/opcodes.js'
import type { Instruction, ProgramBlock } from '../program.js'
import type { BlockLoader } from './block-loader.js'

/** The instructions with the blocks in front of those that they do; null where the host refuses to compile. */
export function fuseProgram(
  instructions: readonly Instruction[], blocks: readonly ProgramBlock[], loader: BlockLoader,
): Instruction[] | null {
  const fused: Instruction[] = []
  let done = 0
  for (const { first, end, sums, module } of blocks) {
    const entry = loader.load(module)
    if (entry === null) return null
    fused.push(...instructions.slice(done, first), { op: OP_FUSED, dst: 0, operands: [entry, end - first, sums] })
    done = first
  }
  return [...fused, ...instructions.slice(done)]
}
