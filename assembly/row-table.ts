// The row table: groups of a state as rows, found by their keys. Layout: portable/group-rows.ts.
// Invariant: a row's number depends on the order of the data alone; keys are compared without the pane, which is the table's.
import {
  ROWS_COUNT, ROWS_FIRST, ROWS_IS_TOUCHED, ROWS_SHAPE, ROWS_SLOTS, ROWS_SLOT_MASK, ROWS_TOUCHED,
  SHAPE_HAS_PANE, SHAPE_KEY_BYTES, SHAPE_ROW_BYTES,
} from './portable/group-rows'

/** Bytes of the key row that are compared: all but the pane. */
// @ts-ignore: decorator
@inline
export function comparedBytes(shape: usize): usize {
  return <usize>(load<u32>(shape, SHAPE_KEY_BYTES) - (load<u32>(shape, SHAPE_HAS_PANE) << 3))
}

/** Of the key words; where it lies in the slots is nobody's business. */
// @ts-ignore: decorator
@inline
export function hashKey(row: usize, bytes: usize): u32 {
  let hash: u32 = 0
  for (let offset: usize = 8; offset < bytes; offset += 8) {
    const word = load<u64>(row + offset)
    hash = (hash ^ <u32>word) * 0x9e3779b1
    hash = (hash ^ (hash >> 15) ^ <u32>(word >> 32)) * 0x85ebca77
  }
  return hash ^ (hash >> 16)
}

// @ts-ignore: decorator
@inline
function sameKey(a: usize, b: usize, bytes: usize): bool {
  let offset: usize = 0
  do {
    if (load<u64>(a + offset) != load<u64>(b + offset)) return false
    offset += 8
  } while (offset < bytes)
  return true
}

/** Where the search for a hash begins. */
// @ts-ignore: decorator
@inline
export function homeSlot(table: usize, hash: u32): usize {
  return <usize>load<u32>(table, ROWS_SLOTS) + (<usize>(hash & load<u32>(table, ROWS_SLOT_MASK)) << 3)
}

/** Address of the slot that holds the key, or of the free one where it belongs. */
// @ts-ignore: decorator
@inline
export function slotOf(table: usize, row: usize, hash: u32, bytes: usize, rowBytes: usize): usize {
  const slots = <usize>load<u32>(table, ROWS_SLOTS)
  const mask = load<u32>(table, ROWS_SLOT_MASK)
  const first = <usize>load<u32>(table, ROWS_FIRST)
  let slot = hash & mask
  let at = slots + (<usize>slot << 3)
  for (let number = load<u32>(at, 4); number; number = load<u32>(at, 4)) {
    if (load<u32>(at) == hash && sameKey(first + <usize>(number - 1) * rowBytes, row, bytes)) break
    slot = (slot + 1) & mask
    at = slots + (<usize>slot << 3)
  }
  return at
}

/** Copies a row into the table, which has room for it and not its key; gives its address. */
export function appendRow(table: usize, row: usize, hash: u32, slot: usize): usize {
  const shape = <usize>load<u32>(table, ROWS_SHAPE)
  const bytes = <usize>load<u32>(shape, SHAPE_ROW_BYTES)
  const count = load<u32>(table, ROWS_COUNT)
  const to = <usize>load<u32>(table, ROWS_FIRST) + <usize>count * bytes
  // Word by word: a bulk operation costs more than a row of a few words.
  for (let offset: usize = 0; offset < bytes; offset += 8) store<u64>(to + offset, load<u64>(row + offset))
  store<u32>(slot, hash)
  store<u32>(slot, count + 1, 4)
  store<u32>(table, count + 1, ROWS_COUNT)
  return to
}

// @ts-ignore: decorator
@inline
export function touchRow(table: usize, number: u32): void {
  const at = <usize>load<u32>(table, ROWS_TOUCHED) + (number >> 3)
  store<u8>(at, <u8>(<u32>load<u8>(at) | (1 << (number & 7))))
}

/** Clears the slots and fills them from the rows: after a growth or a change of text codes. */
export function rehashRows(table: usize): void {
  const slots = <usize>load<u32>(table, ROWS_SLOTS)
  const mask = load<u32>(table, ROWS_SLOT_MASK)
  memory.fill(slots, 0, (<usize>mask + 1) << 3)
  const shape = <usize>load<u32>(table, ROWS_SHAPE)
  const bytes = comparedBytes(shape)
  const rowBytes = <usize>load<u32>(shape, SHAPE_ROW_BYTES)
  const count = load<u32>(table, ROWS_COUNT)
  let row = <usize>load<u32>(table, ROWS_FIRST)
  for (let number: u32 = 1; number <= count; number++) {
    const hash = hashKey(row, bytes)
    let slot = hash & mask
    while (load<u32>(slots + (<usize>slot << 3), 4)) slot = (slot + 1) & mask
    store<u32>(slots + (<usize>slot << 3), hash)
    store<u32>(slots + (<usize>slot << 3), number, 4)
    row += rowBytes
  }
}

/** Lists the numbers of the touched rows, ascending, and clears their bits. Returns how many; `numbers` has room for all rows. */
export function takeTouched(table: usize, numbers: usize): i32 {
  const bits = <usize>load<u32>(table, ROWS_TOUCHED)
  const words = (load<u32>(table, ROWS_COUNT) + 63) >> 6
  let n: usize = 0
  store<u32>(table, 0, ROWS_IS_TOUCHED)
  for (let i: u32 = 0; i < words; i++) {
    const at = bits + (<usize>i << 3)
    let word = load<u64>(at)
    if (!word) continue
    store<u64>(at, 0)
    for (; word; word &= word - 1) store<u32>(numbers + (n++ << 2), (i << 6) + <u32>ctz(word))
  }
  return <i32>n
}

/**
 * The numbers in `table` of the keys of `n` rows at `rows`: those that are there, in no order that means anything. Returns how
 * many; `numbers` has room for `n`.
 */
export function findRows(table: usize, rows: usize, n: i32, numbers: usize): i32 {
  const shape = <usize>load<u32>(table, ROWS_SHAPE)
  const bytes = comparedBytes(shape)
  const rowBytes = <usize>load<u32>(shape, SHAPE_ROW_BYTES)
  let found: usize = 0
  for (let i = 0; i < n; i++) {
    const row = rows + <usize>i * rowBytes
    const number = load<u32>(slotOf(table, row, hashKey(row, bytes), bytes, rowBytes), 4)
    if (number) store<u32>(numbers + (found++ << 2), number - 1)
  }
  return <i32>found
}
