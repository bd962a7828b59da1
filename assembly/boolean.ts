// Instructions of three-valued logic over bytes 0 and 1, and the test for null.
import { OP_AND, OP_IS_NULL, OP_NOT, OP_OR } from './portable/opcodes'
import {
  clearBit, dstOf, isValid, operandA, operandB, ownValidity, bitmapBytes, passNulls, rowsOf, setNoNulls, validityOf, valuesOf,
} from './vector'

export function runBoolean(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  switch (op) {
    case OP_AND: return runLogic(dst, a, operandB(frame, instruction), n, false)
    case OP_OR: return runLogic(dst, a, operandB(frame, instruction), n, true)
    case OP_NOT: {
      passNulls(dst, a, n)
      const from = valuesOf(a)
      const out = valuesOf(dst)
      for (let i: usize = 0; i < <usize>n; i += 8) store<u64>(out + i, load<u64>(from + i) ^ 0x0101010101010101)
      return
    }
    case OP_IS_NULL: {
      const validity = validityOf(a)
      const out = valuesOf(dst)
      setNoNulls(dst)
      if (!validity) memory.fill(out, 0, n)
      else for (let row = 0; row < n; row++) store<u8>(out + row, <u8>!isValid(validity, row))
      return
    }
    default: unreachable()
  }
}

/** and (`decisive` false) and or (`decisive` true): one operand with the decisive value decides, even beside a null. */
function runLogic(dst: usize, a: usize, b: usize, n: i32, decisive: bool): void {
  const validityA = validityOf(a)
  const validityB = validityOf(b)
  const x = valuesOf(a)
  const y = valuesOf(b)
  const out = valuesOf(dst)
  if (!validityA && !validityB) {
    setNoNulls(dst)
    if (decisive) for (let i: usize = 0; i < <usize>n; i += 8) store<u64>(out + i, load<u64>(x + i) | load<u64>(y + i))
    else for (let i: usize = 0; i < <usize>n; i += 8) store<u64>(out + i, load<u64>(x + i) & load<u64>(y + i))
    return
  }
  const own = ownValidity(dst)
  memory.fill(own, 255, bitmapBytes(n))
  for (let row = 0; row < n; row++) {
    const validA = isValid(validityA, row)
    const validB = isValid(validityB, row)
    const decided = (validA && (load<u8>(x + row) != 0) == decisive) || (validB && (load<u8>(y + row) != 0) == decisive)
    store<u8>(out + row, <u8>(decided ? decisive : !decisive))
    if (!decided && !(validA && validB)) clearBit(own, row)
  }
}
