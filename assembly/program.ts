// The interpreter of vector programs: vectors of VECTOR_ROWS rows, one instruction at a time over each, by family.
// Invariant: pure instructions compute every row of the vector whatever is selected; effects look at the selection. So the rest
// of a vector is skipped once nothing is selected.
import { runGroupInstruction } from './aggregate'
import { runArithmetic } from './arithmetic'
import { runBoolean } from './boolean'
import { runCast } from './cast'
import { runCompare } from './compare'
import { runEffect } from './effect'
import { runFused } from './fused'
import { runFunction } from './host'
import { runJoin } from './join'
import {
  FRAME_INPUT_COUNT, FRAME_INSTRUCTION_COUNT, FRAME_OUTPUT_ROWS, FRAME_PROGRAM, FRAME_REGISTERS, FRAME_SELECTION_COUNT,
  FRAME_VECTOR_ROWS, FRAME_VECTOR_START, INSTRUCTION_BYTES, REGISTER_BYTES, REGISTER_STRIDE, REGISTER_VALIDITY, REGISTER_VALUES,
  VECTOR_ROWS, VECTOR_VALIDITY_BYTES,
} from './portable/layout'
import {
  FAMILY_ARITHMETIC, FAMILY_BOOLEAN, FAMILY_CAST, FAMILY_COMPARE, FAMILY_EFFECT, FAMILY_JOIN, OP_FAMILY_SHIFT, OP_FUSED,
  isFunction,
} from './portable/opcodes'

/**
 * Runs the frame's program over `numRows` rows of its inputs; returns the number of rows that were collected. The input registers
 * are used up.
 */
export function runProgram(frame: usize, numRows: i32): i32 {
  const code = <usize>load<u32>(frame, FRAME_PROGRAM)
  const end = code + <usize>load<u32>(frame, FRAME_INSTRUCTION_COUNT) * INSTRUCTION_BYTES
  for (let start = 0; start < numRows; start += VECTOR_ROWS) {
    store<i32>(frame, min(VECTOR_ROWS, numRows - start), FRAME_VECTOR_ROWS)
    store<i32>(frame, start, FRAME_VECTOR_START)
    store<i32>(frame, -1, FRAME_SELECTION_COUNT)
    for (let at = code; at < end; at += INSTRUCTION_BYTES) {
      if (ASC_FEATURE_SIMD && load<u16>(at) == OP_FUSED) at += runFused(frame, at)
      else runInstruction(frame, at)
      if (load<i32>(frame, FRAME_SELECTION_COUNT) == 0) break
    }
    advanceInputs(frame)
  }
  return load<i32>(frame, FRAME_OUTPUT_ROWS)
}

function runInstruction(frame: usize, instruction: usize): void {
  const op = <i32>load<u16>(instruction)
  switch (op >> OP_FAMILY_SHIFT) {
    case FAMILY_ARITHMETIC: return runArithmetic(frame, instruction, op)
    case FAMILY_COMPARE: return runCompare(frame, instruction, op)
    case FAMILY_BOOLEAN: return runBoolean(frame, instruction, op)
    case FAMILY_CAST: return runCast(frame, instruction, op)
    case FAMILY_EFFECT: return runEffect(frame, instruction, op)
    case FAMILY_JOIN: return runJoin(frame, instruction, op)
  }
  if (isFunction(op)) runFunction(frame, instruction)
  else runGroupInstruction(frame, instruction)
}

function advanceInputs(frame: usize): void {
  let register = <usize>load<u32>(frame, FRAME_REGISTERS)
  const end = register + <usize>load<u32>(frame, FRAME_INPUT_COUNT) * REGISTER_BYTES
  for (; register < end; register += REGISTER_BYTES) {
    const vectorBytes = load<u32>(register, REGISTER_STRIDE) * VECTOR_ROWS
    store<u32>(register, load<u32>(register, REGISTER_VALUES) + vectorBytes, REGISTER_VALUES)
    const validity = load<u32>(register, REGISTER_VALIDITY)
    if (validity) store<u32>(register, validity + VECTOR_VALIDITY_BYTES, REGISTER_VALIDITY)
  }
}
