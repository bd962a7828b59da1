// The group table: an open-addressed hash table from key rows to dense group ids in order of first appearance. Layout:
// portable/layout.ts.
// Invariant: a group's id depends on the order of the data alone, its partition on its key's content alone; its slot is
// nobody's business.
import { combineHash, hashWord, mixHash } from './hash'
import { growTable } from './host'
import { selectedCount } from './group-keys'
import {
  GROUP_CAPACITY, GROUP_COUNT, GROUP_ENTRIES, GROUP_ENTRY_BYTES, GROUP_ENTRY_PARTITION, GROUP_HAS_PANE, GROUP_KEYS,
  GROUP_KEY_BYTES, GROUP_SLOTS, GROUP_SLOT_MASK, GROUP_STATES, GROUP_STATE_BYTES, GROUP_TEXT_KEYS, GROUP_TEXT_TABLE,
  GROUP_VECTORS, GROUP_VECTOR_IDS, GROUP_VECTOR_KEYS, GROUP_VECTOR_STATES,
} from './portable/layout'
import { textHash } from './text-table'

const NULL_HASH: u32 = 0x6e756c6c

/** Turns the key rows of the vector into group ids and state rows, entering new groups. */
export function findGroups(frame: usize, table: usize): void {
  const n = selectedCount(frame)
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  const vectors = <usize>load<u32>(table, GROUP_VECTORS)
  let slots = <usize>load<u32>(table, GROUP_SLOTS)
  let mask = load<u32>(table, GROUP_SLOT_MASK)
  let keys = <usize>load<u32>(table, GROUP_KEYS)
  let key = vectors + GROUP_VECTOR_KEYS
  for (let i = 0; i < n; i++) {
    const hash = hashKeyRow(key, keyBytes)
    let slot = hash & mask
    let id: u32 = 0
    for (;;) {
      const at = slots + (<usize>slot << 3)
      id = load<u32>(at, 4)
      if (!id) {
        id = insertGroup(table, key, keyBytes, hash, at) + 1
        slots = <usize>load<u32>(table, GROUP_SLOTS)
        mask = load<u32>(table, GROUP_SLOT_MASK)
        keys = <usize>load<u32>(table, GROUP_KEYS)
        break
      }
      if (load<u32>(at) == hash && sameKey(keys + <usize>(id - 1) * keyBytes, key, keyBytes)) break
      slot = (slot + 1) & mask
    }
    store<u32>(vectors + (<usize>i << 2), id - 1, GROUP_VECTOR_IDS)
    key += keyBytes
  }
  locateStates(table, vectors, n)
}

/** From ids to addresses, once the vector's groups are all there: growing moves the rows. */
function locateStates(table: usize, vectors: usize, n: i32): void {
  const states = load<u32>(table, GROUP_STATES)
  const bytes = load<u32>(table, GROUP_STATE_BYTES)
  for (let i = 0; i < n; i++) {
    const at = vectors + (<usize>i << 2)
    store<u32>(at, states + load<u32>(at, GROUP_VECTOR_IDS) * bytes, GROUP_VECTOR_STATES)
  }
}

/** Where a key row belongs in the slots: of its words as they are, codes and pane too; nobody outside sees it. */
// @ts-ignore: decorator
@inline
function hashKeyRow(key: usize, bytes: usize): u32 {
  let hash: u32 = 0
  for (let offset: usize = 8; offset < bytes; offset += 8) {
    const word = load<u64>(key + offset)
    hash = (hash ^ <u32>word) * 0x9e3779b1
    hash = (hash ^ (hash >> 15) ^ <u32>(word >> 32)) * 0x85ebca77
  }
  return hash ^ (hash >> 16)
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
function sameKey(a: usize, b: usize, bytes: usize): bool {
  let offset: usize = 0
  do {
    if (load<u64>(a + offset) != load<u64>(b + offset)) return false
    offset += 8
  } while (offset < bytes)
  return true
}

/** @param slot address of the free slot where it belongs, unless the table grows. */
function insertGroup(table: usize, key: usize, keyBytes: usize, hash: u32, slot: usize): u32 {
  const id = load<u32>(table, GROUP_COUNT)
  if (id == load<u32>(table, GROUP_CAPACITY)) {
    growTable(table, <i32>id + 1, 0)
    slot = freeSlot(table, hash)
  }
  // Word by word: a bulk operation costs more than a row of a few words.
  const keyRow = <usize>load<u32>(table, GROUP_KEYS) + <usize>id * keyBytes
  for (let offset: usize = 0; offset < keyBytes; offset += 8) store<u64>(keyRow + offset, load<u64>(key + offset))
  const stateBytes = <usize>load<u32>(table, GROUP_STATE_BYTES)
  const stateRow = <usize>load<u32>(table, GROUP_STATES) + <usize>id * stateBytes
  for (let offset: usize = 0; offset < stateBytes; offset += 8) store<u64>(stateRow + offset, 0)
  const entry = <usize>load<u32>(table, GROUP_ENTRIES) + <usize>id * GROUP_ENTRY_BYTES
  store<u32>(entry, hashKeyContent(table, key), GROUP_ENTRY_PARTITION)
  store<u32>(slot, hash)
  store<u32>(slot, id + 1, 4)
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

/** Without keys and pane: every row is of group 0, which is entered if need be, even where no row is. */
export function findOnlyGroup(frame: usize, table: usize): void {
  const vectors = <usize>load<u32>(table, GROUP_VECTORS)
  if (!load<u32>(table, GROUP_COUNT)) {
    store<u64>(vectors, 0, GROUP_VECTOR_KEYS)
    insertGroup(table, vectors + GROUP_VECTOR_KEYS, 8, 0, freeSlot(table, 0))
  }
  const n = selectedCount(frame)
  memory.fill(vectors + GROUP_VECTOR_IDS, 0, <usize>n << 2)
  locateStates(table, vectors, n)
}

/** Clears the slots and fills them from the key rows: after a growth. */
export function rehashGroups(table: usize): void {
  memory.fill(<usize>load<u32>(table, GROUP_SLOTS), 0, (<usize>load<u32>(table, GROUP_SLOT_MASK) + 1) << 3)
  const count = load<u32>(table, GROUP_COUNT)
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  let key = <usize>load<u32>(table, GROUP_KEYS)
  for (let id: u32 = 1; id <= count; id++) {
    const hash = hashKeyRow(key, keyBytes)
    const slot = freeSlot(table, hash)
    store<u32>(slot, hash)
    store<u32>(slot, id, 4)
    key += keyBytes
  }
}

/**
 * Lists the groups by partition, ascending within each: ids of partition p are `ids[ends[p − 1] … ends[p])`.
 * `ids` has room for all groups, `ends` for `partitions` u32.
 */
export function partitionGroups(table: usize, partitions: i32, ids: usize, ends: usize): void {
  const count = load<u32>(table, GROUP_COUNT)
  const entries = <usize>load<u32>(table, GROUP_ENTRIES)
  memory.fill(ends, 0, <usize>partitions << 2)
  for (let id: u32 = 0; id < count; id++) {
    const end = ends + partitionOffset(entries, id, partitions)
    store<u32>(end, load<u32>(end) + 1)
  }
  // Counts become starts; writing the ids moves each start to its partition's end.
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
    store<u32>(ids + (<usize>at << 2), id)
    store<u32>(end, at + 1)
  }
}

// @ts-ignore: decorator
@inline
function partitionOffset(entries: usize, id: u32, partitions: i32): usize {
  return <usize>(load<u32>(entries + <usize>id * GROUP_ENTRY_BYTES, GROUP_ENTRY_PARTITION) % <u32>partitions) << 2
}
