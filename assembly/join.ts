// Instructions that look rows up in a table: from key values, level by level, to a row of the table, and from the row to its
// columns. The index is built by the host; layout: LEVEL_… in portable/layout.ts.
// Invariant: under a null the number is one that the table has, or 0, so that what is read by it is memory of the table.
import { hashWord, mixHash } from './hash'
import { memoAnswer, memoEntry, memoHolds, setMemo } from './memo'
import { NO_REGISTER } from './portable/group-opcodes'
import {
  FRAME_REGISTERS, FRAME_SCRATCH, FRAME_SELECTION, FRAME_SELECTION_COUNT, FRAME_TEXT_TABLE, LEVEL_BASE, LEVEL_MISSING,
  LEVEL_RANGE, LEVEL_SLOTS, LEVEL_SLOT_BEFORE, LEVEL_SLOT_BYTES, LEVEL_SLOT_KEY, LEVEL_SLOT_MASK, LEVEL_SLOT_NUMBER,
  REGISTER_BYTES,
} from './portable/layout'
import {
  OP_FIND_F64, OP_FIND_I32, OP_FIND_I64, OP_TABLE_TO_TEXT, OP_TAKE_1, OP_TAKE_4, OP_TAKE_8, OP_TEXT_TO_TABLE,
} from './portable/opcodes'
import { findText, internText, textLength, textPtr } from './text-table'
import {
  addNull, bitmapBytes, dstOf, isValid, numberC, operandA, operandB, operandC, ownValidity, passNulls, passNulls2, rowsOf,
  selectedRows, validityOf, valuesOf,
} from './vector'

const NAN_BITS: u64 = 0x7ff8000000000000

export function runJoin(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  const b = operandB(frame, instruction)
  switch (op) {
    case OP_FIND_I32: case OP_FIND_I64: case OP_FIND_F64: return find(frame, instruction, op, dst, a, valuesOf(b), n)
    case OP_TAKE_1: case OP_TAKE_4: case OP_TAKE_8: return take(frame, op, dst, a, b, n)
    case OP_TEXT_TO_TABLE: return textToTable(frame, dst, a, valuesOf(b), valuesOf(operandC(frame, instruction)), n)
    case OP_TABLE_TO_TEXT: return tableToText(frame, dst, a, valuesOf(b), valuesOf(operandC(frame, instruction)), n)
    default: unreachable()
  }
}

function find(frame: usize, instruction: usize, op: i32, dst: usize, key: usize, level: usize, n: i32): void {
  const beforeIndex = numberC(instruction)
  const hasBefore = beforeIndex != NO_REGISTER
  const before: usize = hasBefore ? <usize>load<u32>(frame, FRAME_REGISTERS) + <usize>beforeIndex * REGISTER_BYTES : 0
  if (hasBefore) passNulls2(dst, key, before, n)
  else passNulls(dst, key, n)
  const keys = valuesOf(key)
  const numbers = hasBefore ? valuesOf(before) : <usize>0
  const out = valuesOf(dst)
  const selection = sparseSelection(frame, n)
  if (selection) memory.fill(out, 0, <usize>n << 2)
  const count = selection ? selectedRows(frame) : n
  const isHashed = load<u32>(level, LEVEL_RANGE) == 0
  const missing = isHashed ? walk(HASHED, wordsOf(frame, op, keys, n), numbers, level, out, selection, count)
    : walk(PLACED, keys, numbers, level, out, selection, count)
  if (missing) settleMissing(dst, n)
}

/**
 * The selection, if so few rows are selected that only they are worth looking up; else 0. Rows that are not selected then hold
 * what can be read by: the selection only narrows, so nobody sees it.
 */
function sparseSelection(frame: usize, n: i32): usize {
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  return count >= 0 && count < n - (n >> 2) ? <usize>load<u32>(frame, FRAME_SELECTION) : 0
}

// @ts-ignore: decorator
@inline
function rowAt(selection: usize, i: i32): usize {
  return selection ? <usize>load<u16>(selection + (<usize>i << 1)) : <usize>i
}

/** Ways to look a key up: a constant of each `walk`. */
const PLACED = 0
const HASHED = 1

/**
 * Writes each row's number, −1 where there is none. Returns whether there is such a row.
 * @param numbers what the keys before led to; 0 for the first.
 */
// @ts-ignore: decorator
@inline
function walk(way: i32, keys: usize, numbers: usize, level: usize, out: usize, selection: usize, count: i32): bool {
  const slots = <usize>load<u32>(level, LEVEL_SLOTS)
  const range = load<u32>(level, LEVEL_RANGE)
  const base = load<u32>(level, LEVEL_BASE)
  const missing = load<u32>(level, LEVEL_MISSING)
  const mask = load<u32>(level, LEVEL_SLOT_MASK)
  let least: u32 = 1
  for (let i = 0; i < count; i++) {
    const row = rowAt(selection, i)
    const before: u32 = numbers ? load<u32>(numbers + (row << 2)) : 0
    let number: u32
    if (way == HASHED) number = hashedNumber(slots, mask, load<u64>(keys + (row << 3)), before)
    else {
      const key = load<u32>(keys + (row << 2)) - base
      number = load<u32>(slots + (<usize>(key < range ? before * range + key : missing) << 2))
    }
    least = min<u32>(least, number)
    store<u32>(out + (row << 2), number - 1)
  }
  return least == 0
}

// @ts-ignore: decorator
@inline
function hashedNumber(slots: usize, mask: u32, word: u64, before: u32): u32 {
  let slot = mixHash(hashWord(word) ^ before) & mask
  let at = slots + <usize>slot * LEVEL_SLOT_BYTES
  let number = load<u32>(at, LEVEL_SLOT_NUMBER)
  while (number != 0 && (load<u64>(at, LEVEL_SLOT_KEY) != word || load<u32>(at, LEVEL_SLOT_BEFORE) != before)) {
    slot = (slot + 1) & mask
    at = slots + <usize>slot * LEVEL_SLOT_BYTES
    number = load<u32>(at, LEVEL_SLOT_NUMBER)
  }
  return number
}

/** The keys as words: integers by value, floats by their bits, −0 as 0, every NaN as one. */
function wordsOf(frame: usize, op: i32, keys: usize, n: i32): usize {
  if (op == OP_FIND_I64) return keys
  const words = <usize>load<u32>(frame, FRAME_SCRATCH)
  for (let row: usize = 0; row < <usize>n; row++) {
    let word: u64 = 0
    if (op == OP_FIND_I32) word = <u64><i64>load<i32>(keys + (row << 2))
    else {
      const x = load<f64>(keys + (row << 3))
      if (x != x) word = NAN_BITS
      else if (x != 0) word = reinterpret<u64>(x)
    }
    store<u64>(words + (row << 3), word)
  }
  return words
}

/** Rows of −1 become null, with 0 under it. */
function settleMissing(dst: usize, n: i32): void {
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const at = out + (<usize>row << 2)
    if (load<i32>(at) >= 0) continue
    store<i32>(at, 0)
    addNull(dst, row, n)
  }
}

function take(frame: usize, op: i32, dst: usize, rows: usize, column: usize, n: i32): void {
  const at = valuesOf(rows)
  const from = valuesOf(column)
  const out = valuesOf(dst)
  if (!from) {
    memory.copy(out, at, <usize>n << 2)
    return passNulls(dst, rows, n)
  }
  const selection = sparseSelection(frame, n)
  const count = selection ? selectedRows(frame) : n
  if (selection) memory.fill(out, 0, <usize>n << (op == OP_TAKE_1 ? 0 : op == OP_TAKE_4 ? 2 : 3))
  if (op == OP_TAKE_1) copyTaken<u8>(at, from, out, selection, count)
  else if (op == OP_TAKE_8) copyTaken<u64>(at, from, out, selection, count)
  else copyTaken<u32>(at, from, out, selection, count)
  const validity = validityOf(column)
  if (!validity) return passNulls(dst, rows, n)
  const present = validityOf(rows)
  const own = ownValidity(dst)
  memory.fill(own, 0, bitmapBytes(n))
  for (let row = 0; row < n; row++) {
    const bit = <u8>(isValid(present, row) && isValid(validity, load<i32>(at + (<usize>row << 2))))
    const byte = own + (row >> 3)
    store<u8>(byte, load<u8>(byte) | (bit << <u8>(row & 7)))
  }
}

// @ts-ignore: decorator
@inline
function copyTaken<T>(rows: usize, from: usize, out: usize, selection: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const row = rowAt(selection, i)
    store<T>(out + row * sizeof<T>(), load<T>(from + <usize>load<u32>(rows + (row << 2)) * sizeof<T>()))
  }
}

function textToTable(frame: usize, dst: usize, text: usize, table: usize, memo: usize, n: i32): void {
  const own = <usize>load<u32>(frame, FRAME_TEXT_TABLE)
  const codes = valuesOf(text)
  const out = valuesOf(dst)
  const validity = validityOf(text)
  let isMissing = false
  passNulls(dst, text, n)
  for (let row = 0; row < n; row++) {
    let found = 0
    if (isValid(validity, row)) {
      const code = load<i32>(codes + (<usize>row << 2))
      const entry = memoEntry(memo, code, 0)
      if (!memoHolds(entry, code, 0)) {
        setMemo(entry, code, 0, findText(table, own, code))
      }
      found = <i32>memoAnswer(entry)
      if (found < 0) isMissing = true
    }
    store<i32>(out + (<usize>row << 2), found)
  }
  if (isMissing) settleMissing(dst, n)
}

function tableToText(frame: usize, dst: usize, numbers: usize, table: usize, memo: usize, n: i32): void {
  const own = <usize>load<u32>(frame, FRAME_TEXT_TABLE)
  const codes = valuesOf(numbers)
  const out = valuesOf(dst)
  const validity = validityOf(numbers)
  const count = selectedRows(frame)
  const selection: usize = load<i32>(frame, FRAME_SELECTION_COUNT) < 0 ? <usize>0 : <usize>load<u32>(frame, FRAME_SELECTION)
  let first = -1
  passNulls(dst, numbers, n)
  for (let i = 0; i < count; i++) {
    const row = rowAt(selection, i)
    if (!isValid(validity, <i32>row)) continue
    const code = load<i32>(codes + (row << 2))
    const entry = memoEntry(memo, code, 0)
    if (!memoHolds(entry, code, 0)) {
      setMemo(entry, code, 0, internText(own, textPtr(table, code), textLength(table, code)))
    }
    const found = <i32>memoAnswer(entry)
    // Every other row gets a text that is there: the first.
    if (first < 0) for (let at = 0; at < n; at++) store<i32>(out + (<usize>at << 2), found)
    first = found
    store<i32>(out + (row << 2), found)
  }
  if (first >= 0) return
  memory.fill(out, 0, <usize>n << 2)
  memory.fill(ownValidity(dst), 0, bitmapBytes(n))
}
