// Group rows on their way: packed from a task's groups, merged into a state, and from one table of a state into another.
// Invariant: rows are merged in their order; a row whose key is new is taken over as it is.
import { mergeStates } from './group-merges'
import { growTable } from './host'
import {
  GROUP_COUNT, GROUP_KEYS, GROUP_KEY_BYTES, GROUP_STATES, GROUP_STATE_BYTES, TEXT_ENTRIES, TEXT_ENTRY_BYTES, TEXT_ENTRY_MEMO,
} from './portable/layout'
import {
  MERGE_BYTES, MERGE_CHUNK_ROWS, PANE_BYTES, PANE_START, PANE_TABLE, ROWS_CAPACITY, ROWS_COUNT, ROWS_FIRST, ROWS_IS_TOUCHED,
  ROWS_TEXT_TABLE, SHAPE_HAS_PANE, SHAPE_MERGES, SHAPE_MERGE_COUNT, SHAPE_ROW_BYTES, SHAPE_SCRATCH, SHAPE_TEXTS,
  SHAPE_TEXT_COUNT, STATE_PANES, STATE_PANE_COUNT, STATE_SHAPE, STATE_TEXT_TABLE, WORD_BIT, WORD_BYTES, WORD_IS_KEY, WORD_OFFSET,
} from './portable/group-rows'
import { appendRow, comparedBytes, hashKey, homeSlot, slotOf, touchRow } from './row-table'
import { internText, textLength, textPtr } from './text-table'

/** Lays the groups of a task's table out as rows, each at its place: read in their order, which is that in memory. */
export function packGroups(table: usize, places: usize, rows: usize): void {
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  const stateBytes = <usize>load<u32>(table, GROUP_STATE_BYTES)
  let key = <usize>load<u32>(table, GROUP_KEYS)
  let state = <usize>load<u32>(table, GROUP_STATES)
  for (const end = places + (<usize>load<u32>(table, GROUP_COUNT) << 2); places < end; places += 4) {
    let to = rows + <usize>load<u32>(places) * (keyBytes + stateBytes)
    for (const next = key + keyBytes; key < next; key += 8, to += 8) store<u64>(to, load<u64>(key))
    for (const next = state + stateBytes; state < next; state += 8, to += 8) store<u64>(to, load<u64>(state))
  }
}

/** Whether a text word of a row holds a code. */
// @ts-ignore: decorator
@inline
function hasText(row: usize, word: usize): bool {
  const bit = load<u32>(word, WORD_BIT)
  const isSet = (load<u8>(row + (bit >> 3)) >> <u8>(bit & 7)) & 1
  return load<u32>(word, WORD_IS_KEY) ? !isSet : !!isSet
}

/**
 * Numbers the strings of rows anew, from 0 by first appearance: words become those numbers, `codes` lists the codes in `text`
 * that they had, `ends` where each string ends when all are laid one behind the other, the first at `start`. Returns the number
 * of strings; both lists have room for one per row and text word.
 */
export function numberRowText(shape: usize, text: usize, rows: usize, n: i32, codes: usize, ends: usize, start: u32): i32 {
  const words = <usize>load<u32>(shape, SHAPE_TEXTS)
  const last = words + <usize>load<u32>(shape, SHAPE_TEXT_COUNT) * WORD_BYTES
  const rowBytes = <usize>load<u32>(shape, SHAPE_ROW_BYTES)
  const entries = <usize>load<u32>(text, TEXT_ENTRIES)
  let count: u32 = 0
  for (let i = 0; i < n; i++) {
    const row = rows + <usize>i * rowBytes
    for (let word = words; word < last; word += WORD_BYTES) {
      if (!hasText(row, word)) continue
      const at = row + <usize>load<u32>(word, WORD_OFFSET)
      const code = load<u32>(at)
      const memo = entries + <usize>code * TEXT_ENTRY_BYTES + TEXT_ENTRY_MEMO
      let number = load<u32>(memo)
      if (!number) {
        start += <u32>textLength(text, <i32>code)
        store<u32>(codes + (<usize>count << 2), code)
        store<u32>(ends + (<usize>count << 2), start)
        number = ++count
        store<u32>(memo, number)
      }
      store<u64>(at, number - 1)
    }
  }
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(entries + <usize>load<u32>(codes + (<usize>i << 2)) * TEXT_ENTRY_BYTES, 0, TEXT_ENTRY_MEMO)
  }
  return <i32>count
}

/** Lays the strings of `codes` one behind the other. */
export function copyTexts(text: usize, codes: usize, n: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    const code = load<i32>(codes + (<usize>i << 2))
    const length = textLength(text, code)
    memory.copy(out, textPtr(text, code), length)
    out += length
  }
}

/**
 * Enters the strings of a row that came from elsewhere and turns its words into their codes. String k is
 * `bytes[ends[k − 1] … ends[k])` where `ends` has one more in front; `memo` is a u32 per string: its code + 1 once it is known.
 */
// @ts-ignore: decorator
@inline
function enterRowText(shape: usize, text: usize, row: usize, ends: usize, bytes: usize, memo: usize): void {
  const words = <usize>load<u32>(shape, SHAPE_TEXTS)
  const last = words + <usize>load<u32>(shape, SHAPE_TEXT_COUNT) * WORD_BYTES
  for (let word = words; word < last; word += WORD_BYTES) {
    if (!hasText(row, word)) continue
    const at = row + <usize>load<u32>(word, WORD_OFFSET)
    const string = <usize>load<u32>(at) << 2
    let code = load<u32>(memo + string)
    if (!code) {
      const start = load<u32>(ends + string)
      code = <u32>internText(text, bytes + start, load<u32>(ends + string, 4) - start) + 1
      store<u32>(memo + string, code)
    }
    store<u64>(at, code - 1)
  }
}

/** Moves the text of rows from one table to another. */
export function translateRowText(shape: usize, from: usize, to: usize, rows: usize, n: i32): void {
  const words = <usize>load<u32>(shape, SHAPE_TEXTS)
  const last = words + <usize>load<u32>(shape, SHAPE_TEXT_COUNT) * WORD_BYTES
  const rowBytes = <usize>load<u32>(shape, SHAPE_ROW_BYTES)
  for (let i = 0; i < n; i++) {
    const row = rows + <usize>i * rowBytes
    for (let word = words; word < last; word += WORD_BYTES) {
      if (!hasText(row, word)) continue
      const at = row + <usize>load<u32>(word, WORD_OFFSET)
      const code = load<i32>(at)
      store<u64>(at, <u64>internText(to, textPtr(from, code), textLength(from, code)))
    }
  }
}

/** The table of a pane, or 0. */
function tableOfPane(state: usize, pane: f64): usize {
  const panes = <usize>load<u32>(state, STATE_PANES)
  let low = 0
  let high = load<i32>(state, STATE_PANE_COUNT)
  while (low < high) {
    const middle = (low + high) >> 1
    if (load<f64>(panes + <usize>middle * PANE_BYTES, PANE_START) < pane) low = middle + 1
    else high = middle
  }
  const entry = panes + <usize>low * PANE_BYTES
  return low < load<i32>(state, STATE_PANE_COUNT) && load<f64>(entry, PANE_START) == pane
    ? <usize>load<u32>(entry, PANE_TABLE) : 0
}

// @ts-ignore: decorator
@inline
function runMerges(shape: usize, text: usize, pairs: usize, n: i32): void {
  if (!n) return
  const count = load<i32>(shape, SHAPE_MERGE_COUNT)
  const merges = <usize>load<u32>(shape, SHAPE_MERGES)
  for (let i = 0; i < count; i++) mergeStates(merges + <usize>i * MERGE_BYTES, text, pairs, n)
}

/**
 * Merges `n` rows into the tables of their panes and touches the groups; text (`ends`, `bytes`, `memo` as in `enterRowText`,
 * all 0 where the rows hold none) is entered into the state's. Returns how many rows were merged: fewer than `n` where the next
 * one's pane has no table yet. The rows' words are overwritten.
 */
export function mergeGroupRows(state: usize, rows: usize, n: i32, ends: usize, bytes: usize, memo: usize): i32 {
  const shape = <usize>load<u32>(state, STATE_SHAPE)
  const text = <usize>load<u32>(state, STATE_TEXT_TABLE)
  const rowBytes = <usize>load<u32>(shape, SHAPE_ROW_BYTES)
  const keyBytes = comparedBytes(shape)
  const hasPane = load<u32>(shape, SHAPE_HAS_PANE)
  let pane: f64 = NaN
  let table: usize = 0
  for (let start = 0; start < n; start += MERGE_CHUNK_ROWS) {
    const end = min(start + MERGE_CHUNK_ROWS, n)
    let place = <usize>load<u32>(shape, SHAPE_SCRATCH)
    let i = start
    for (; i < end; i++, place += 8) {
      const row = rows + <usize>i * rowBytes
      const rowPane: f64 = hasPane ? load<f64>(row + keyBytes) : 0
      if (rowPane != pane) {
        pane = rowPane
        table = tableOfPane(state, pane)
        if (!table) break
        // Touched and changed.
        store<u64>(table, <u64>-1, ROWS_IS_TOUCHED)
      }
      if (memo) enterRowText(shape, text, row, ends, bytes, memo)
      store<u32>(place, <u32>row)
      store<u32>(place, <u32>table, 4)
    }
    enterRows(shape, text, i - start, true)
    if (i < end) return i
  }
  return n
}

/** Merges rows of one table into another of the same shape and text: those `numbers` lists, or the first `n` where it is 0. */
export function mergeTable(to: usize, shape: usize, from: usize, numbers: usize, n: i32): void {
  const text = <usize>load<u32>(to, ROWS_TEXT_TABLE)
  const rowBytes = <usize>load<u32>(shape, SHAPE_ROW_BYTES)
  const rows = <usize>load<u32>(from, ROWS_FIRST)
  for (let start = 0; start < n; start += MERGE_CHUNK_ROWS) {
    const end = min(start + MERGE_CHUNK_ROWS, n)
    let place = <usize>load<u32>(shape, SHAPE_SCRATCH)
    for (let i = start; i < end; i++, place += 8) {
      const number = numbers ? <usize>load<u32>(numbers + (<usize>i << 2)) : <usize>i
      store<u32>(place, <u32>(rows + number * rowBytes))
      store<u32>(place, <u32>to, 4)
    }
    enterRows(shape, text, end - start, false)
  }
}

/**
 * Takes rows over, or merges them into those that their groups have. The scratch holds `n` rows with the tables they belong in.
 * It is gone through three times, because a state is larger than the caches: rows, slots and groups are each asked for one
 * behind the other, without waiting for what the one before has found.
 */
function enterRows(shape: usize, text: usize, n: i32, isTouching: bool): void {
  const rowBytes = <usize>load<u32>(shape, SHAPE_ROW_BYTES)
  const keyBytes = comparedBytes(shape)
  const pairs = <usize>load<u32>(shape, SHAPE_SCRATCH)
  const hashes = pairs + MERGE_CHUNK_ROWS * 8
  let seen: u32 = 0
  for (let i = 0; i < n; i++) {
    const table = <usize>load<u32>(pairs + (<usize>i << 3), 4)
    const hash = hashKey(load<u32>(pairs + (<usize>i << 3)), keyBytes)
    store<u32>(hashes + (<usize>i << 2), hash)
    seen += load<u32>(homeSlot(table, hash))
  }
  for (let i = 0; i < n; i++) {
    const table = <usize>load<u32>(pairs + (<usize>i << 3), 4)
    const number = load<u32>(homeSlot(table, load<u32>(hashes + (<usize>i << 2))), 4)
    const row = <usize>load<u32>(table, ROWS_FIRST) + (number ? <usize>number - 1 : 0) * rowBytes
    seen += load<u32>(row) + load<u32>(row + rowBytes - 8)
  }
  // So that nobody takes the loads for useless.
  store<u32>(hashes + (MERGE_CHUNK_ROWS << 2), seen)
  let numPairs = 0
  for (let i = 0; i < n; i++) {
    const row = <usize>load<u32>(pairs + (<usize>i << 3))
    const table = <usize>load<u32>(pairs + (<usize>i << 3), 4)
    if (load<u32>(table, ROWS_COUNT) == load<u32>(table, ROWS_CAPACITY)) {
      // Growing moves rows that pairs point at.
      runMerges(shape, text, pairs, numPairs)
      numPairs = 0
      growTable(table, load<i32>(table, ROWS_COUNT) + 1, 0)
    }
    const hash = load<u32>(hashes + (<usize>i << 2))
    const slot = slotOf(table, row, hash, keyBytes, rowBytes)
    let number = load<u32>(slot, 4)
    if (number) {
      const pair = pairs + (<usize>numPairs << 3)
      numPairs++
      store<u32>(pair, load<u32>(table, ROWS_FIRST) + (number - 1) * <u32>rowBytes)
      store<u32>(pair, <u32>row, 4)
    } else {
      number = load<u32>(table, ROWS_COUNT) + 1
      appendRow(table, row, hash, slot)
    }
    if (isTouching) touchRow(table, number - 1)
  }
  runMerges(shape, text, pairs, numPairs)
}
