/**
 * Twin of assembly/join.ts: rows looked up in a table by their keys, and columns taken from it.
 */
import { NO_REGISTER } from '../../../assembly/portable/group-opcodes.js'
import * as L from '../../../assembly/portable/layout.js'
import * as O from '../../../assembly/portable/opcodes.js'
import type { KernelMemory } from '../memory.js'
import { hashWord, mixHash } from './hash.js'
import { equalText, internText, textHash, textLength, textPtr } from './text-table.js'
import type { Instruction, VectorRegister } from './vector.js'

const COLUMN_UNIT = 4

export function runJoin(instruction: Instruction): void {
  const { op } = instruction
  if (op <= O.OP_FIND_F64) find(instruction)
  else if (op <= O.OP_TAKE_8) take(instruction)
  else if (op === O.OP_TEXT_TO_TABLE) textToTable(instruction)
  else tableToText(instruction)
}

/** Makes dst what `numberOf` gives for each row where the operands are; −1 is null. */
function fill({ dst, rows }: Instruction, operands: readonly VectorRegister[], numberOf: (row: number) => number): void {
  const areThere = operands.map(operand => operand.validRows())
  dst.setNoNulls()
  for (let row = 0; row < rows; row++) {
    const number = areThere.every(isThere => isThere(row)) ? numberOf(row) : -1
    dst.i32[row] = Math.max(number, 0)
    if (number < 0) dst.setNull(row)
  }
}

function find(instruction: Instruction): void {
  const { a, b, memory } = instruction
  const before = instruction.number(COLUMN_UNIT) === NO_REGISTER ? null : instruction.c
  const [keys, numbers] = [wordsOf(instruction), before?.u32]
  const lookUp = lookUpIn(memory, b.values)
  fill(instruction, before ? [a, before] : [a], row => {
    const [low, high] = keys(row)
    return lookUp(low, high, numbers?.[row] ?? 0)
  })
}

/** A row's key as the two halves of a word. */
function wordsOf({ op, a }: Instruction): (row: number) => readonly [low: number, high: number] {
  if (op === O.OP_FIND_I32) {
    const { i32 } = a
    return row => [i32[row]!, i32[row]! >> 31]
  }
  const { i64, f64 } = a
  const halves = (word: bigint): readonly [number, number] => [Number(BigInt.asIntN(32, word)), Number(word >> 32n)]
  if (op === O.OP_FIND_I64) return row => halves(i64[row]!)
  return row => f64[row] === 0 ? [0, 0] : Number.isNaN(f64[row]) ? [0, 0x7ff80000] : halves(i64[row]!)
}

/** Finds the number that a level has for a key, or −1. */
function lookUpIn(memory: KernelMemory, level: number): (low: number, high: number, before: number) => number {
  const slots = memory.read(level + L.LEVEL_SLOTS)
  const range = memory.read(level + L.LEVEL_RANGE)
  if (range > 0) {
    const base = memory.i32[(level + L.LEVEL_BASE) >>> 2]!
    return (low, _, before) => low < base || low - base >= range ? -1
      : memory.read(slots + (before * range + low - base) * 4) - 1
  }
  const mask = memory.read(level + L.LEVEL_SLOT_MASK)
  return (low, high, before) => {
    for (let slot = mixHash(hashWord(low, high) ^ before) & mask; ; slot = (slot + 1) & mask) {
      const at = slots + slot * L.LEVEL_SLOT_BYTES
      const number = memory.read(at + L.LEVEL_SLOT_NUMBER)
      const isKey = memory.i32[at >>> 2] === low && memory.i32[(at >>> 2) + 1] === high &&
        memory.read(at + L.LEVEL_SLOT_BEFORE) === before
      if (number === 0 || isKey) return number - 1
    }
  }
}

function take({ op, dst, a, b, memory, rows }: Instruction): void {
  const width = op === O.OP_TAKE_1 ? 1 : op === O.OP_TAKE_4 ? 4 : 8
  const [isThere, isValid] = [a.validRows(), b.validRows()]
  const numbers = a.u32
  const [from, to] = [b.values, dst.values]
  dst.setNoNulls()
  // What the index has led to are the values.
  if (from === 0) memory.u8.copyWithin(to, a.values, a.values + rows * width)
  for (let row = 0; row < rows; row++) {
    if (from === 0) {
      if (!isThere(row)) dst.setNull(row)
      continue
    }
    const at = from + numbers[row]! * width
    memory.u8.copyWithin(to + row * width, at, at + width)
    if (!isThere(row) || !isValid(numbers[row]!)) dst.setNull(row)
  }
}

function textToTable(instruction: Instruction): void {
  const { a, b, memory, textTable } = instruction
  const codes = a.u32
  const slots = memory.read(b.values + L.TEXT_SLOTS)
  const mask = memory.read(b.values + L.TEXT_SLOT_MASK)
  fill(instruction, [a], row => {
    const code = codes[row]!
    for (let slot = textHash(memory, textTable, code) & mask; ; slot = (slot + 1) & mask) {
      const found = memory.read(slots + slot * 4) - 1
      if (found < 0 || equalText(memory, [textTable, code], [b.values, found])) return found
    }
  })
}

function tableToText(instruction: Instruction): void {
  const { a, b, context, memory, textTable } = instruction
  const table = b.values
  fill(instruction, [a], row =>
    internText(context, textTable, textPtr(memory, table, a.i32[row]!), textLength(memory, table, a.i32[row]!)))
}
