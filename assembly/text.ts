// Instructions on text. Codes come in, bytes are looked at once per distinct string and task (memo.ts), codes or values go out.
// ASCII is worked here; case and white space of other text are the host's, as JavaScript knows them.
// Invariant: new text is written behind the table's heap, in room reserved for it, and entered from there.
import { growTable, mapText } from './host'
import { memoAnswer, memoEntry, memoHolds, setMemo } from './memo'
import { FRAME_TEXT_TABLE, TEXT_COUNT, TEXT_HEAP, TEXT_HEAP_CAPACITY, TEXT_HEAP_USED } from './portable/layout'
import {
  OP_CONCAT, OP_CONTAINS, OP_ENDS_WITH, OP_LENGTH, OP_LOWER, OP_STARTS_WITH, OP_SUBSTRING, OP_TRIM, OP_UPPER,
} from './portable/opcodes'
import { internText, textLength, textPtr } from './text-table'
import {
  dstOf, isValid, operandA, operandB, operandC, passNulls, passNulls2, passNulls3, rowsOf, validityOf, valuesOf,
} from './vector'

/** Kinds of the host's mapText. */
const MAP_LOWER = 0
const MAP_UPPER = 1
const MAP_TRIM = 2
/** mapText may write as many times the bytes that it reads. */
const MAP_GROWTH = 3

export function runText(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const table = <usize>load<u32>(frame, FRAME_TEXT_TABLE)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  const b = operandB(frame, instruction)
  if (op == OP_SUBSTRING) return runSubstring(table, dst, a, b, operandC(frame, instruction), n)
  const isUnary = op <= OP_LENGTH
  if (isUnary) passNulls(dst, a, n)
  else passNulls2(dst, a, b, n)
  const memo = isUnary ? valuesOf(b) : valuesOf(operandC(frame, instruction))
  const validity = validityOf(dst)
  const out = valuesOf(dst)
  const isBool = op == OP_STARTS_WITH || op == OP_ENDS_WITH || op == OP_CONTAINS
  for (let row = 0; row < n; row++) {
    let answer = 0
    if (isValid(validity, row)) {
      const at = <usize>row << 2
      const left = load<i32>(valuesOf(a) + at)
      const right = isUnary ? 0 : load<i32>(valuesOf(b) + at)
      const entry = memoEntry(memo, left, right)
      if (!memoHolds(entry, left, right)) setMemo(entry, left, right, answerOf(op, table, left, right))
      answer = <i32>memoAnswer(entry)
    }
    if (isBool) store<u8>(out + row, <u8>answer)
    else store<i32>(out + (<usize>row << 2), answer)
  }
}

function answerOf(op: i32, table: usize, a: i32, b: i32): i32 {
  switch (op) {
    case OP_LOWER: return mapCode(table, a, MAP_LOWER)
    case OP_UPPER: return mapCode(table, a, MAP_UPPER)
    case OP_TRIM: return mapCode(table, a, MAP_TRIM)
    case OP_LENGTH: return countCodePoints(textPtr(table, a), textLength(table, a))
    case OP_STARTS_WITH: return startsWith(table, a, b)
    case OP_ENDS_WITH: return endsWith(table, a, b)
    case OP_CONTAINS: return contains(table, a, b)
    case OP_CONCAT: return concat(table, a, b)
    default: return 0
  }
}

/** Room for `bytes` bytes behind the heap. What is written there and entered by `internText` stays where it is if it is new. */
function reserve(table: usize, bytes: i32): usize {
  const needed = load<i32>(table, TEXT_HEAP_USED) + bytes
  if (needed > load<i32>(table, TEXT_HEAP_CAPACITY)) growTable(table, load<i32>(table, TEXT_COUNT), needed)
  return <usize>load<u32>(table, TEXT_HEAP) + load<u32>(table, TEXT_HEAP_USED)
}

function mapCode(table: usize, code: i32, kind: i32): i32 {
  const length = textLength(table, code)
  if (!isAscii(textPtr(table, code), length)) {
    const out = reserve(table, length * MAP_GROWTH)
    return internText(table, out, mapText(kind, textPtr(table, code), length, out))
  }
  const out = reserve(table, length)
  const ptr = textPtr(table, code)
  if (kind == MAP_TRIM) {
    let start = 0
    let end = length
    while (start < end && isSpace(load<u8>(ptr + start))) start++
    while (end > start && isSpace(load<u8>(ptr + end - 1))) end--
    memory.copy(out, ptr + start, end - start)
    return internText(table, out, end - start)
  }
  const first: u8 = kind == MAP_LOWER ? 0x41 : 0x61
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(ptr + i)
    store<u8>(out + i, byte - first < 26 ? byte ^ 0x20 : byte)
  }
  return internText(table, out, length)
}

function isAscii(ptr: usize, length: i32): bool {
  for (let i = 0; i < length; i++) if (load<i8>(ptr + i) < 0) return false
  return true
}

/** The white space of ASCII, as JavaScript's trim has it. */
// @ts-ignore: decorator
@inline
function isSpace(byte: u8): bool {
  return byte == 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

/** Whether a byte begins a code point. */
// @ts-ignore: decorator
@inline
function isFirstByte(byte: u8): bool {
  return (byte & 0xc0) != 0x80
}

function countCodePoints(ptr: usize, length: i32): i32 {
  let count = 0
  for (let i = 0; i < length; i++) count += <i32>isFirstByte(load<u8>(ptr + i))
  return count
}

function startsWith(table: usize, a: i32, b: i32): i32 {
  const length = textLength(table, b)
  if (length > textLength(table, a)) return 0
  return <i32>(memory.compare(textPtr(table, a), textPtr(table, b), length) == 0)
}

function endsWith(table: usize, a: i32, b: i32): i32 {
  const length = textLength(table, b)
  const before = textLength(table, a) - length
  if (before < 0) return 0
  return <i32>(memory.compare(textPtr(table, a) + before, textPtr(table, b), length) == 0)
}

function contains(table: usize, a: i32, b: i32): i32 {
  const length = textLength(table, b)
  const last = textLength(table, a) - length
  const text = textPtr(table, a)
  const part = textPtr(table, b)
  for (let i = 0; i <= last; i++) if (memory.compare(text + i, part, length) == 0) return 1
  return 0
}

function concat(table: usize, a: i32, b: i32): i32 {
  const lengthA = textLength(table, a)
  const lengthB = textLength(table, b)
  const out = reserve(table, lengthA + lengthB)
  memory.copy(out, textPtr(table, a), lengthA)
  memory.copy(out + lengthA, textPtr(table, b), lengthB)
  return internText(table, out, lengthA + lengthB)
}

function runSubstring(table: usize, dst: usize, text: usize, start: usize, end: usize, n: i32): void {
  passNulls3(dst, text, start, end, n)
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    const at = <usize>row << 2
    if (isValid(validityOf(dst), row)) {
      const code = load<i32>(valuesOf(text) + at)
      store<i32>(out + at, substring(table, code, load<i32>(valuesOf(start) + at), load<i32>(valuesOf(end) + at)))
    } else store<i32>(out + at, 0)
  }
}

/** Code points [start, end). */
function substring(table: usize, code: i32, start: i32, end: i32): i32 {
  const length = textLength(table, code)
  const from = byteOf(textPtr(table, code), length, start)
  const to = max(from, byteOf(textPtr(table, code), length, end))
  const out = reserve(table, to - from)
  memory.copy(out, textPtr(table, code) + from, to - from)
  return internText(table, out, to - from)
}

/** Where code point number `position` begins, at most `length`. */
function byteOf(ptr: usize, length: i32, position: i32): i32 {
  if (position <= 0) return 0
  let count = 0
  for (let i = 0; i < length; i++) {
    if (!isFirstByte(load<u8>(ptr + i))) continue
    if (count == position) return i
    count++
  }
  return length
}
