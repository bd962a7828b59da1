// The text table: the distinct strings of one task or one state store, numbered by first appearance. Layout: portable/layout.ts.
// Invariant: equal codes ⇔ equal bytes, so text compares, groups and joins as integers from here on.
import { growTable } from './host'
import { equalLong } from './equal-bytes'
import { hashBytes } from './hash'
import {
  TEXT_CAPACITY, TEXT_COUNT, TEXT_ENTRIES, TEXT_ENTRY_BYTES, TEXT_ENTRY_HASH, TEXT_ENTRY_KEY, TEXT_ENTRY_LENGTH, TEXT_ENTRY_MEMO,
  TEXT_ENTRY_OFFSET, TEXT_HEAP, TEXT_HEAP_CAPACITY, TEXT_HEAP_USED, TEXT_KEY_BYTES, TEXT_SLOTS, TEXT_SLOT_MASK,
} from './portable/layout'

/** From TEXT_KEY_BYTES − n on: n bytes of ones, then zeros. */
export const keyMasks = memory.data<u64>([0xffffffffffffffff, 0xffffffffffffffff, 0, 0])

/**
 * The code of `length` bytes of UTF-8 at `ptr`, entered if new. May move the table's memory; `ptr` must not lie in it
 * unless the string is there already or in `freeText`.
 */
export function internText(table: usize, ptr: usize, length: i32): i32 {
  return length <= TEXT_KEY_BYTES ? internShort(table, ptr, length) : internLong(table, ptr, length)
}

/** The same for at most TEXT_KEY_BYTES bytes: they are compared within the entry. (Many at a time: plain-text.ts.) */
export function internShort(table: usize, ptr: usize, length: i32): i32 {
  const masks = keyMasks + (<usize>(TEXT_KEY_BYTES - length))
  const low = load<u64>(ptr) & load<u64>(masks)
  const high = load<u64>(ptr, 8) & load<u64>(masks, 8)
  const mask = load<u32>(table, TEXT_SLOT_MASK)
  const slots = <usize>load<u32>(table, TEXT_SLOTS)
  const entries = <usize>load<u32>(table, TEXT_ENTRIES)
  const hash = shortHash(low, high, length)
  let slot = hash & mask
  for (;;) {
    const code = load<u32>(slots + (<usize>slot << 2))
    if (code == 0) break
    const entry = entries + <usize>(code - 1) * TEXT_ENTRY_BYTES
    const differences = load<u64>(entry, TEXT_ENTRY_KEY) ^ low | load<u64>(entry, TEXT_ENTRY_KEY + 8) ^ high |
      <u64>(load<u32>(entry, TEXT_ENTRY_LENGTH) ^ length)
    if (differences == 0) return <i32>code - 1
    slot = (slot + 1) & mask
  }
  const entry = appendText(table, ptr, length, hashBytes(ptr, length), hash)
  store<u64>(entry, low, TEXT_ENTRY_KEY)
  store<u64>(entry, high, TEXT_ENTRY_KEY + 8)
  return load<i32>(table, TEXT_COUNT) - 1
}

function internLong(table: usize, ptr: usize, length: i32): i32 {
  const mask = load<u32>(table, TEXT_SLOT_MASK)
  const slots = <usize>load<u32>(table, TEXT_SLOTS)
  const entries = <usize>load<u32>(table, TEXT_ENTRIES)
  const heap = <usize>load<u32>(table, TEXT_HEAP)
  const hash = hashBytes(ptr, length)
  let slot = hash & mask
  for (;;) {
    const code = load<u32>(slots + (<usize>slot << 2))
    if (code == 0) break
    const entry = entries + <usize>(code - 1) * TEXT_ENTRY_BYTES
    if (load<u32>(entry, TEXT_ENTRY_HASH) == hash && load<u32>(entry, TEXT_ENTRY_LENGTH) == <u32>length &&
      equalLong(heap + load<u32>(entry, TEXT_ENTRY_OFFSET), ptr, length)) return <i32>code - 1
    slot = (slot + 1) & mask
  }
  appendText(table, ptr, length, hash, hash)
  return load<i32>(table, TEXT_COUNT) - 1
}

/** Where the search for a short string begins. Its `hashBytes` is found only when it is entered: this one is quicker. */
// @ts-ignore: decorator
@inline
export function shortHash(low: u64, high: u64, length: u32): u32 {
  const h = (low ^ length) * 0xa0761d6478bd642f ^ rotl<u64>(high * 0xe7037ed1a0b428db, 32)
  return <u32>((h ^ h >> 32) * 0xd6e8feb86659fd93 >> 32)
}

/** Where the search for an entry's string begins. */
// @ts-ignore: decorator
@inline
function searchStart(entry: usize): u32 {
  const length = load<i32>(entry, TEXT_ENTRY_LENGTH)
  if (length > TEXT_KEY_BYTES) return load<u32>(entry, TEXT_ENTRY_HASH)
  return shortHash(load<u64>(entry, TEXT_ENTRY_KEY), load<u64>(entry, TEXT_ENTRY_KEY + 8), length)
}

/** The code that `table` has for the string of another table's code, or −1 if it does not hold it. */
export function findText(table: usize, other: usize, otherCode: i32): i32 {
  const mask = load<u32>(table, TEXT_SLOT_MASK)
  const slots = <usize>load<u32>(table, TEXT_SLOTS)
  const hash = textHash(other, otherCode)
  const length = textLength(other, otherCode)
  const ptr = textPtr(other, otherCode)
  let slot = searchStart(entryOf(other, otherCode)) & mask
  let code = load<i32>(slots + (<usize>slot << 2)) - 1
  while (code >= 0 && (textHash(table, code) != hash || textLength(table, code) != length ||
    memory.compare(textPtr(table, code), ptr, length) != 0)) {
    slot = (slot + 1) & mask
    code = load<i32>(slots + (<usize>slot << 2)) - 1
  }
  return code
}

/** Enters a new string, whose search begins at `slot`; returns its entry. */
function appendText(table: usize, ptr: usize, length: i32, hash: u32, slot: u32): usize {
  const count = load<u32>(table, TEXT_COUNT)
  const used = load<u32>(table, TEXT_HEAP_USED)
  if (count == load<u32>(table, TEXT_CAPACITY) || used + <u32>length > load<u32>(table, TEXT_HEAP_CAPACITY)) {
    growTable(table, count + 1, used + length)
  }
  const entry = entryOf(table, count)
  store<u32>(entry, hash, TEXT_ENTRY_HASH)
  store<u32>(entry, used, TEXT_ENTRY_OFFSET)
  store<u32>(entry, length, TEXT_ENTRY_LENGTH)
  store<u32>(entry, 0, TEXT_ENTRY_MEMO)
  memory.copy(<usize>load<u32>(table, TEXT_HEAP) + used, ptr, length)
  fillSlot(table, slot, count + 1)
  store<u32>(table, count + 1, TEXT_COUNT)
  store<u32>(table, used + length, TEXT_HEAP_USED)
  return entry
}

/** Writes a code + 1 into the first free slot from `slot`. */
// @ts-ignore: decorator
@inline
function fillSlot(table: usize, slot: u32, code: u32): void {
  const mask = load<u32>(table, TEXT_SLOT_MASK)
  const slots = <usize>load<u32>(table, TEXT_SLOTS)
  slot &= mask
  while (load<u32>(slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask
  store<u32>(slots + (<usize>slot << 2), code)
}

/** Room in the table's memory for `length` bytes of text that is still being made; good until the next string is entered. */
export function freeText(table: usize, length: i32): usize {
  const used = load<u32>(table, TEXT_HEAP_USED)
  if (used + <u32>length > load<u32>(table, TEXT_HEAP_CAPACITY)) growTable(table, load<i32>(table, TEXT_COUNT), used + length)
  return <usize>load<u32>(table, TEXT_HEAP) + used
}

/** Fills cleared slots from the entries; the host calls it after it has enlarged them. */
export function rehashText(table: usize): void {
  const count = load<i32>(table, TEXT_COUNT)
  for (let code = 0; code < count; code++) fillSlot(table, searchStart(entryOf(table, code)), code + 1)
}

// @ts-ignore: decorator
@inline
function entryOf(table: usize, code: i32): usize {
  return <usize>load<u32>(table, TEXT_ENTRIES) + <usize>code * TEXT_ENTRY_BYTES
}

/** Address of a code's bytes; good until the next string is entered. */
// @ts-ignore: decorator
@inline
export function textPtr(table: usize, code: i32): usize {
  return <usize>load<u32>(table, TEXT_HEAP) + load<u32>(entryOf(table, code), TEXT_ENTRY_OFFSET)
}

// @ts-ignore: decorator
@inline
export function textLength(table: usize, code: i32): i32 {
  return load<i32>(entryOf(table, code), TEXT_ENTRY_LENGTH)
}

// @ts-ignore: decorator
@inline
export function textHash(table: usize, code: i32): u32 {
  return load<u32>(entryOf(table, code), TEXT_ENTRY_HASH)
}

/**
 * Turns codes of a dictionary into those of the table, in place; a string is entered when it first comes. String k is
 * `bytes[offsets[k] … offsets[k + 1])`; `codes`: u32 code + 1 by the dictionary's, 0 = not entered. Nulls become 0;
 * `validity` 0 = there are none.
 */
export function enterCodes(
  table: usize, values: usize, validity: usize, n: i32, offsets: usize, bytes: usize, codes: usize,
): void {
  for (let i = 0; i < n; i++, values += 4) {
    let code: u32 = 1
    if (!validity || (load<u8>(validity + (i >> 3)) >> <u8>(i & 7)) & 1) {
      const string = <usize>load<u32>(values) << 2
      code = load<u32>(codes + string)
      if (!code) {
        const start = load<u32>(offsets + string)
        code = <u32>internText(table, bytes + start, load<u32>(offsets + string, 4) - start) + 1
        store<u32>(codes + string, code)
      }
    }
    store<u32>(values, code - 1)
  }
}
