// The map of direct groups, with an entry for every combination of keys and panes that there can be: what it covers.
// Invariant: the map holds all groups of the table; where a key or pane lies outside of it, it is made larger, or refused if it
// would be too large.
import { bitAt, firstKeyOf, onlyPane, registerAt, rowAt, selectedCount, selectedRows, valuesAt, writePanes } from './group-keys'
import { startOf } from './event-time'
import { growTable } from './host'
import {
  DIRECT_ON, DIRECT_RANGE_BYTES, DIRECT_RANGE_COUNT, DIRECT_RANGE_LEAST, DIRECT_UNDECIDED, GROUP_COUNT, GROUP_DIRECT,
  GROUP_DIRECT_BYTES, GROUP_DIRECT_FIRST_PANE, GROUP_DIRECT_MAP, GROUP_DIRECT_PANES, GROUP_DIRECT_PANE_ENTRIES,
  GROUP_DIRECT_RANGES, GROUP_KEYS, GROUP_KEY_BYTES, GROUP_STATES, GROUP_STATE_BYTES, GROUP_TEXT_KEYS, GROUP_TEXT_TABLE,
  GROUP_VECTORS, GROUP_VECTOR_PANES, GROUP_VECTOR_PLACES, INSTRUCTION_BYTES, REGISTER_VALIDITY, REGISTER_VALUES, TEXT_COUNT,
} from './portable/layout'
import { GROUP_KEY_BOOL } from './portable/group-opcodes'

/** Entries of a map: 1 MiB, what a cache of the second level holds. */
const ENTRIES_MAX: f64 = 262144
/** Ranges are rounded up to this, so that they rarely grow. */
const RANGE_UNIT: i64 = 64

// Of the last key that was scanned: its smallest and largest value, least > greatest where all are null; and the address of the
// values of the selected rows side by side, or 0 where one is null or they are no integers of 32 bits.
let least: i32 = 0
let greatest: i32 = 0
export let plainKeys: usize = 0
// Of the vector that was fitted last.
export let firstPane: f64 = 0
let lastPane: f64 = 0
export let isOnePane = false

/** Sees to it that the map has entries for all keys and panes of the vector's selected rows; false: it would be too large. */
export function fitVector(frame: usize, table: usize, find: usize): bool {
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

/**
 * Smallest and largest value of a key among the selected rows; of text all codes that there are. Also lays the values of the
 * selected rows side by side, where they do not lie so already: `plainKeys`.
 */
function scanKey(frame: usize, table: usize, key: usize, k: u32): void {
  least = 0
  greatest = 1
  plainKeys = 0
  if (load<u16>(key) == GROUP_KEY_BOOL) return
  const register = registerAt(frame, load<u16>(key, 4))
  const values = <usize>load<u32>(register, REGISTER_VALUES)
  const validity = <usize>load<u32>(register, REGISTER_VALIDITY)
  const rows = selectedRows(frame)
  const n = selectedCount(frame)
  const isText = (load<u64>(table, GROUP_TEXT_KEYS) >> k & 1) != 0
  if (rows || validity) gatherKeys(values, validity, rows, n, <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_PLACES)
  else {
    plainKeys = values
    if (!isText) findRange(values, n)
  }
  if (isText) {
    least = 0
    greatest = load<i32>(<usize>load<u32>(table, GROUP_TEXT_TABLE), TEXT_COUNT) - 1
  }
}

function gatherKeys(values: usize, validity: usize, rows: usize, n: i32, to: usize): void {
  least = i32.MAX_VALUE
  greatest = i32.MIN_VALUE
  plainKeys = to
  for (let i = 0; i < n; i++, to += 4) {
    const row = rowAt(rows, i)
    if (validity && !bitAt(validity, row)) {
      plainKeys = 0
      continue
    }
    const value = load<i32>(values + (row << 2))
    store<i32>(to, value)
    least = min<i32>(least, value)
    greatest = max<i32>(greatest, value)
  }
}

function findRange(values: usize, n: i32): void {
  least = i32.MAX_VALUE
  greatest = i32.MIN_VALUE
  let i = 0
  if (ASC_FEATURE_SIMD) {
    let low = i32x4.splat(i32.MAX_VALUE)
    let high = i32x4.splat(i32.MIN_VALUE)
    let at = values
    for (const end = n & ~3; i < end; i += 4, at += 16) {
      const four = v128.load(at)
      low = i32x4.min_s(low, four)
      high = i32x4.max_s(high, four)
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

// @ts-ignore: decorator
@inline
export function paneSizeOf(frame: usize, find: usize): f64 {
  return load<f64>(valuesAt(frame, load<u16>(find - INSTRUCTION_BYTES, 8)))
}

// @ts-ignore: decorator
@inline
export function paneSlot(table: usize, pane: f64, size: f64): u32 {
  return <u32>nearest<f64>((pane - load<f64>(table, GROUP_DIRECT_FIRST_PANE)) / size)
}

/** Clears the map and enters all groups. */
export function refill(frame: usize, table: usize, find: usize): void {
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
