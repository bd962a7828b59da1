// A module of its own, loaded where a program needs it: the instructions of integers, of choice between values, of elementary
// functions, times, text and hashes. It has no SIMD: programs that are hot have fused blocks in place of much of it.
// Invariant: it works in the memory of the kernels, on the same layouts; what both need is compiled into each.
import { runTextCast } from './cast-text'
import { runConditional } from './conditional'
import { runElementary } from './elementary'
import { runInteger } from './integer'
import {
  FAMILY_CONDITIONAL, FAMILY_HASH, FAMILY_INTEGER, FAMILY_TEXT, FAMILY_TIME, OP_BOOL_TO_TEXT, OP_FAMILY_SHIFT,
} from './portable/opcodes'
import { runText } from './text'
import { runTime } from './time'
import { runHash } from './value-hash'

export { abiVersion } from './abi'
export { parseDecimal, parseInteger64 } from './number'
export { formatTimestamp, parseTimestamp } from './timestamp-text'

/** Runs an instruction for which `isFunction` is true. */
export function runFunction(frame: usize, instruction: usize): void {
  const op = <i32>load<u16>(instruction)
  switch (op >> OP_FAMILY_SHIFT) {
    case FAMILY_INTEGER: return runInteger(frame, instruction, op)
    case FAMILY_CONDITIONAL: return runConditional(frame, instruction, op)
    case FAMILY_HASH: return runHash(frame, instruction, op)
    case FAMILY_TIME: return runTime(frame, instruction, op)
    case FAMILY_TEXT: {
      if (op < OP_BOOL_TO_TEXT) return runText(frame, instruction, op)
      return runTextCast(frame, instruction, op)
    }
    default: return runElementary(frame, instruction, op)
  }
}
