// JSON values straight into a column, where it can hold them. Anything else is left to json.ts, which says what is wrong.
// Invariant: a value that this takes is taken there with the same result; it writes at `out` only, and never into the input.
import { storeNumber, textTable } from './decode-columns'
import { scanString, stringEnd, stringPtr } from './json-text'
import { scanDecimal, scanEnd } from './number'
import { DECODE_TYPE_BOOL, DECODE_TYPE_TIMESTAMP, DECODE_TYPE_UTF8 } from './portable/layout'
import { internText } from './text-table'
import { parseTimestamp } from './timestamp-text'

/** Reads the value at `p` for a column, to `out`; returns the address behind it, or 0 if the column cannot hold it. */
export function readValue(p: usize, type: u32, out: usize): usize {
  if (type == DECODE_TYPE_BOOL) return readBool(p, out)
  const c = load<u8>(p)
  if (c == 0x22) return readString(p + 1, type, out)
  return type != DECODE_TYPE_UTF8 && (c == 0x2d || <u32>c - 0x30 <= 9) && scanDecimal(p) && !storeNumber(type, out) ? scanEnd : 0
}

function readString(p: usize, type: u32, out: usize): usize {
  if (type != DECODE_TYPE_UTF8 && type != DECODE_TYPE_TIMESTAMP) return 0
  const end = scanString(p)
  if (!end) return 0
  const length = <i32>(stringEnd - stringPtr)
  if (type == DECODE_TYPE_UTF8) store<i32>(out, internText(textTable, stringPtr, length))
  else if (!parseTimestamp(stringPtr, length, out)) return 0
  return end
}

/** Reads `true` or `false` at `p` to `out`; returns the address behind it, or 0. */
export function readBool(p: usize, out: usize): usize {
  const word = load<u32>(p)
  const isFalse = word == 0x736c6166 && load<u8>(p, 4) == 0x65
  if (!isFalse && word != 0x65757274) return 0
  store<u8>(out, <u8>!isFalse)
  return p + 4 + <usize>isFalse
}
