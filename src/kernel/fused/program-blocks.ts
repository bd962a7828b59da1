/**
 * The blocks of programs: finds runs of instructions that can be one function, and emits it. It is done once for all workers, by
 * the page, which loads this code when it is wanted.
 */
import { AGGREGATE_STATISTICS, GROUP_ALL, LOAD_WORD, NO_REGISTER } from '../../../assembly/portable/group-opcodes.js'
import {
  OP_FILTER, OP_FILTER_COMPARED, OP_FLOOR_DIV_I32, OP_MOD_I32, OP_MUL_ADD_F64,
} from '../../../assembly/portable/opcodes.js'
import type { Instruction, PlanPrograms, Program, ProgramBlock } from '../program.js'
import { hasPlainDivisor } from './arithmetic-operations.js'
import { emitBlock, OPERATIONS } from './block-emitter.js'
import { outerValue, valuesOf, type BlockRange } from './block-values.js'

/** A single operation gains nothing. */
const OPERATIONS_MIN = 2

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
    const sums = sumsBehind(instructions, first, at)
    const operations = instructions.slice(first, at).reduce((count, each) => count + operationsOf(each), sums.length)
    if (at > first && operations >= OPERATIONS_MIN) ranges.push({ first, end: at, sums })
    first = at + 1
  }
  return ranges
}

/**
 * The sums that follow instructions [first, end) at once and see every row that these do: of one group, of f64, under no filter,
 * with neither spread nor extremes.
 */
function sumsBehind(instructions: readonly Instruction[], first: number, end: number): Instruction[] {
  if (instructions[end]?.op !== GROUP_ALL || instructions.slice(first, end).some(isFilter)) return []
  const behind = instructions.slice(end + 1)
  const others = behind.findIndex(({ op, operands: [, , filter, flags, load] }) =>
    op !== AGGREGATE_STATISTICS || filter !== NO_REGISTER || flags !== 0 || load !== LOAD_WORD)
  return behind.slice(0, others < 0 ? behind.length : others)
}

/** A super-instruction does two at once. */
function operationsOf({ op }: Instruction): number {
  return op === OP_FILTER_COMPARED || op === OP_MUL_ADD_F64 ? 2 : 1
}

/** A filter can be part of a block whatever it compares. */
function isFilter({ op }: Instruction): boolean {
  return op === OP_FILTER || op === OP_FILTER_COMPARED
}

function canFuse(program: Program, instruction: Instruction): boolean {
  const { op, operands } = instruction
  if (isFilter(instruction)) return true
  if (!Object.hasOwn(OPERATIONS, op)) return false
  if (op !== OP_MOD_I32 && op !== OP_FLOOR_DIV_I32) return true
  const [, divisor] = operands
  return typeof divisor !== 'number' && hasPlainDivisor(outerValue(program, divisor!, 0))
}
