/**
 * Twin of assembly/program.ts: the interpreter of vector programs, one row after the other within each instruction.
 * Invariant: pure instructions compute every row of the vector whatever is selected; effects look at the selection.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as O from '../../../assembly/portable/opcodes.js'
import { assert } from '../../base/errors.js'
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import { runGroupInstruction } from './aggregate.js'
import { runArithmetic } from './arithmetic.js'
import { runBoolean } from './boolean.js'
import { runCast } from './cast.js'
import { runCompare } from './compare.js'
import { runConditional } from './conditional.js'
import type { ReferenceContext } from './context.js'
import { runEffect } from './effect.js'
import { runInteger } from './integer.js'
import { runJoin } from './join.js'
import { runText } from './text.js'
import { runTime } from './time.js'
import { runHash } from './value-hash.js'
import { Instruction } from './vector.js'

const FAMILIES: Readonly<Record<number, (instruction: Instruction) => void>> = {
  [O.FAMILY_ARITHMETIC]: runArithmetic,
  [O.FAMILY_INTEGER]: runInteger,
  [O.FAMILY_COMPARE]: runCompare,
  [O.FAMILY_BOOLEAN]: runBoolean,
  [O.FAMILY_CONDITIONAL]: runConditional,
  [O.FAMILY_CAST]: runCast,
  [O.FAMILY_TIME]: runTime,
  [O.FAMILY_HASH]: runHash,
  [O.FAMILY_TEXT]: runText,
  [O.FAMILY_EFFECT]: runEffect,
  [O.FAMILY_JOIN]: runJoin,
  [O.FAMILY_ELEMENTARY]: runArithmetic,
}

export function programKernels(context: ReferenceContext): Pick<Kernels, 'runProgram'> {
  return { runProgram: (frame, numRows) => runProgram(context, frame, numRows) }
}

function runProgram(context: ReferenceContext, frame: number, numRows: number): number {
  const { memory } = context
  const code = memory.read(frame + L.FRAME_PROGRAM)
  const end = code + memory.read(frame + L.FRAME_INSTRUCTION_COUNT) * L.INSTRUCTION_BYTES
  for (let start = 0; start < numRows; start += L.VECTOR_ROWS) {
    memory.write(frame + L.FRAME_VECTOR_ROWS, Math.min(L.VECTOR_ROWS, numRows - start))
    memory.write(frame + L.FRAME_VECTOR_START, start)
    memory.write(frame + L.FRAME_SELECTION_COUNT, -1)
    for (let at = code; at < end; at += L.INSTRUCTION_BYTES) {
      runInstruction(context, frame, at)
      if (memory.read(frame + L.FRAME_SELECTION_COUNT) === 0) break
    }
    advanceInputs(memory, frame)
  }
  return memory.read(frame + L.FRAME_OUTPUT_ROWS)
}

function runInstruction(context: ReferenceContext, frame: number, at: number): void {
  const op = context.memory.u16[at >>> 1]!
  if (op >= O.OP_GROUP_FIRST) return runGroupInstruction(context, frame, at)
  const family = FAMILIES[op >>> O.OP_FAMILY_SHIFT]
  assert(family, `no instruction has opcode ${op}`)
  family(new Instruction(context, frame, at))
}

function advanceInputs(memory: KernelMemory, frame: number): void {
  const registers = memory.read(frame + L.FRAME_REGISTERS)
  const count = memory.read(frame + L.FRAME_INPUT_COUNT)
  for (let register = registers; register < registers + count * L.REGISTER_BYTES; register += L.REGISTER_BYTES) {
    const stride = memory.read(register + L.REGISTER_STRIDE)
    memory.write(register + L.REGISTER_VALUES, memory.read(register + L.REGISTER_VALUES) + stride * L.VECTOR_ROWS)
    const validity = memory.read(register + L.REGISTER_VALIDITY)
    if (validity) memory.write(register + L.REGISTER_VALIDITY, validity + L.VECTOR_VALIDITY_BYTES)
  }
}
