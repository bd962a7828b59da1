/**
 * Twin of assembly/boolean.ts: three-valued logic, and the test for null.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import type { Instruction } from './vector.js'

export function runBoolean({ op, rows, dst, a, b }: Instruction): void {
  const out = dst.u8
  switch (op) {
    case O.OP_AND: case O.OP_OR: {
      // One operand with the decisive value decides, even beside a null.
      const decisive = Number(op === O.OP_OR)
      const [x, y] = [a.u8, b.u8]
      const [hasA, hasB] = [a.validRows(), b.validRows()]
      const isNull = (row: number): boolean => !hasA(row) || !hasB(row)
      const isDecided = (row: number): boolean =>
        (hasA(row) && x[row] === decisive) || (hasB(row) && y[row] === decisive)
      dst.setNoNulls()
      for (let row = 0; row < rows; row++) {
        out[row] = isDecided(row) ? decisive : 1 - decisive
        if (!isDecided(row) && isNull(row)) dst.setNull(row)
      }
      return
    }
    case O.OP_NOT: {
      const x = a.u8
      dst.passNulls(a)
      for (let row = 0; row < rows; row++) out[row] = 1 - x[row]!
      return
    }
    case O.OP_IS_NULL:
      dst.setNoNulls()
      for (let row = 0; row < rows; row++) out[row] = Number(!a.isValid(row))
  }
}
