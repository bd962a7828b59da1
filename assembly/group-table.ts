// The group table: an open-addressed hash table from key rows to dense group ids in order of first appearance. Layout:
// portable/layout.ts.
// Invariant: a group's id depends on the order of the data alone, its partition on its key's content alone; its slot is
// nobody's business.
import { combineHash, hashWord, mixHash, mixLongWord, mixShortWord } from './hash'
import { growTable } from './host'
import {
  GROUP_CAPACITY, GROUP_COUNT, GROUP_ENTRIES, GROUP_ENTRY_BYTES, GROUP_ENTRY_PARTITION, GROUP_HAS_NULL_KEY, GROUP_HAS_PANE,
  GROUP_HAS_PANES, GROUP_KEYS, GROUP_KEY_BYTES, GROUP_SHORT_KEYS, GROUP_SLOTS, GROUP_SLOTTED, GROUP_SLOT_MASK, GROUP_STATES,
  GROUP_STATE_BYTES, GROUP_TEXT_KEYS, GROUP_TEXT_TABLE, GROUP_VECTORS, GROUP_VECTOR_KEY, GROUP_VECTOR_STATES, SLOTS_DIRTY,
  VECTOR_ROWS,
} from './portable/layout'
import { textHash } from './text-table'

const NULL_HASH: u32 = 0x6e756c6c

/** Id of the group of a key row whose hash is `hash`, entered if it is new. The slots must be filled. */
export function findOrInsert(table: usize, key: usize, hash: u32): u32 {
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  const slots = <usize>load<u32>(table, GROUP_SLOTS)
  const mask = load<u32>(table, GROUP_SLOT_MASK)
  const keys = <usize>load<u32>(table, GROUP_KEYS)
  let slot = hash & mask
  let at = slots + (<usize>slot << 3)
  for (let found = load<u32>(at, 4); found; found = load<u32>(at, 4)) {
    if (load<u32>(at) == hash && sameKey(keys + <usize>(found - 1) * keyBytes, key, keyBytes)) return found - 1
    slot = (slot + 1) & mask
    at = slots + (<usize>slot << 3)
  }
  const id = insertGroup(table, key)
  if (load<u32>(table, GROUP_SLOTTED) == SLOTS_DIRTY) {
    slotGroups(table)
  } else {
    store<u32>(at, hash)
    store<u32>(at, id + 1, 4)
    store<u32>(table, id + 1, GROUP_SLOTTED)
  }
  return id
}

/** Where a key row belongs in the slots: of its words as they are, codes and pane too; nobody outside sees it. */
function hashKeyRow(table: usize, key: usize): u32 {
  const shortKeys = load<u64>(table, GROUP_SHORT_KEYS)
  const words = load<u32>(table, GROUP_KEY_BYTES) >> 3
  let hash: u32 = 0
  for (let k: u32 = 0; k < words - 1; k++) {
    const word = load<u64>(key + (<usize>k << 3), 8)
    // A pane's word is long; it lies where the next key would, whose bit is 0.
    hash = shortKeys >> k & 1 ? mixShortWord(hash, <u32>word) : mixLongWord(hash, word)
  }
  return hash
}

/** Hash of the key without the pane, of the values alone: text by its bytes. */
function hashKeyContent(table: usize, key: usize): u32 {
  const textKeys = load<u64>(table, GROUP_TEXT_KEYS)
  const text = <usize>load<u32>(table, GROUP_TEXT_TABLE)
  const nulls = load<u64>(key)
  const numKeys = (load<u32>(table, GROUP_KEY_BYTES) >> 3) - 1 - load<u32>(table, GROUP_HAS_PANE)
  let hash: u32 = 0
  for (let i: u32 = 0; i < numKeys; i++) {
    const word = load<u64>(key + (<usize>(i + 1) << 3))
    const bit = <u64>1 << i
    const part = nulls & bit ? NULL_HASH : textKeys & bit ? textHash(text, <i32>word) : hashWord(word)
    hash = combineHash(hash, part)
  }
  return mixHash(hash)
}

// @ts-ignore: decorator
@inline
export function sameKey(a: usize, b: usize, bytes: usize): bool {
  let offset: usize = 0
  do {
    if (load<u64>(a + offset) != load<u64>(b + offset)) return false
    offset += 8
  } while (offset < bytes)
  return true
}

/** Enters a new group; the slots do not know it yet. */
export function insertGroup(table: usize, key: usize): u32 {
  const id = load<u32>(table, GROUP_COUNT)
  if (id == load<u32>(table, GROUP_CAPACITY)) growTable(table, <i32>id + 1, 0)
  // Word by word: a bulk operation costs more than a row of a few words.
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  const keys = <usize>load<u32>(table, GROUP_KEYS)
  const keyRow = keys + <usize>id * keyBytes
  for (let offset: usize = 0; offset < keyBytes; offset += 8) store<u64>(keyRow + offset, load<u64>(key + offset))
  const stateBytes = <usize>load<u32>(table, GROUP_STATE_BYTES)
  const stateRow = <usize>load<u32>(table, GROUP_STATES) + <usize>id * stateBytes
  for (let offset: usize = 0; offset < stateBytes; offset += 8) store<u64>(stateRow + offset, 0)
  const entry = <usize>load<u32>(table, GROUP_ENTRIES) + <usize>id * GROUP_ENTRY_BYTES
  store<u32>(entry, hashKeyContent(table, key), GROUP_ENTRY_PARTITION)
  if (load<u64>(key)) store<u32>(table, 1, GROUP_HAS_NULL_KEY)
  if (load<u32>(table, GROUP_HAS_PANE) && load<u64>(key + keyBytes - 8) != load<u64>(keys + keyBytes - 8)) {
    store<u32>(table, 1, GROUP_HAS_PANES)
  }
  store<u32>(table, id + 1, GROUP_COUNT)
  return id
}

function freeSlot(table: usize, hash: u32): usize {
  const slots = <usize>load<u32>(table, GROUP_SLOTS)
  const mask = load<u32>(table, GROUP_SLOT_MASK)
  let slot = hash & mask
  while (load<u32>(slots + (<usize>slot << 3), 4)) slot = (slot + 1) & mask
  return slots + (<usize>slot << 3)
}

/**
 * Without keys and pane: every row is of group 0, which is entered if need be, even where no row is. Its address is written for
 * all rows of a vector once, since no other group ever comes and nothing grows.
 */
export function findOnlyGroup(table: usize): void {
  if (load<u32>(table, GROUP_COUNT)) return
  const vectors = <usize>load<u32>(table, GROUP_VECTORS)
  store<u64>(vectors, 0, GROUP_VECTOR_KEY)
  insertGroup(table, vectors + GROUP_VECTOR_KEY)
  const state = load<u32>(table, GROUP_STATES)
  for (let row = 0; row < VECTOR_ROWS; row++) store<u32>(vectors + (<usize>row << 2), state, GROUP_VECTOR_STATES)
}

/** Whether the table is of an aggregation without keys and pane. */
// @ts-ignore: decorator
@inline
export function hasOnlyGroup(table: usize): bool {
  return load<u32>(table, GROUP_KEY_BYTES) == 8
}

/** Enters the groups that the slots do not know yet; all, where they are dirty. */
export function slotGroups(table: usize): void {
  let id = load<u32>(table, GROUP_SLOTTED)
  if (id == SLOTS_DIRTY) {
    memory.fill(<usize>load<u32>(table, GROUP_SLOTS), 0, (<usize>load<u32>(table, GROUP_SLOT_MASK) + 1) << 3)
    id = 0
  }
  const count = load<u32>(table, GROUP_COUNT)
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  let key = <usize>load<u32>(table, GROUP_KEYS) + <usize>id * keyBytes
  for (; id < count; id++, key += keyBytes) {
    const hash = hashKeyRow(table, key)
    const slot = freeSlot(table, hash)
    store<u32>(slot, hash)
    store<u32>(slot, id + 1, 4)
  }
  store<u32>(table, count, GROUP_SLOTTED)
}

/**
 * Gives the groups places by partition, ascending within each: those of partition p are [ends[p − 1], ends[p]).
 * `places` has room for all groups, `ends` for `partitions` u32.
 */
export function partitionGroups(table: usize, partitions: i32, places: usize, ends: usize): void {
  const count = load<u32>(table, GROUP_COUNT)
  const entries = <usize>load<u32>(table, GROUP_ENTRIES)
  memory.fill(ends, 0, <usize>partitions << 2)
  for (let id: u32 = 0; id < count; id++) {
    const end = ends + partitionOffset(entries, id, partitions)
    store<u32>(end, load<u32>(end) + 1)
  }
  // Counts become starts; giving the places moves each start to its partition's end.
  let start: u32 = 0
  for (let p = 0; p < partitions; p++) {
    const at = ends + (<usize>p << 2)
    const size = load<u32>(at)
    store<u32>(at, start)
    start += size
  }
  for (let id: u32 = 0; id < count; id++) {
    const end = ends + partitionOffset(entries, id, partitions)
    const at = load<u32>(end)
    store<u32>(places + (<usize>id << 2), at)
    store<u32>(end, at + 1)
  }
}

// @ts-ignore: decorator
@inline
function partitionOffset(entries: usize, id: u32, partitions: i32): usize {
  return <usize>(load<u32>(entries + <usize>id * GROUP_ENTRY_BYTES, GROUP_ENTRY_PARTITION) % <u32>partitions) << 2
}
