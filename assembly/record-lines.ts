// Lines as records of the spans (value-spans.ts), found 64 bytes at a time.
// Invariant: as much may be read behind the end of the text, and counts for nothing.
import { DECODE_LINES_AHEAD } from './portable/layout'
import { recordAt, records, setRecord } from './value-spans'

const LINE_FEED: u8 = 0x0a
const MARKED_BYTES = <usize>DECODE_LINES_AHEAD

/**
 * Notes where the lines from `p` on begin, which end before `end`, and where the one behind them does. Stops at `max` lines and
 * before one that is longer than `bytesMax`. Returns how many there are.
 */
export function findLines(p: usize, end: usize, max: i32, bytesMax: u32): i32 {
  const first = p
  setRecord(0, p)
  let last = records
  const full = records + (<usize>max << 2)
  for (; p < end && last < full; p += MARKED_BYTES) {
    let marks = marksOf(p, end, LINE_FEED)
    const behind = last + (<usize>popcnt(marks) << 2)
    // Two of them without asking how many there are: nearly always that is enough, and nothing has to be guessed.
    store<u32>(last, <u32>p + 1 + <u32>ctz(marks), 4)
    marks &= marks - 1
    store<u32>(last, <u32>p + 1 + <u32>ctz(marks), 8)
    marks &= marks - 1
    for (let more = last + 8; marks; marks &= marks - 1) {
      more += 4
      store<u32>(more, <u32>p + 1 + <u32>ctz(marks))
    }
    last = behind
  }
  const count = min(max, <i32>(last - records >> 2))
  if (recordAt(count) - first <= <usize>bytesMax) return count
  let short = 0
  while (short < count && recordAt(short + 1) - recordAt(short) - 1 <= <usize>bytesMax) short++
  return short
}

/** How many of `length` bytes are `byte`: an upper bound of the rows they can give. */
export function countBytes(ptr: usize, length: i32, byte: i32): i32 {
  const end = ptr + length
  let count = 0
  for (; ptr < end; ptr += MARKED_BYTES) count += <i32>popcnt(marksOf(ptr, end, <u8>byte))
  return count
}

/** A bit for each of the next 64 bytes before `end`, the first one lowest: whether it is `byte`. */
function marksOf(p: usize, end: usize, byte: u8): u64 {
  let marks: u64 = 0
  if (ASC_FEATURE_SIMD) {
    const wanted = i8x16.splat(byte)
    marks = <u64>marksOf16(p, wanted) | <u64>marksOf16(p + 16, wanted) << 16 |
      <u64>marksOf16(p + 32, wanted) << 32 | <u64>marksOf16(p + 48, wanted) << 48
  } else {
    for (let i: u64 = 0; i < MARKED_BYTES; i++) marks |= <u64>(load<u8>(p + <usize>i) == byte) << i
  }
  return end - p < MARKED_BYTES ? marks & (<u64>1 << <u64>(end - p)) - 1 : marks
}

// @ts-ignore: decorator
@inline
function marksOf16(p: usize, wanted: v128): u32 {
  return i8x16.bitmask(i8x16.eq(v128.load(p), wanted))
}
