/**
 * Twin of assembly/value-hash.ts: hashes of values. −0 hashes as 0, every NaN as one, integers as the i64 of their value.
 */
import * as O from '../../../assembly/portable/opcodes.js'
import { hashWord, mixHash } from './hash.js'
import { textHash } from './text-table.js'
import type { Instruction } from './vector.js'

const NULL_HASH = mixHash(0x6c6c756e)

const words = new DataView(new ArrayBuffer(8))

function hashInteger(x: number | bigint): number {
  words.setBigInt64(0, BigInt(x))
  return hashWord(words.getInt32(4), words.getInt32(0))
}

function hashFloat(x: number): number {
  if (Number.isNaN(x)) return hashWord(0, 0x7ff80000)
  words.setFloat64(0, x === 0 ? 0 : x)
  return hashWord(words.getInt32(4), words.getInt32(0))
}

const HASHES: Readonly<Record<number, (instruction: Instruction) => (row: number) => number>> = {
  [O.OP_HASH_BOOL]: ({ a: { u8: x } }) => row => hashInteger(x[row]!),
  [O.OP_HASH_I32]: ({ a: { i32: x } }) => row => hashInteger(x[row]!),
  [O.OP_HASH_I64]: ({ a: { i64: x } }) => row => hashInteger(x[row]!),
  [O.OP_HASH_F32]: ({ a: { f32: x } }) => row => hashFloat(x[row]!),
  [O.OP_HASH_F64]: ({ a: { f64: x } }) => row => hashFloat(x[row]!),
  [O.OP_HASH_TEXT]: ({ a: { i32: x }, memory, textTable }) => row => textHash(memory, textTable, x[row]!),
}

export function runHash(instruction: Instruction): void {
  const { op, rows, dst, a } = instruction
  const hash = HASHES[op]!(instruction)
  const out = dst.i32
  const isValid = a.validRows()
  dst.setNoNulls()
  for (let row = 0; row < rows; row++) out[row] = isValid(row) ? hash(row) : NULL_HASH
}
