// Short text that stands in the input as it is, to codes: strings of at most TEXT_KEY_BYTES in quotes, without escapes.
// Invariant: a string that this takes is taken by json-text.ts with the same bytes; at whatever else there is, it stops.
import {
  DECODE_SPAN_BYTES, DECODE_SPAN_LENGTH, DECODE_SPAN_QUOTED, TEXT_ENTRIES, TEXT_ENTRY_BYTES, TEXT_ENTRY_KEY, TEXT_ENTRY_LENGTH,
  TEXT_KEY_BYTES, TEXT_SLOTS, TEXT_SLOT_MASK,
} from './portable/layout'
import { internShort, keyMasks, shortHash } from './text-table'

// Constants lie in memory: V8 would make them anew for each string.
const quotes = memory.data<u64>([0x2222222222222222, 0x2222222222222222], 16)
const backslashes = memory.data<u64>([0x5c5c5c5c5c5c5c5c, 0x5c5c5c5c5c5c5c5c], 16)
const controls = memory.data<u64>([0x1f1f1f1f1f1f1f1f, 0x1f1f1f1f1f1f1f1f], 16)

/**
 * Finds the codes of the strings of the spans [span, end), enters what is new, and writes them as i32 from `out` on. Returns the
 * span at which it stopped. First of all strings the code that stands where the search begins, then whether it is the one: so the
 * machine waits for memory at many of them at a time.
 */
export function readShortTexts(span: usize, end: usize, out: usize, table: usize): usize {
  if (!ASC_FEATURE_SIMD) return span
  const slots = <usize>load<u32>(table, TEXT_SLOTS)
  const mask = load<u32>(table, TEXT_SLOT_MASK)
  const first = span
  for (let to = out; span < end; span += DECODE_SPAN_BYTES) {
    const length = load<u32>(span, DECODE_SPAN_LENGTH) - <u32>DECODE_SPAN_QUOTED
    if (length > <u32>TEXT_KEY_BYTES) break
    const text = v128.load(load<u32>(span))
    const marks = i8x16.bitmask(v128.or(i8x16.eq(i8x16.min_u(text, v128.load(controls)), text),
      v128.or(i8x16.eq(text, v128.load(backslashes)), i8x16.eq(text, v128.load(quotes)))))
    if (<u32>ctz(marks | 0x10000) < length) break
    const key = v128.and(text, v128.load(keyMasks + TEXT_KEY_BYTES - length))
    const slot = shortHash(i64x2.extract_lane(key, 0), i64x2.extract_lane(key, 1), length) & mask
    store<u32>(to, load<u32>(slots + (<usize>slot << 2)) - 1)
    to += 4
  }
  let entries = <usize>load<u32>(table, TEXT_ENTRIES)
  for (let found = first; found < span; found += DECODE_SPAN_BYTES) {
    const start = <usize>load<u32>(found)
    const length = load<u32>(found, DECODE_SPAN_LENGTH) - <u32>DECODE_SPAN_QUOTED
    const code = load<i32>(out)
    const entry = entries + <usize>code * TEXT_ENTRY_BYTES
    const key = v128.and(v128.load(start), v128.load(keyMasks + TEXT_KEY_BYTES - length))
    if (code < 0 || load<u32>(entry, TEXT_ENTRY_LENGTH) != length ||
      v128.any_true(v128.xor(v128.load(entry, TEXT_ENTRY_KEY), key))) {
      store<i32>(out, internShort(table, start, length))
      entries = load<u32>(table, TEXT_ENTRIES)
    }
    out += 4
  }
  return span
}
