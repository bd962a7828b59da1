// Instructions that hash a value to 32 bits, by value: equal values of one type hash alike on every engine, and integers hash as
// the i64 of their value. A null has a hash too.
import { hashWord, mixHash } from './hash'
import { FRAME_TEXT_TABLE } from './portable/layout'
import { OP_HASH_BOOL, OP_HASH_F32, OP_HASH_F64, OP_HASH_I32, OP_HASH_I64, OP_HASH_TEXT } from './portable/opcodes'
import { textHash } from './text-table'
import { dstOf, isValid, operandA, rowsOf, setNoNulls, validityOf, valuesOf } from './vector'

/** The bits of "null", mixed when used. */
const NULL_WORD: u32 = 0x6c6c756e
const NAN_BITS: u64 = 0x7ff8000000000000

export function runHash(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const register = operandA(frame, instruction)
  const validity = validityOf(register)
  const a = valuesOf(register)
  const out = valuesOf(dst)
  setNoNulls(dst)
  const table = <usize>load<u32>(frame, FRAME_TEXT_TABLE)
  for (let row = 0; row < n; row++) {
    const hash = isValid(validity, row) ? hashOf(op, table, a, row) : mixHash(NULL_WORD)
    store<u32>(out + (<usize>row << 2), hash)
  }
}

function hashOf(op: i32, table: usize, a: usize, row: i32): u32 {
  const four = a + (<usize>row << 2)
  const eight = a + (<usize>row << 3)
  switch (op) {
    case OP_HASH_BOOL: return hashWord(load<u8>(a + row))
    case OP_HASH_I32: return hashWord(load<i32>(four))
    case OP_HASH_I64: return hashWord(load<u64>(eight))
    case OP_HASH_F32: return hashFloat(load<f32>(four))
    case OP_HASH_F64: return hashFloat(load<f64>(eight))
    case OP_HASH_TEXT: return textHash(table, load<i32>(four))
    default: return 0
  }
}

/** −0 hashes as 0, every NaN as one. */
function hashFloat(x: f64): u32 {
  if (x != x) return hashWord(NAN_BITS)
  return hashWord(x == 0 ? 0 : reinterpret<u64>(x))
}
