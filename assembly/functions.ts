// A module of its own, loaded where a program needs it: the instructions of elementary functions, of times and of text.
// Invariant: it works in the memory of the kernels, on the same layouts; what both need is compiled into each.
import { runTextCast } from './cast-text'
import { runElementary } from './elementary'
import { FAMILY_TEXT, FAMILY_TIME, OP_BOOL_TO_TEXT, OP_FAMILY_SHIFT } from './portable/opcodes'
import { runText } from './text'
import { runTime } from './time'

export { abiVersion } from './abi'
export { formatTimestamp } from './timestamp-text'

/** Runs an instruction for which `isFunction` is true. */
export function runFunction(frame: usize, instruction: usize): void {
  const op = <i32>load<u16>(instruction)
  switch (op >> OP_FAMILY_SHIFT) {
    case FAMILY_TIME: return runTime(frame, instruction, op)
    case FAMILY_TEXT: {
      if (op < OP_BOOL_TO_TEXT) return runText(frame, instruction, op)
      return runTextCast(frame, instruction, op)
    }
    default: return runElementary(frame, instruction, op)
  }
}
