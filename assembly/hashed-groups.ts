// Finding groups by hash, for keys of any kind and number. A vector at a time: all hashes, then all probes (independent loads
// that overlap), then the keys compared column by column; what was not found that way goes row by row.
// Invariant: a candidate is taken only if its whole key row is the row's: by comparison, or because the hash of a single short
// key is a permutation of its values.
import {
  bitAt, firstKeyOf, floatWord, keyWord, onlyPane, paneOfRow, registerAt, rowAt, selectedCount, selectedRows, valuesAt,
  writeKeyRow,
} from './group-keys'
import { findOrInsert, sameKey, slotGroups } from './group-table'
import { MIX_FIRST, MIX_SECOND, mixLongWord, mixShortWord } from './hash'
import {
  FRAME_VECTOR_ROWS, GROUP_HAS_NULL_KEY, GROUP_HAS_PANES, GROUP_KEYS, GROUP_KEY_BYTES, GROUP_SHORT_KEYS, GROUP_SLOTS,
  GROUP_SLOT_MASK, GROUP_STATES, GROUP_STATE_BYTES, GROUP_VECTORS, GROUP_VECTOR_IDS, GROUP_VECTOR_KEY, GROUP_VECTOR_PLACES,
  GROUP_VECTOR_STATES, INSTRUCTION_BYTES, REGISTER_VALIDITY, REGISTER_VALUES,
} from './portable/layout'
import { GROUP_KEY_I32 } from './portable/group-opcodes'

/** Finds the groups of the selected rows. */
export function findHashed(frame: usize, table: usize, find: usize): void {
  slotGroups(table)
  const n = selectedCount(frame)
  const vectors = <usize>load<u32>(table, GROUP_VECTORS)
  hashVector(frame, table, find, vectors + GROUP_VECTOR_PLACES)
  probe(frame, table, vectors, n)
  const mayBeNull = load<u32>(table, GROUP_HAS_NULL_KEY) != 0 || hasNullableKey(frame, find)
  if (mayBeNull) compareRows(frame, table, find, vectors, n)
  else compareKeys(frame, table, find, vectors, n)
  enterMissing(frame, table, find, vectors, n)
  locateStates(frame, table, vectors, n)
}

function hasNullableKey(frame: usize, find: usize): bool {
  let key = firstKeyOf(find)
  for (let k = load<u16>(find, 4); k; k--, key += INSTRUCTION_BYTES) {
    if (load<u32>(registerAt(frame, load<u16>(key, 4)), REGISTER_VALIDITY)) return true
  }
  return false
}

/** `onlyPane` of a `groupFind`; NaN where it has no pane. */
function onlyPaneOf(frame: usize, find: usize): f64 {
  return load<u16>(find, 6) ? onlyPane(frame, find - INSTRUCTION_BYTES) : NaN
}

/** Writes the hash of every selected row's key row: `hashKeyRow`, a column at a time. */
function hashVector(frame: usize, table: usize, find: usize, hashes: usize): void {
  const n = selectedCount(frame)
  const rows = selectedRows(frame)
  const numKeys = <u32>load<u16>(find, 4)
  const shortKeys = load<u64>(table, GROUP_SHORT_KEYS)
  memory.fill(hashes, 0, <usize>load<i32>(frame, FRAME_VECTOR_ROWS) << 2)
  let key = firstKeyOf(find)
  for (let k: u32 = 0; k < numKeys; k++, key += INSTRUCTION_BYTES) {
    const register = registerAt(frame, load<u16>(key, 4))
    const values = <usize>load<u32>(register, REGISTER_VALUES)
    const validity = <usize>load<u32>(register, REGISTER_VALIDITY)
    const op = <u32>load<u16>(key)
    if (op == GROUP_KEY_I32 && !rows && !validity) {
      hashI32(values, hashes, n)
      continue
    }
    const isShort = (shortKeys >> k & 1) != 0
    for (let i = 0; i < n; i++) {
      const row = rowAt(rows, i)
      const word = validity && !bitAt(validity, row) ? 0 : keyWord(op, values, row)
      const at = hashes + (row << 2)
      store<u32>(at, isShort ? mixShortWord(load<u32>(at), <u32>word) : mixLongWord(load<u32>(at), word))
    }
  }
  if (!load<u16>(find, 6)) return
  const only = onlyPaneOf(frame, find)
  for (let i = 0; i < n; i++) {
    const row = rowAt(rows, i)
    const at = hashes + (row << 2)
    store<u32>(at, mixLongWord(load<u32>(at), floatWord(only == only ? only : paneOfRow(frame, key, row))))
  }
}

/** `mixShortWord` of a column without nulls. */
function hashI32(values: usize, hashes: usize, n: i32): void {
  const end = <usize>n << 2
  if (ASC_FEATURE_SIMD) {
    const first = i32x4.splat(MIX_FIRST)
    const second = i32x4.splat(MIX_SECOND)
    for (let at: usize = 0; at < end; at += 16) {
      let hash = i32x4.mul(v128.xor(v128.load(hashes + at), v128.load(values + at)), first)
      hash = i32x4.mul(v128.xor(hash, i32x4.shr_u(hash, 15)), second)
      v128.store(hashes + at, v128.xor(hash, i32x4.shr_u(hash, 16)))
    }
  } else {
    for (let at: usize = 0; at < end; at += 4) {
      store<u32>(hashes + at, mixShortWord(load<u32>(hashes + at), load<u32>(values + at)))
    }
  }
}

/**
 * Writes id + 1 of a group with each row's hash, 0 where neither of the first two slots has one: without branches, so that the
 * slots of many rows are on their way at once.
 */
function probe(frame: usize, table: usize, vectors: usize, n: i32): void {
  const rows = selectedRows(frame)
  const slots = <usize>load<u32>(table, GROUP_SLOTS)
  const mask = load<u32>(table, GROUP_SLOT_MASK)
  for (let i = 0; i < n; i++) {
    const at = vectors + (rowAt(rows, i) << 2)
    const hash = load<u32>(at, GROUP_VECTOR_PLACES)
    const slot = load<u64>(slots + (<usize>(hash & mask) << 3))
    const next = load<u64>(slots + (<usize>((hash + 1) & mask) << 3))
    const second = select<u32>(<u32>(next >> 32), 0, <u32>next == hash)
    store<u32>(at, select<u32>(<u32>(slot >> 32), second, <u32>slot == hash), GROUP_VECTOR_IDS)
  }
}

/** Clears the candidates whose key row is another, where keys and groups are without nulls. */
function compareKeys(frame: usize, table: usize, find: usize, vectors: usize, n: i32): void {
  const rows = selectedRows(frame)
  const numKeys = <u32>load<u16>(find, 4)
  const isPaned = load<u16>(find, 6) != 0
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  // Of the group before the first one, so that id + 1 leads to a group's key row.
  const keys = <usize>load<u32>(table, GROUP_KEYS) - keyBytes
  let key = firstKeyOf(find)
  const pane = key + <usize>numKeys * INSTRUCTION_BYTES
  const only = onlyPaneOf(frame, find)
  const isOnePane = !isPaned || !load<u32>(table, GROUP_HAS_PANES) && load<f64>(keys + keyBytes + keyBytes - 8) == only
  // Equal hashes of one short key, in one pane, are equal keys.
  if (numKeys == 1 && isOnePane && load<u64>(table, GROUP_SHORT_KEYS) & 1) return
  for (let k: u32 = 0; k < numKeys; k++, key += INSTRUCTION_BYTES) {
    const values = valuesAt(frame, load<u16>(key, 4))
    const op = <u32>load<u16>(key)
    const offset = <usize>(k + 1) << 3
    for (let i = 0; i < n; i++) {
      const row = rowAt(rows, i)
      const at = vectors + (row << 2)
      const id = load<u32>(at)
      const word = keys + <usize>id * keyBytes + offset
      const isSame = op == GROUP_KEY_I32
        ? load<u32>(word) == load<u32>(values + (row << 2))
        : load<u64>(word) == keyWord(op, values, row)
      store<u32>(at, select<u32>(id, 0, isSame))
    }
  }
  if (isOnePane) return
  for (let i = 0; i < n; i++) {
    const row = rowAt(rows, i)
    const at = vectors + (row << 2)
    const id = load<u32>(at)
    const word = floatWord(only == only ? only : paneOfRow(frame, pane, row))
    store<u32>(at, select<u32>(id, 0, load<u64>(keys + <usize>(id + 1) * keyBytes - 8) == word))
  }
}

/** The same where there may be nulls. */
function compareRows(frame: usize, table: usize, find: usize, vectors: usize, n: i32): void {
  const rows = selectedRows(frame)
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  const keys = <usize>load<u32>(table, GROUP_KEYS) - keyBytes
  const key = vectors + GROUP_VECTOR_KEY
  const only = onlyPaneOf(frame, find)
  for (let i = 0; i < n; i++) {
    const row = rowAt(rows, i)
    const at = vectors + (row << 2)
    const id = load<u32>(at)
    if (!id) continue
    writeKeyRow(frame, find, row, only, key)
    if (!sameKey(keys + <usize>id * keyBytes, key, keyBytes)) store<u32>(at, 0)
  }
}

/** Row by row: enters the groups that are new, and finds those of which another key has the hash. */
function enterMissing(frame: usize, table: usize, find: usize, vectors: usize, n: i32): void {
  const rows = selectedRows(frame)
  const key = vectors + GROUP_VECTOR_KEY
  const only = onlyPaneOf(frame, find)
  for (let i = 0; i < n; i++) {
    const row = rowAt(rows, i)
    const at = vectors + (row << 2)
    if (load<u32>(at)) continue
    writeKeyRow(frame, find, row, only, key)
    store<u32>(at, findOrInsert(table, key, load<u32>(at, GROUP_VECTOR_PLACES)) + 1)
  }
}

/** From ids to addresses, once the vector's groups are all there: growing moves the rows. */
function locateStates(frame: usize, table: usize, vectors: usize, n: i32): void {
  const rows = selectedRows(frame)
  const bytes = load<u32>(table, GROUP_STATE_BYTES)
  const states = load<u32>(table, GROUP_STATES)
  for (let i = 0; i < n; i++) {
    const at = vectors + (rowAt(rows, i) << 2)
    const id = load<u32>(at) - 1
    store<u32>(at, id)
    store<u32>(at, states + id * bytes, GROUP_VECTOR_STATES)
  }
}
