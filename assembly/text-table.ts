// The text table: the distinct strings of one task or one state store, numbered by first appearance. Layout: portable/layout.ts.
// Invariant: equal codes ⇔ equal bytes, so text compares, groups and joins as integers from here on.
import { growTable } from './host'
import { hashBytes } from './hash'
import {
  TEXT_CAPACITY, TEXT_COUNT, TEXT_ENTRIES, TEXT_ENTRY_BYTES, TEXT_ENTRY_HASH, TEXT_ENTRY_LENGTH, TEXT_ENTRY_MEMO,
  TEXT_ENTRY_OFFSET, TEXT_HEAP, TEXT_HEAP_CAPACITY, TEXT_HEAP_USED, TEXT_SLOTS, TEXT_SLOT_MASK,
} from './portable/layout'

/**
 * The code of `length` bytes of UTF-8 at `ptr`, entered if new. May move the table's memory; `ptr` must not lie in it
 * unless the string is there already.
 */
export function internText(table: usize, ptr: usize, length: i32): i32 {
  return internHashed(table, ptr, length, hashBytes(ptr, length))
}

/** The same for a caller that has the hash. */
export function internHashed(table: usize, ptr: usize, length: i32, hash: u32): i32 {
  const mask = load<u32>(table, TEXT_SLOT_MASK)
  const slots = <usize>load<u32>(table, TEXT_SLOTS)
  const entries = <usize>load<u32>(table, TEXT_ENTRIES)
  const heap = <usize>load<u32>(table, TEXT_HEAP)
  let slot = hash & mask
  for (;;) {
    const code = load<u32>(slots + (<usize>slot << 2))
    if (code == 0) break
    const entry = entries + <usize>(code - 1) * TEXT_ENTRY_BYTES
    if (load<u32>(entry, TEXT_ENTRY_HASH) == hash && load<u32>(entry, TEXT_ENTRY_LENGTH) == <u32>length &&
      memory.compare(heap + load<u32>(entry, TEXT_ENTRY_OFFSET), ptr, length) == 0) return <i32>code - 1
    slot = (slot + 1) & mask
  }
  return appendText(table, ptr, length, hash, slot)
}

function appendText(table: usize, ptr: usize, length: i32, hash: u32, slot: u32): i32 {
  const count = load<u32>(table, TEXT_COUNT)
  const used = load<u32>(table, TEXT_HEAP_USED)
  if (count == load<u32>(table, TEXT_CAPACITY) || used + <u32>length > load<u32>(table, TEXT_HEAP_CAPACITY)) {
    growTable(table, count + 1, used + length)
    // The slots have been laid anew: look for the free one again.
    const mask = load<u32>(table, TEXT_SLOT_MASK)
    slot = hash & mask
    while (load<u32>(<usize>load<u32>(table, TEXT_SLOTS) + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask
  }
  const entry = <usize>load<u32>(table, TEXT_ENTRIES) + <usize>count * TEXT_ENTRY_BYTES
  store<u32>(entry, hash, TEXT_ENTRY_HASH)
  store<u32>(entry, used, TEXT_ENTRY_OFFSET)
  store<u32>(entry, length, TEXT_ENTRY_LENGTH)
  store<u32>(entry, 0, TEXT_ENTRY_MEMO)
  memory.copy(<usize>load<u32>(table, TEXT_HEAP) + used, ptr, length)
  store<u32>(<usize>load<u32>(table, TEXT_SLOTS) + (<usize>slot << 2), count + 1)
  store<u32>(table, count + 1, TEXT_COUNT)
  store<u32>(table, used + length, TEXT_HEAP_USED)
  return <i32>count
}

/** Fills cleared slots from the entries; the host calls it after it has enlarged them. */
export function rehashText(table: usize): void {
  const mask = load<u32>(table, TEXT_SLOT_MASK)
  const slots = <usize>load<u32>(table, TEXT_SLOTS)
  const count = load<u32>(table, TEXT_COUNT)
  let entry = <usize>load<u32>(table, TEXT_ENTRIES)
  for (let code: u32 = 1; code <= count; code++) {
    let slot = load<u32>(entry, TEXT_ENTRY_HASH) & mask
    while (load<u32>(slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask
    store<u32>(slots + (<usize>slot << 2), code)
    entry += TEXT_ENTRY_BYTES
  }
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
 * Enters every entry of a block's dictionary and writes its code: codes[i] for `bytes[offsets[i] … offsets[i + 1])`.
 * A slice whose entries are few of many may leave some out: `used` is a byte per entry, or 0 for all.
 */
export function internDictionary(table: usize, offsets: usize, bytes: usize, count: i32, used: usize, codes: usize): void {
  for (let i = 0; i < count; i++) {
    if (used && !load<u8>(used + i)) continue
    const start = load<u32>(offsets + (<usize>i << 2))
    const end = load<u32>(offsets + (<usize>i << 2), 4)
    store<i32>(codes + (<usize>i << 2), internText(table, bytes + start, end - start))
  }
}

/** values[i] = codes[values[i]] where row i is valid, else 0. `validity` 0 = all are. */
export function remapCodes(values: usize, validity: usize, n: i32, codes: usize): void {
  for (let i = 0; i < n; i++) {
    const at = values + (<usize>i << 2)
    const valid = !validity || (load<u8>(validity + (i >> 3)) >> <u8>(i & 7)) & 1
    store<i32>(at, valid ? load<i32>(codes + (<usize>load<u32>(at) << 2)) : 0)
  }
}
