// Casts to and from text. Text that cannot be read becomes null and is counted where its row is selected. Answers are kept by
// code (from text) or for the length of a run of equal values (to text).
import { formatFloat64 } from './host'
import { fitsInteger } from './integer'
import { memoAnswer, memoEntry } from './memo'
import { decimalInteger, INTEGER_OUT_OF_RANGE, parseDecimal, parseInteger64 } from './number'
import { FRAME_SCRATCH, FRAME_TEXT_TABLE } from './portable/layout'
import {
  OP_BOOL_TO_TEXT, OP_F64_TO_TEXT, OP_I32_TO_TEXT, OP_I64_TO_TEXT, OP_TEXT_TO_BOOL, OP_TEXT_TO_F64, OP_TEXT_TO_I32,
  OP_TEXT_TO_I64, OP_TEXT_TO_TIME, OP_TIME_TO_TEXT, TIME_MAX_MS,
} from './portable/opcodes'
import { internText, textLength, textPtr } from './text-table'
import { formatTimestamp, parseTimestamp } from './timestamp-text'
import { addOverflow, dstOf, isValid, operandA, operandB, passNulls, rowsOf, validityOf, valuesOf } from './vector'

export function runTextCast(frame: usize, instruction: usize, op: i32): void {
  const n = rowsOf(frame)
  const dst = dstOf(frame, instruction)
  const a = operandA(frame, instruction)
  passNulls(dst, a, n)
  switch (op) {
    case OP_BOOL_TO_TEXT: return format<u8>(frame, op, dst, valuesOf(a), n)
    case OP_I32_TO_TEXT: return format<i32>(frame, op, dst, valuesOf(a), n)
    case OP_I64_TO_TEXT: return format<i64>(frame, op, dst, valuesOf(a), n)
    case OP_F64_TO_TEXT: return format<u64>(frame, op, dst, valuesOf(a), n)
    case OP_TIME_TO_TEXT: return format<u64>(frame, op, dst, valuesOf(a), n)
    default: return parse(frame, op, dst, valuesOf(a), valuesOf(operandB(frame, instruction)), n)
  }
}

function format<T>(frame: usize, op: i32, dst: usize, a: usize, n: i32): void {
  const table = <usize>load<u32>(frame, FRAME_TEXT_TABLE)
  const scratch = <usize>load<u32>(frame, FRAME_SCRATCH)
  const out = valuesOf(dst)
  // The last value and its code; −1 before the first, −2 if it has no text.
  let last: T = 0
  let code = -1
  for (let row = 0; row < n; row++) {
    let result = 0
    if (isValid(validityOf(dst), row)) {
      const x = load<T>(a + <usize>row * sizeof<T>())
      if (code == -1 || x != last) {
        const length = formatValue(op, <u64>x, scratch)
        code = length ? internText(table, scratch, length) : -2
        last = x
      }
      if (code >= 0) result = code
      else addOverflow(frame, dst, row, n)
    }
    store<i32>(out + (<usize>row << 2), result)
  }
}

/** Writes the text of a value, given by its bits (integers with their sign), and returns its length; 0 = it has none. */
function formatValue(op: i32, bits: u64, out: usize): i32 {
  switch (op) {
    case OP_BOOL_TO_TEXT: {
      // "true" and "fals", "e", as they lie in memory.
      store<u32>(out, bits ? 0x65757274 : 0x736c6166)
      store<u8>(out, 0x65, 4)
      return bits ? 4 : 5
    }
    case OP_F64_TO_TEXT: return formatFloat64(reinterpret<f64>(bits), out)
    case OP_TIME_TO_TEXT: {
      const ms = reinterpret<f64>(bits)
      return abs<f64>(ms) <= TIME_MAX_MS ? formatTimestamp(ms, out) : 0
    }
    default: return formatInteger(<i64>bits, out)
  }
}

function formatInteger(value: i64, out: usize): i32 {
  // Digits come last first: written before `end`, then moved.
  const end = out + 64
  let at = end
  let rest = <u64>(value < 0 ? -value : value)
  do {
    store<u8>(--at, 0x30 + <u8>(rest % 10))
    rest /= 10
  } while (rest)
  if (value < 0) store<u8>(--at, 0x2d)
  memory.copy(out, at, end - at)
  return <i32>(end - at)
}

/** A memo's key a is −(code + 1) for text that cannot be read. */
function parse(frame: usize, op: i32, dst: usize, a: usize, memo: usize, n: i32): void {
  const table = <usize>load<u32>(frame, FRAME_TEXT_TABLE)
  const scratch = <usize>load<u32>(frame, FRAME_SCRATCH)
  const out = valuesOf(dst)
  for (let row = 0; row < n; row++) {
    if (!isValid(validityOf(dst), row)) continue
    const code = load<i32>(a + (<usize>row << 2))
    const entry = memoEntry(memo, code, 0)
    const key = load<i32>(entry)
    if (key != code + 1 && key != -1 - code) {
      const isRead = parseValue(op, textPtr(table, code), textLength(table, code), scratch)
      store<i32>(entry, isRead ? code + 1 : -1 - code)
      store<u64>(entry, load<u64>(scratch), 8)
    }
    if (load<i32>(entry) < 0) addOverflow(frame, dst, row, n)
    else if (op == OP_TEXT_TO_BOOL) store<u8>(out + row, <u8>memoAnswer(entry))
    else if (op == OP_TEXT_TO_I32) store<i32>(out + (<usize>row << 2), <i32>memoAnswer(entry))
    else store<i64>(out + (<usize>row << 3), memoAnswer(entry))
  }
}

/** Reads a value to the eight bytes at `out`; returns whether it could. */
function parseValue(op: i32, ptr: usize, length: i32, out: usize): bool {
  switch (op) {
    case OP_TEXT_TO_BOOL: return parseBool(ptr, length, out)
    case OP_TEXT_TO_I32: {
      if (!parseInteger(ptr, length, out)) return false
      return load<i64>(out) == <i64>load<i32>(out)
    }
    case OP_TEXT_TO_I64: return parseInteger(ptr, length, out)
    case OP_TEXT_TO_F64: return parseDecimal(ptr, length, out) != 0
    case OP_TEXT_TO_TIME: return parseTimestamp(ptr, length, out) != 0
    default: return false
  }
}

/** An integer exactly, or none where it does not fit; any other number as f64, cut towards zero. */
function parseInteger(ptr: usize, length: i32, out: usize): bool {
  if (parseInteger64(ptr, length, out)) return true
  if (!parseDecimal(ptr, length, out)) return false
  // As f64 an integer just below the least one would be that one.
  if (decimalInteger() == INTEGER_OUT_OF_RANGE) return false
  const x = load<f64>(out)
  if (!fitsInteger<i64>(x)) return false
  store<i64>(out, <i64>x)
  return true
}

const LONGEST_BOOL = 5

/** true t yes y 1, false f no n 0, with blanks around and in any case. */
function parseBool(ptr: usize, length: i32, out: usize): bool {
  while (length && isBlank(load<u8>(ptr))) { ptr++; length-- }
  while (length && isBlank(load<u8>(ptr + length - 1))) length--
  if (!length || length > LONGEST_BOOL) return false
  // The letters as one number, lower case, the first in the lowest byte.
  let word: u64 = 0
  for (let i = length - 1; i >= 0; i--) {
    const byte = load<u8>(ptr + i)
    word = word << 8 | <u64>(byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)
  }
  const isTrue = word == 0x65757274 || word == 0x74 || word == 0x736579 || word == 0x79 || word == 0x31
  const isFalse = word == 0x65736c6166 || word == 0x66 || word == 0x6f6e || word == 0x6e || word == 0x30
  store<u64>(out, <u64>isTrue)
  return isTrue || isFalse
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u8): bool {
  return byte == 0x20 || (byte >= 0x09 && byte <= 0x0d)
}
