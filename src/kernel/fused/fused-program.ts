/**
 * The second tier of a program: its runs of pure instructions and filters, each as a function of its own in front of them.
 * Invariant: the instructions stay where they are, behind their function, for vectors that it declines.
 */
import { OP_FILTER, OP_FLOOR_DIV_I32, OP_FUSED, OP_MOD_I32 } from '../../../assembly/portable/opcodes.js'
import type { Instruction, Program } from '../program.js'
import { hasPlainDivisor } from './arithmetic-operations.js'
import { emitBlock, OPERATIONS } from './block-emitter.js'
import { outerValue, valuesOf, type BlockRange } from './block-values.js'
import type { BlockLoader } from './block-loader.js'

/** A single instruction gains nothing. */
const INSTRUCTIONS_MIN = 2

/** The program with its blocks in front of the instructions that they do; null where nothing can be fused. */
export function fuseProgram(program: Program, loader: BlockLoader): Program | null {
  const instructions: Instruction[] = []
  let done = 0
  for (const range of blocksOf(program)) {
    const values = valuesOf(program, range)
    // What it reads must be there still if it declines.
    if (values.stores.some(({ register }) => values.vectors.includes(register))) continue
    const entry = loader.load(emitBlock(values, loader.isShared))
    if (entry === null) return null
    instructions.push(...program.instructions.slice(done, range.first),
      { op: OP_FUSED, dst: 0, operands: [entry, range.end - range.first] })
    done = range.first
  }
  if (instructions.length === 0) return null
  return { ...program, instructions: [...instructions, ...program.instructions.slice(done)] }
}

/** The longest runs of instructions that can be fused. */
export function blocksOf(program: Program): BlockRange[] {
  const ranges: BlockRange[] = []
  let first = 0
  const { instructions } = program
  for (let at = 0; at <= instructions.length; at++) {
    if (at < instructions.length && canFuse(program, instructions[at]!)) continue
    if (at - first >= INSTRUCTIONS_MIN) ranges.push({ first, end: at })
    first = at + 1
  }
  return ranges
}

function canFuse(program: Program, { op, operands }: Instruction): boolean {
  if (op === OP_FILTER) return true
  if (!Object.hasOwn(OPERATIONS, op)) return false
  if (op !== OP_MOD_I32 && op !== OP_FLOOR_DIV_I32) return true
  const [, divisor] = operands
  return typeof divisor !== 'number' && hasPlainDivisor(outerValue(program, divisor!, 0))
}
