// Finding groups without hashing, where keys are small integers, bools or text codes: a map with an entry for every combination
// of keys and panes that there can be.
// Invariant: the map holds all groups of the table, or is not used: it is made larger when a key or pane lies outside, and given
// up for the rest of the table's life where it would be too large.
import {
  bitAt, firstKeyOf, onlyPane, registerAt, rowAt, selectedCount, selectedRows, valuesAt, writeKeyRow, writePanes,
} from './group-keys'
import { startOf } from './event-time'
import { insertGroup } from './group-table'
import { growTable } from './host'
import {
  DIRECT_KEYS_MAX, DIRECT_OFF, DIRECT_ON, DIRECT_RANGE_BYTES, DIRECT_RANGE_COUNT, DIRECT_RANGE_LEAST, DIRECT_UNDECIDED,
  FRAME_VECTOR_ROWS, GROUP_COUNT, GROUP_DIRECT, GROUP_DIRECT_BYTES, GROUP_DIRECT_FIRST_PANE, GROUP_DIRECT_MAP,
  GROUP_DIRECT_PANES, GROUP_DIRECT_PANE_ENTRIES, GROUP_DIRECT_RANGES, GROUP_HAS_UNBEGUN, GROUP_KEYS, GROUP_KEY_BYTES,
  GROUP_STATES, GROUP_STATE_BYTES, GROUP_TEXT_KEYS, GROUP_TEXT_TABLE, GROUP_VECTORS, GROUP_VECTOR_KEY, GROUP_VECTOR_PANES,
  GROUP_VECTOR_PLACES, GROUP_VECTOR_STATES, INSTRUCTION_BYTES, REGISTER_VALIDITY, REGISTER_VALUES, TEXT_COUNT,
} from './portable/layout'
import {
  AGGREGATE_STATISTICS, GROUP_KEY_BOOL, GROUP_KEY_I32, GROUP_OPCODE_FIRST, LOAD_WORD, NO_REGISTER,
} from './portable/group-opcodes'
import { addPlaced, beginStatistics, isExact } from './statistics'

/** Entries of a map: 1 MiB, what a cache of the second level holds. */
const ENTRIES_MAX: f64 = 262144
/** Ranges are rounded up to this, so that they rarely grow. */
const RANGE_UNIT: i64 = 64

/** The smallest and the largest key of the last `scanKey`; least > greatest where all are null. */
let least: i32 = 0
let greatest: i32 = 0
/** First and last pane of the last `scanPanes`. */
let firstPane: f64 = 0
let lastPane: f64 = 0
let isOnePane = false

/** Whether the update behind the last `findDirect` is done already; whoever reads it sets it back. */
let isAdded = false
export function takeAdded(): bool {
  const wasAdded = isAdded
  isAdded = false
  return wasAdded
}

/** Finds the groups of the selected rows; false: the map cannot be used. */
export function findDirect(frame: usize, table: usize, find: usize): bool {
  if (load<u32>(table, GROUP_DIRECT) == DIRECT_OFF) return false
  const n = selectedCount(frame)
  if (n == 0) return true
  if (!isDirect(find) || !fitVector(frame, table, find)) {
    store<u32>(table, DIRECT_OFF, GROUP_DIRECT)
    return false
  }
  // A growth of the table moves all state rows: then once more from the first row, when all groups are there.
  while (!locate(frame, table, find, n)) refill(frame, table, find)
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

/** Sees to it that the map has entries for all keys and panes of the vector's selected rows; false: it would be too large. */
function fitVector(frame: usize, table: usize, find: usize): bool {
  const numKeys = <u32>load<u16>(find, 4)
  const isNew = load<u32>(table, GROUP_DIRECT) == DIRECT_UNDECIDED
  let grows = isNew
  let key = firstKeyOf(find)
  let range = table + GROUP_DIRECT_RANGES
  let entries: f64 = 1
  for (let k: u32 = 0; k < numKeys; k++, key += INSTRUCTION_BYTES, range += DIRECT_RANGE_BYTES) {
    scanKey(frame, table, key, k)
    if (least <= greatest) {
      let low = <i64>load<i32>(range, DIRECT_RANGE_LEAST)
      let count = <i64>load<u32>(range, DIRECT_RANGE_COUNT)
      if (isNew || <i64>least < low || <i64>greatest >= low + count) {
        const end = count && !isNew ? max<i64>(low + count, <i64>greatest + 1) : <i64>greatest + 1
        low = count && !isNew ? min<i64>(low, <i64>least) : <i64>least
        count = (end - low + (isNew ? 0 : count >> 1) + RANGE_UNIT - 1) & -RANGE_UNIT
        // What does not fit is not stored: the range would not be one of 32 bits.
        if (<f64>count > ENTRIES_MAX) return false
        store<i32>(range, <i32>low, DIRECT_RANGE_LEAST)
        store<u32>(range, <u32>count, DIRECT_RANGE_COUNT)
        grows = true
      }
    } else if (isNew) {
      store<i32>(range, 0, DIRECT_RANGE_LEAST)
      store<u32>(range, 0, DIRECT_RANGE_COUNT)
    }
    entries *= <f64>load<u32>(range, DIRECT_RANGE_COUNT) + 1
  }
  if (load<u16>(find, 6)) grows = fitPanes(frame, table, key, isNew) || grows
  else store<u32>(table, 1, GROUP_DIRECT_PANES)
  if (!grows) return true
  if (entries * <f64>load<u32>(table, GROUP_DIRECT_PANES) > ENTRIES_MAX) return false
  store<u32>(table, <u32>entries, GROUP_DIRECT_PANE_ENTRIES)
  const bytes = <u32>entries * load<u32>(table, GROUP_DIRECT_PANES) << 2
  if (bytes > load<u32>(table, GROUP_DIRECT_BYTES)) growTable(table, 0, bytes)
  store<u32>(table, DIRECT_ON, GROUP_DIRECT)
  refill(frame, table, find)
  return true
}

/** Whether the pane slots had to become more. */
function fitPanes(frame: usize, table: usize, pane: usize, isNew: bool): bool {
  scanPanes(frame, pane, <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_PANES)
  const size = load<f64>(valuesAt(frame, load<u16>(pane, 8)))
  const panes = <f64>load<u32>(table, GROUP_DIRECT_PANES)
  const first = load<f64>(table, GROUP_DIRECT_FIRST_PANE)
  if (!isNew && firstPane >= first && lastPane < first + panes * size) return false
  const start = isNew ? firstPane : min<f64>(first, firstPane)
  const end = isNew ? lastPane + size : max<f64>(first + panes * size, lastPane + size)
  store<f64>(table, start, GROUP_DIRECT_FIRST_PANE)
  // Twice as many as there are, at least by one: times go on.
  const wanted = (end - start) / size
  store<u32>(table, <u32>min<f64>(isNew ? wanted + 1 : wanted * 2, ENTRIES_MAX + 1), GROUP_DIRECT_PANES)
  return true
}

/** Smallest and largest value of a key among the selected rows; of text all codes that there are. */
function scanKey(frame: usize, table: usize, key: usize, k: u32): void {
  least = 0
  greatest = 1
  if (load<u16>(key) == GROUP_KEY_BOOL) return
  if (load<u64>(table, GROUP_TEXT_KEYS) >> k & 1) {
    greatest = load<i32>(<usize>load<u32>(table, GROUP_TEXT_TABLE), TEXT_COUNT) - 1
    return
  }
  const register = registerAt(frame, load<u16>(key, 4))
  const values = <usize>load<u32>(register, REGISTER_VALUES)
  const validity = <usize>load<u32>(register, REGISTER_VALIDITY)
  const rows = selectedRows(frame)
  const n = selectedCount(frame)
  least = i32.MAX_VALUE
  greatest = i32.MIN_VALUE
  let i = 0
  if (rows || validity) {
    for (; i < n; i++) {
      const row = rowAt(rows, i)
      if (validity && !bitAt(validity, row)) continue
      const value = load<i32>(values + (row << 2))
      least = min<i32>(least, value)
      greatest = max<i32>(greatest, value)
    }
    return
  }
  if (ASC_FEATURE_SIMD) {
    let low = i32x4.splat(i32.MAX_VALUE)
    let high = i32x4.splat(i32.MIN_VALUE)
    let at = values
    for (const end = n & ~7; i < end; i += 8, at += 32) {
      const first = v128.load(at)
      const second = v128.load(at, 16)
      low = i32x4.min_s(low, i32x4.min_s(first, second))
      high = i32x4.max_s(high, i32x4.max_s(first, second))
    }
    least = min<i32>(min<i32>(i32x4.extract_lane(low, 0), i32x4.extract_lane(low, 1)),
      min<i32>(i32x4.extract_lane(low, 2), i32x4.extract_lane(low, 3)))
    greatest = max<i32>(max<i32>(i32x4.extract_lane(high, 0), i32x4.extract_lane(high, 1)),
      max<i32>(i32x4.extract_lane(high, 2), i32x4.extract_lane(high, 3)))
  }
  for (; i < n; i++) {
    const value = load<i32>(values + (<usize>i << 2))
    least = min<i32>(least, value)
    greatest = max<i32>(greatest, value)
  }
}

/** First and last pane of the selected rows; where they are not known to be one, the vector's panes are written too. */
function scanPanes(frame: usize, pane: usize, panes: usize): void {
  firstPane = lastPane = onlyPane(frame, pane)
  isOnePane = firstPane == firstPane
  if (isOnePane) return
  writePanes(frame, pane, panes)
  const rows = selectedRows(frame)
  const n = selectedCount(frame)
  const range = valuesAt(frame, load<u16>(pane, 6))
  if (!rows && load<f64>(range) == load<f64>(range)) {
    const size = load<f64>(valuesAt(frame, load<u16>(pane, 8)))
    const origin = load<f64>(valuesAt(frame, load<u16>(pane, 10)))
    firstPane = startOf(load<f64>(range), size, origin)
    lastPane = startOf(load<f64>(range, 8), size, origin)
    return
  }
  let first: f64 = Infinity
  let last: f64 = -Infinity
  for (let i = 0; i < n; i++) {
    const start = load<f64>(panes + (rowAt(rows, i) << 3))
    if (start < first) first = start
    if (start > last) last = start
  }
  firstPane = first
  lastPane = last
}

/** Writes the addresses of the state rows; false: the table grew on the way. */
function locate(frame: usize, table: usize, find: usize, n: i32): bool {
  const vectors = <usize>load<u32>(table, GROUP_VECTORS)
  const states = vectors + GROUP_VECTOR_STATES
  const rows = selectedRows(frame)
  const key = firstKeyOf(find)
  let map = <usize>load<u32>(table, GROUP_DIRECT_MAP)
  let places = vectors + GROUP_VECTOR_PLACES
  const isPaned = load<u16>(find, 6) != 0
  if (isPaned && isOnePane) {
    map += <usize>(paneSlot(table, firstPane, paneSizeOf(frame, find)) * load<u32>(table, GROUP_DIRECT_PANE_ENTRIES)) << 2
  }
  const register = registerAt(frame, load<u16>(key, 4))
  if (load<u16>(find, 4) == 1 && load<u16>(key) == GROUP_KEY_I32 && !rows && !load<u32>(register, REGISTER_VALIDITY) &&
    (!isPaned || isOnePane)) {
    // The keys are the places but for where they begin.
    places = load<u32>(register, REGISTER_VALUES)
    map -= <usize>load<i32>(table, GROUP_DIRECT_RANGES + DIRECT_RANGE_LEAST) << 2
  } else writePlaces(frame, table, find, places)
  if (ASC_FEATURE_SIMD && !rows && canAdd(frame, table, find + INSTRUCTION_BYTES, n)) {
    addDirectly(frame, table, find, map, places, n)
    return true
  }
  for (let i = 0; i < n; i++) {
    const row = rowAt(rows, i)
    const at = map + (<usize>load<u32>(places + (row << 2)) << 2)
    let state = load<u32>(at)
    if (!state) {
      state = enter(frame, table, find, row, at)
      if (!state) return false
    }
    store<u32>(states + (row << 2), state)
  }
  return true
}

/** Whether all that is done with the groups is to add an argument of every row to statistics that no special value is in. */
function canAdd(frame: usize, table: usize, update: usize, n: i32): bool {
  if (load<u16>(update) != AGGREGATE_STATISTICS || <i32>load<u16>(update, INSTRUCTION_BYTES) >= GROUP_OPCODE_FIRST ||
    load<u16>(update, 8) != NO_REGISTER || load<u16>(update, 12) != LOAD_WORD || load<u32>(table, GROUP_HAS_UNBEGUN)) return false
  const argument = registerAt(frame, load<u16>(update, 4))
  if (load<u32>(argument, REGISTER_VALIDITY)) return false
  return !isExact(table, load<u16>(update, 10), load<u32>(argument, REGISTER_VALUES), n)
}

/** Finds the groups of all rows and adds their arguments in one pass: the update that follows has nothing left to do. */
function addDirectly(frame: usize, table: usize, find: usize, map: usize, places: usize, n: i32): void {
  const update = find + INSTRUCTION_BYTES
  const values = valuesAt(frame, load<u16>(update, 4))
  const flags = <u32>load<u16>(update, 10)
  const offset = <usize>load<u16>(update, 2)
  for (let row = 0; ;) {
    row = addPlaced(flags, offset, map, places, values, row, n)
    if (row == n) break
    const entry = map + (<usize>load<u32>(places + (<usize>row << 2)) << 2)
    if (!enter(frame, table, find, row, entry)) refill(frame, table, find)
    beginStatistics(flags, <usize>load<u32>(entry) + offset, load<f64>(values + (<usize>row << 3)))
  }
  isAdded = true
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

// @ts-ignore: decorator
@inline
function paneSizeOf(frame: usize, find: usize): f64 {
  return load<f64>(valuesAt(frame, load<u16>(find - INSTRUCTION_BYTES, 8)))
}

// @ts-ignore: decorator
@inline
function paneSlot(table: usize, pane: f64, size: f64): u32 {
  return <u32>nearest<f64>((pane - load<f64>(table, GROUP_DIRECT_FIRST_PANE)) / size)
}

/** Writes the place of each selected row: pane slot, if there are several, × entries of a pane + Σ (key − least) × stride. */
function writePlaces(frame: usize, table: usize, find: usize, places: usize): void {
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
        store<u32>(places + (row << 2), paneSlot(table, load<f64>(panes + (row << 3)), size) * entries)
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
    const at = places + (row << 2)
    let value: u32 = count
    if (!validity || bitAt(validity, row)) value = (isBool ? <i32>load<u8>(values + row) : load<i32>(values + (row << 2))) - first
    store<u32>(at, load<u32>(at) + value * stride)
  }
}

/** Clears the map and enters all groups. */
function refill(frame: usize, table: usize, find: usize): void {
  const map = <usize>load<u32>(table, GROUP_DIRECT_MAP)
  const paneEntries = load<u32>(table, GROUP_DIRECT_PANE_ENTRIES)
  memory.fill(map, 0, <usize>paneEntries * load<u32>(table, GROUP_DIRECT_PANES) << 2)
  const numKeys = <u32>load<u16>(find, 4)
  const isPaned = load<u16>(find, 6) != 0
  const size = isPaned ? paneSizeOf(frame, find) : 1
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  const stateBytes = load<u32>(table, GROUP_STATE_BYTES)
  let row = <usize>load<u32>(table, GROUP_KEYS)
  let state = load<u32>(table, GROUP_STATES)
  for (let id = load<u32>(table, GROUP_COUNT); id; id--, row += keyBytes, state += stateBytes) {
    let place = isPaned ? paneSlot(table, load<f64>(row + keyBytes - 8), size) * paneEntries : 0
    let stride: u32 = 1
    for (let k: u32 = 0; k < numKeys; k++) {
      const range = table + GROUP_DIRECT_RANGES + <usize>k * DIRECT_RANGE_BYTES
      const count = load<u32>(range, DIRECT_RANGE_COUNT)
      const isNull = load<u64>(row) >> k & 1
      place += (isNull ? count : load<i32>(row + (<usize>k << 3), 8) - load<i32>(range, DIRECT_RANGE_LEAST)) * stride
      stride *= count + 1
    }
    store<u32>(map + (<usize>place << 2), state)
  }
}
