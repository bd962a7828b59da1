// Finding groups without hashing, where keys are small integers, bools or text codes: by their place in a map (direct-map.ts).
// Where one update is all that is done with the groups, it is done in the same pass.
// Invariant: new groups are entered in the order of the rows; no row is updated twice, whatever grows on the way.
import { fitVector, firstPane, isOnePane, paneSizeOf, paneSlot, plainKeys, refill } from './direct-map'
import { bitAt, firstKeyOf, registerAt, rowAt, selectedCount, selectedRows, writeKeyRow } from './group-keys'
import { insertGroup } from './group-table'
import { wordsOf } from './group-values'
import {
  DIRECT_KEYS_MAX, DIRECT_OFF, DIRECT_RANGE_BYTES, DIRECT_RANGE_COUNT, DIRECT_RANGE_LEAST, FRAME_VECTOR_ROWS, GROUP_DIRECT,
  GROUP_DIRECT_FIRST_PANE, GROUP_DIRECT_MAP, GROUP_DIRECT_PANE_ENTRIES, GROUP_DIRECT_RANGES, GROUP_HAS_UNBEGUN,
  GROUP_IS_EXACT, GROUP_STATES, GROUP_STATE_BYTES, GROUP_VECTORS, GROUP_VECTOR_KEY, GROUP_VECTOR_PANES, GROUP_VECTOR_PLACES,
  GROUP_VECTOR_STATES, GROUP_VECTOR_VALUES, INSTRUCTION_BYTES, REGISTER_VALIDITY, REGISTER_VALUES,
} from './portable/layout'
import {
  AGGREGATE_COUNT, AGGREGATE_STATISTICS, GROUP_KEY_BOOL, GROUP_KEY_I32, GROUP_OPCODE_FIRST, NO_REGISTER, STATISTICS_EXTREMES,
} from './portable/group-opcodes'
import { addExactly, addPlaced, beginStatistics } from './statistics'

/** Whether the update behind the last `findDirect` is done already; whoever reads it sets it back. */
let isAdded = false
export function takeAdded(): bool {
  const wasAdded = isAdded
  isAdded = false
  return wasAdded
}

/** Where the selected rows' entries are: map + 4 × place, the places side by side. */
let map: usize = 0
let places: usize = 0

/** Finds the groups of the selected rows; false: the map cannot be used. */
export function findDirect(frame: usize, table: usize, find: usize): bool {
  if (load<u32>(table, GROUP_DIRECT) == DIRECT_OFF) return false
  const n = selectedCount(frame)
  if (n == 0) return true
  if (!isDirect(find) || !fitVector(frame, table, find)) {
    store<u32>(table, DIRECT_OFF, GROUP_DIRECT)
    return false
  }
  placeRows(frame, table, find)
  isAdded = addAll(frame, table, find, n)
  // A growth of the table moves all state rows: then once more from the first row, when all groups are there.
  if (!isAdded) while (!locate(frame, table, find, n)) refill(frame, table, find)
  return true
}

/** Whether keys and pane are of kinds that a map can have entries for. */
function isDirect(find: usize): bool {
  const numKeys = <u32>load<u16>(find, 4)
  if (<i32>numKeys > DIRECT_KEYS_MAX) return false
  let key = firstKeyOf(find)
  for (let k: u32 = 0; k < numKeys; k++, key += INSTRUCTION_BYTES) {
    const op = <u32>load<u16>(key)
    if (op != GROUP_KEY_I32 && op != GROUP_KEY_BOOL) return false
  }
  return !load<u16>(find, 6) || load<u16>(key, 6) != NO_REGISTER
}

function placeRows(frame: usize, table: usize, find: usize): void {
  map = <usize>load<u32>(table, GROUP_DIRECT_MAP)
  const isInOnePane = !load<u16>(find, 6) || isOnePane
  if (load<u16>(find, 6) && isOnePane) {
    map += <usize>(paneSlot(table, firstPane, paneSizeOf(frame, find)) * load<u32>(table, GROUP_DIRECT_PANE_ENTRIES)) << 2
  }
  if (load<u16>(find, 4) == 1 && isInOnePane && plainKeys) {
    // The keys are the places but for where they begin.
    places = plainKeys
    map -= <usize>load<i32>(table, GROUP_DIRECT_RANGES + DIRECT_RANGE_LEAST) << 2
  } else {
    places = <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_PLACES
    writePlaces(frame, table, find)
  }
}

// @ts-ignore: decorator
@inline
function entryOf(i: i32): usize {
  return map + (<usize>load<u32>(places + (<usize>i << 2)) << 2)
}

/** Writes the addresses of the state rows; false: the table grew on the way. */
function locate(frame: usize, table: usize, find: usize, n: i32): bool {
  const states = <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_STATES
  const rows = selectedRows(frame)
  for (let i = 0; i < n; i++) {
    const row = rowAt(rows, i)
    const at = entryOf(i)
    let state = load<u32>(at)
    if (!state) {
      state = enter(frame, table, find, row, at)
      if (!state) return false
    }
    store<u32>(states + (row << 2), state)
  }
  return true
}

/**
 * Finds the groups and updates them in one pass, so that the update that follows has nothing left to do; false: that update is
 * not the only one, or takes a closer look at rows than this. It may count all rows, or add an argument that no row lacks to
 * statistics that hold no NaN so far.
 */
function addAll(frame: usize, table: usize, find: usize, n: i32): bool {
  const update = find + INSTRUCTION_BYTES
  const op = <u32>load<u16>(update)
  const a = <u32>load<u16>(update, 4)
  if (load<u16>(update, 8) != NO_REGISTER || <i32>load<u16>(update, INSTRUCTION_BYTES) >= GROUP_OPCODE_FIRST) return false
  const flags = <u32>load<u16>(update, 10)
  const rows = selectedRows(frame)
  let values: usize = 0
  if (op == AGGREGATE_COUNT) {
    if (a != NO_REGISTER) return false
  } else {
    if (!ASC_FEATURE_SIMD || op != AGGREGATE_STATISTICS || load<u32>(table, GROUP_HAS_UNBEGUN) ||
      load<u32>(table, GROUP_IS_EXACT) || load<u32>(registerAt(frame, a), REGISTER_VALIDITY)) return false
    values = wordsOf(frame, a, load<u16>(update, 12), rows, n, <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_VALUES)
  }
  const offset = <usize>load<u16>(update, 2)
  for (let i = 0; ;) {
    if (!ASC_FEATURE_SIMD || !values) i = countPlaced(offset, i, n)
    else if (!load<u32>(table, GROUP_IS_EXACT)) i = addPlaced(flags, offset, map, places, values, i, n)
    if (i == n) break
    const entry = entryOf(i)
    const isNew = !load<u32>(entry)
    if (isNew && !enter(frame, table, find, rowAt(rows, i), entry)) refill(frame, table, find)
    if (!values) continue
    const value = values + (<usize>i << 3)
    const x = load<f64>(value)
    if (flags & STATISTICS_EXTREMES && x != x) store<u32>(table, 1, GROUP_IS_EXACT)
    if (!load<u32>(table, GROUP_IS_EXACT)) beginStatistics(flags, <usize>load<u32>(entry) + offset, x)
    else {
      // From the first NaN on, row by row; the vectors that follow go another way.
      addExactly(flags, offset, entry, value, 1)
      i++
    }
  }
  return true
}

/** Counts rows [`i`, `n`) up to the first whose group is not there: returns that row, or `n`. */
function countPlaced(offset: usize, i: i32, n: i32): i32 {
  for (; i < n; i++) {
    const state = <usize>load<u32>(entryOf(i))
    if (!state) break
    store<f64>(state + offset, load<f64>(state + offset) + 1)
  }
  return i
}

/** Enters the group of a row; the address of its state row, or 0 where the table grew. */
function enter(frame: usize, table: usize, find: usize, row: usize, entry: usize): u32 {
  const key = <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_KEY
  writeKeyRow(frame, find, row, isOnePane ? firstPane : NaN, key)
  const states = load<u32>(table, GROUP_STATES)
  const id = insertGroup(table, key)
  if (load<u32>(table, GROUP_STATES) != states) return 0
  const state = states + id * load<u32>(table, GROUP_STATE_BYTES)
  store<u32>(entry, state)
  return state
}

/**
 * Writes the places of the selected rows, side by side: pane slot, if there are several, × entries of a pane + Σ (key − least) ×
 * stride.
 */
function writePlaces(frame: usize, table: usize, find: usize): void {
  const rows = selectedRows(frame)
  const n = selectedCount(frame)
  const end = load<i32>(frame, FRAME_VECTOR_ROWS)
  const numKeys = <u32>load<u16>(find, 4)
  if (load<u16>(find, 6) && !isOnePane) {
    const panes = <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_PANES
    const size = paneSizeOf(frame, find)
    const entries = load<u32>(table, GROUP_DIRECT_PANE_ENTRIES)
    if (ASC_FEATURE_SIMD && !rows) {
      const first = v128.load64_splat(table + GROUP_DIRECT_FIRST_PANE)
      const sizes = f64x2.splat(size)
      const factor = i32x4.splat(entries)
      for (let row = 0; row < end; row += 4) {
        const at = panes + (<usize>row << 3)
        const low = f64x2.nearest(f64x2.div(f64x2.sub(v128.load(at), first), sizes))
        const high = f64x2.nearest(f64x2.div(f64x2.sub(v128.load(at, 16), first), sizes))
        const slots = v128.shuffle<i32>(i32x4.trunc_sat_f64x2_u_zero(low), i32x4.trunc_sat_f64x2_u_zero(high), 0, 1, 4, 5)
        v128.store(places + (<usize>row << 2), i32x4.mul(slots, factor))
      }
    } else {
      for (let i = 0; i < n; i++) {
        const row = rowAt(rows, i)
        store<u32>(places + (<usize>i << 2), paneSlot(table, load<f64>(panes + (row << 3)), size) * entries)
      }
    }
  } else memory.fill(places, 0, <usize>end << 2)
  let key = firstKeyOf(find)
  let range = table + GROUP_DIRECT_RANGES
  let stride: u32 = 1
  for (let k: u32 = 0; k < numKeys; k++, key += INSTRUCTION_BYTES, range += DIRECT_RANGE_BYTES) {
    addKeyPlaces(frame, key, load<i32>(range, DIRECT_RANGE_LEAST), load<u32>(range, DIRECT_RANGE_COUNT), stride, places)
    stride *= load<u32>(range, DIRECT_RANGE_COUNT) + 1
  }
}

function addKeyPlaces(frame: usize, key: usize, first: i32, count: u32, stride: u32, places: usize): void {
  const register = registerAt(frame, load<u16>(key, 4))
  const values = <usize>load<u32>(register, REGISTER_VALUES)
  const validity = <usize>load<u32>(register, REGISTER_VALIDITY)
  const rows = selectedRows(frame)
  const n = selectedCount(frame)
  const isBool = load<u16>(key) == GROUP_KEY_BOOL
  if (ASC_FEATURE_SIMD && !rows && !validity && !isBool) {
    const firsts = i32x4.splat(first)
    const strides = i32x4.splat(stride)
    for (let at: usize = 0, end = <usize>n << 2; at < end; at += 16) {
      const part = i32x4.mul(i32x4.sub(v128.load(values + at), firsts), strides)
      v128.store(places + at, i32x4.add(v128.load(places + at), part))
    }
    return
  }
  for (let i = 0; i < n; i++) {
    const row = rowAt(rows, i)
    const at = places + (<usize>i << 2)
    let value: u32 = count
    if (!validity || bitAt(validity, row)) value = (isBool ? <i32>load<u8>(values + row) : load<i32>(values + (row << 2))) - first
    store<u32>(at, load<u32>(at) + value * stride)
  }
}
