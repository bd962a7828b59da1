/**
 * The blocks of programs: finds runs of instructions that can be one function, and emits it. It is done once for all workers, by
 * the page, which loads this code when it is wanted.
 */
import { AGGREGATE_STATISTICS, GROUP_ALL, LOAD_WORD, NO_REGISTER } from '../../../assembly/portable/group-opcodes.js'
import { OP_FILTER, OP_FLOOR_DIV_I32, OP_MOD_I32 } from '../../../assembly/portable/opcodes.js'
import type { Instruction, PlanPrograms, Program, ProgramBlock } from '../program.js'
import { hasPlainDivisor } from './arithmetic-operations.js'
import { emitBlock, OPERATIONS } from './block-emitter.js'
import { outerValue, valuesOf, type BlockRange } from './block-values.js'

/** A single instruction gains nothing. */
const INSTRUCTIONS_MIN = 2

/** The programs with their blocks. @param isShared whether the kernels' memory is shared: a module must say so. */
export function withBlocks(programs: PlanPrograms, isShared: boolean): PlanPrograms {
  return programs.map(branches => branches.map(branch =>
    ({ ...branch, blocks: blocksOfProgram(branch.parts[0]!.whole, isShared) })))
}

export function blocksOfProgram(program: Program, isShared = false): ProgramBlock[] {
  return rangesOf(program).flatMap(range => {
    const values = valuesOf(program, range)
    // What it reads must be there still if it declines.
    if (values.stores.some(({ register }) => values.vectors.includes(register))) return []
    const sums = range.sums.length > 0 ? 1 + range.sums.length : 0
    return [{ first: range.first, end: range.end, sums, module: emitBlock(values, isShared) }]
  })
}

/** The longest runs of instructions that can be fused. */
export function rangesOf(program: Program): BlockRange[] {
  const ranges: BlockRange[] = []
  let first = 0
  const { instructions } = program
  for (let at = 0; at <= instructions.length; at++) {
    if (at < instructions.length && canFuse(program, instructions[at]!)) continue
    if (at - first >= INSTRUCTIONS_MIN) ranges.push({ first, end: at, sums: sumsBehind(instructions, first, at) })
    first = at + 1
  }
  return ranges
}

/**
 * The sums that follow instructions [first, end) at once and see every row that these do: of one group, of f64, under no filter,
 * with neither spread nor extremes.
 */
function sumsBehind(instructions: readonly Instruction[], first: number, end: number): Instruction[] {
  if (instructions[end]?.op !== GROUP_ALL || instructions.slice(first, end).some(({ op }) => op === OP_FILTER)) return []
  const behind = instructions.slice(end + 1)
  const others = behind.findIndex(({ op, operands: [, , filter, flags, load] }) =>
    op !== AGGREGATE_STATISTICS || filter !== NO_REGISTER || flags !== 0 || load !== LOAD_WORD)
  return behind.slice(0, others < 0 ? behind.length : others)
}

function canFuse(program: Program, { op, operands }: Instruction): boolean {
  if (op === OP_FILTER) return true
  if (!Object.hasOwn(OPERATIONS, op)) return false
  if (op !== OP_MOD_I32 && op !== OP_FLOOR_DIV_I32) return true
  const [, divisor] = operands
  return typeof divisor !== 'number' && hasPlainDivisor(outerValue(program, divisor!, 0))
}
