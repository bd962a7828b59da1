/**
 * Twin of assembly/aggregate.ts and group-updates.ts: group instructions over the same frames and group tables.
 * Invariant: rows are taken one by one in the data's order, each operation rounded once: the same bits as the wasm builds.
 */
import * as O from '../../../assembly/portable/group-opcodes.js'
import * as L from '../../../assembly/portable/layout.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { addToSum } from './group-columns.js'
import { bitAt, registerAt, rowAt, selectedCount, selectedRows } from './group-keys.js'
import { findGroups, findOnlyGroup } from './group-table.js'
import { addToStatistics, isGreater } from './statistics.js'
import { textLength, textPtr } from './text-table.js'

/** One instruction at work: where its operands and states are. */
interface Update {
  readonly memory: KernelMemory
  readonly table: number
  readonly op: number
  readonly offset: number
  readonly bit: number
}

/** Runs one instruction with an opcode ≥ GROUP_OPCODE_FIRST on the frame's current vector and group table. */
export function runGroupInstruction(context: ReferenceContext, frame: number, instruction: number): void {
  const { memory } = context
  const table = memory.read(frame + L.FRAME_GROUP_TABLE)
  const operand = (index: number): number => memory.u16[(instruction >>> 1) + index]!
  const [op, a, b] = [operand(0), operand(2), operand(3)]
  // Keys and pane are read by GROUP_FIND.
  if (op <= O.GROUP_PANE) return
  switch (op) {
    case O.GROUP_FIND: return findGroups(context, frame, table, instruction)
    case O.GROUP_ALL: return findOnlyGroup(context, frame, table)
  }
  const update: Update = { memory, table, op, offset: operand(1), bit: operand(5) }
  runUpdate(update, frame, { a, b, filter: operand(4), loadA: operand(6), loadB: operand(7) })
}

interface Arguments {
  readonly a: number
  readonly b: number
  readonly filter: number
  readonly loadA: number
  readonly loadB: number
}

type Word = number | bigint

function runUpdate(update: Update, frame: number, { a, b, filter, loadA, loadB }: Arguments): void {
  const { memory, table } = update
  const n = selectedCount(memory, frame)
  const rows = selectedRows(memory, frame)
  const readA = reader(memory, frame, a, loadA, isFloatArgument(update.op, 0, loadA))
  const readB = reader(memory, frame, b, loadB, isFloatArgument(update.op, 1, loadB))
  const isPicked = (row: number): boolean => isThere(memory, frame, a, row) && isThere(memory, frame, b, row) &&
    isTrue(memory, frame, filter, row)
  const states = memory.read(table + L.GROUP_VECTORS) + L.GROUP_VECTOR_STATES
  // An argument that is null may count as a row all the same.
  const counts = update.op === O.AGGREGATE_STATISTICS ? loadB : O.NO_REGISTER
  for (let i = 0; i < n; i++) {
    const row = rowAt(memory, rows, i)
    const state = memory.read(states + row * 4)
    if (isPicked(row)) updateState(update, state, readA(row), readB(row))
    else if (counts !== O.NO_REGISTER && isTrue(memory, frame, filter, row)) memory.f64[(state + counts) >>> 3]! += 1
  }
}

function isThere(memory: KernelMemory, frame: number, register: number, row: number): boolean {
  if (register === O.NO_REGISTER) return true
  const validity = memory.read(registerAt(memory, frame, register) + L.REGISTER_VALIDITY)
  return validity === 0 || bitAt(memory, validity, row)
}

function isTrue(memory: KernelMemory, frame: number, register: number, row: number): boolean {
  if (register === O.NO_REGISTER) return true
  return isThere(memory, frame, register, row) &&
    memory.u8[memory.read(registerAt(memory, frame, register) + L.REGISTER_VALUES) + row] !== 0
}

/**
 * Whether a word that is laid in as it is counts as a number (f64) in an instruction's first or second argument; else its
 * bits do.
 */
function isFloatArgument(op: number, index: number, load: number): boolean {
  if (load !== O.LOAD_WORD) return load >= O.LOAD_F32_AS_F64
  if (op >= O.AGGREGATE_MIN_BY_F64) return index === 1 && (op === O.AGGREGATE_MIN_BY_F64 || op === O.AGGREGATE_MAX_BY_F64)
  return op === O.AGGREGATE_STATISTICS
}

/** Reads rows of a register as words: numbers if they are floats, else bigints. */
function reader(memory: KernelMemory, frame: number, register: number, load: number, isFloat: boolean): (row: number) => Word {
  if (register === O.NO_REGISTER) return () => 0n
  const values = memory.read(registerAt(memory, frame, register) + L.REGISTER_VALUES)
  const { f32, f64, i32, i64, u8 } = memory
  switch (load) {
    case O.LOAD_I32: return row => BigInt(i32[(values >>> 2) + row]!)
    case O.LOAD_BOOL: return row => BigInt(u8[values + row]!)
    case O.LOAD_F32_AS_F64: return row => f32[(values >>> 2) + row]!
    case O.LOAD_I32_AS_F64: return row => i32[(values >>> 2) + row]!
    case O.LOAD_I64_AS_F64: return row => Number(i64[(values >>> 3) + row]!)
    default: return isFloat ? row => f64[(values >>> 3) + row]! : row => i64[(values >>> 3) + row]!
  }
}

function updateState(update: Update, row: number, a: Word, b: Word): void {
  const { memory, op } = update
  const { f64 } = memory
  const state = (row + update.offset) >>> 3
  switch (op) {
    case O.AGGREGATE_COUNT: f64[state]! += 1; return
    case O.AGGREGATE_STATISTICS: return addToStatistics(f64, update.bit, state, a as number)
  }
  const wasSeen = see(memory, row, update.bit)
  switch (op) {
    case O.AGGREGATE_SUM_I128: return addToSum(memory, row + update.offset, a as bigint)
    case O.AGGREGATE_FIRST: if (!wasSeen) storeWord(memory, state, a); return
    case O.AGGREGATE_LAST: return storeWord(memory, state, a)
  }
  const isBy = op >= O.AGGREGATE_MIN_BY_F64
  const kept = isBy ? state + 1 : state
  const candidate = isBy ? b : a
  if (wasSeen && !beats(update, candidate, kept)) return
  storeWord(memory, kept, candidate)
  if (isBy) storeWord(memory, state, a)
}

function see(memory: KernelMemory, row: number, bit: number): boolean {
  const was = bitAt(memory, row, bit)
  memory.u8[row + (bit >>> 3)]! |= 1 << (bit & 7)
  return was
}

function storeWord(memory: KernelMemory, index: number, word: Word): void {
  if (typeof word === 'number') memory.f64[index] = word
  else memory.i64[index] = word
}

/** Whether the candidate takes the place of the word at index `kept`, by the order of the opcode. */
function beats({ memory, table, op }: Update, candidate: Word, kept: number): boolean {
  const { f64, i64 } = memory
  switch (op) {
    case O.AGGREGATE_MIN_BY_F64: return isGreater(f64[kept]!, candidate as number)
    case O.AGGREGATE_MAX_BY_F64: return isGreater(candidate as number, f64[kept]!)
    case O.AGGREGATE_MIN_I64: case O.AGGREGATE_MIN_BY_I64: return i64[kept]! > candidate
    case O.AGGREGATE_MAX_I64: case O.AGGREGATE_MAX_BY_I64: return candidate > i64[kept]!
  }
  const text = memory.read(table + L.GROUP_TEXT_TABLE)
  const keptCode = Number(i64[kept]!)
  const isMin = op === O.AGGREGATE_MIN_UTF8 || op === O.AGGREGATE_MIN_BY_UTF8
  return isMin
    ? isGreaterText(memory, text, keptCode, Number(candidate))
    : isGreaterText(memory, text, Number(candidate), keptCode)
}

export function isGreaterText(memory: KernelMemory, text: number, a: number, b: number): boolean {
  const lengthA = textLength(memory, text, a)
  const lengthB = textLength(memory, text, b)
  const [ptrA, ptrB] = [textPtr(memory, text, a), textPtr(memory, text, b)]
  for (let i = 0; i < Math.min(lengthA, lengthB); i++) {
    const order = memory.u8[ptrA + i]! - memory.u8[ptrB + i]!
    if (order !== 0) return order > 0
  }
  return lengthA > lengthB
}
