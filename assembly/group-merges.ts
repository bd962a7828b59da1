// Merging the state words of group rows: one operation over pairs of rows, `to` and `from`, taken in the order of the data.
// Invariant: merging gives the state that the rows of both would have given, up to the rounding of floats. State words start as
// zero; a state is null until its seen bit is set. NaN is greater than every number; ties keep the first.
import { greater, greaterText } from './group-updates'
import * as R from './portable/group-rows'
import { mergeStatistics } from './statistics'

// @ts-ignore: decorator
@inline
function toRow(pairs: usize, i: i32): usize {
  return <usize>load<u32>(pairs + (<usize>i << 3))
}

// @ts-ignore: decorator
@inline
function fromRow(pairs: usize, i: i32): usize {
  return <usize>load<u32>(pairs + (<usize>i << 3), 4)
}

// @ts-ignore: decorator
@inline
function isSeen(row: usize, bit: u32): bool {
  return !!((load<u8>(row + (bit >> 3)) >> <u8>(bit & 7)) & 1)
}

/** Runs one operation over `n` pairs of addresses of rows. `text`: the table of the codes in them. */
export function mergeStates(merge: usize, text: usize, pairs: usize, n: i32): void {
  const offset = <usize>load<u32>(merge, R.MERGE_OFFSET)
  const bit = load<u32>(merge, R.MERGE_BIT)
  switch (load<u32>(merge, R.MERGE_OP)) {
    case R.MERGE_ADD_F64: addF64(offset, pairs, n); break
    case R.MERGE_ADD_I128: addI128(offset, pairs, n); break
    case R.MERGE_FIRST: keepFirst(offset, bit, pairs, n); break
    case R.MERGE_LAST: keepLast(offset, bit, pairs, n); break
    case R.MERGE_MIN_I64: extreme<i64>(offset, 0, bit, pairs, n, false); break
    case R.MERGE_MIN_UTF8: extremeText(text, offset, 0, bit, pairs, n, false); break
    case R.MERGE_MAX_I64: extreme<i64>(offset, 0, bit, pairs, n, true); break
    case R.MERGE_MAX_UTF8: extremeText(text, offset, 0, bit, pairs, n, true); break
    case R.MERGE_MIN_BY_F64: extreme<f64>(offset, 8, bit, pairs, n, false); break
    case R.MERGE_MIN_BY_I64: extreme<i64>(offset, 8, bit, pairs, n, false); break
    case R.MERGE_MIN_BY_UTF8: extremeText(text, offset, 8, bit, pairs, n, false); break
    case R.MERGE_MAX_BY_F64: extreme<f64>(offset, 8, bit, pairs, n, true); break
    case R.MERGE_MAX_BY_I64: extreme<i64>(offset, 8, bit, pairs, n, true); break
    case R.MERGE_MAX_BY_UTF8: extremeText(text, offset, 8, bit, pairs, n, true); break
    case R.MERGE_SEEN: mergeSeen(offset, pairs, n); break
    default: addStatistics(load<u32>(merge, R.MERGE_OP) - R.MERGE_STATISTICS, offset, pairs, n)
  }
}

function addF64(offset: usize, pairs: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const to = toRow(pairs, i) + offset
    store<f64>(to, load<f64>(to) + load<f64>(fromRow(pairs, i) + offset))
  }
}

function addStatistics(flags: u32, offset: usize, pairs: usize, n: i32): void {
  for (let i = 0; i < n; i++) mergeStatistics(flags, toRow(pairs, i) + offset, fromRow(pairs, i) + offset)
}

function addI128(offset: usize, pairs: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const to = toRow(pairs, i) + offset
    const from = fromRow(pairs, i) + offset
    const low = load<u64>(from)
    const sum = load<u64>(to) + low
    store<u64>(to, sum)
    store<i64>(to, load<i64>(to, 8) + load<i64>(from, 8) + <i64>(sum < low), 8)
  }
}

function keepFirst(offset: usize, bit: u32, pairs: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const to = toRow(pairs, i)
    const from = fromRow(pairs, i)
    if (!isSeen(to, bit) && isSeen(from, bit)) replace(to, from, offset, bit, 8)
  }
}

function keepLast(offset: usize, bit: u32, pairs: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const from = fromRow(pairs, i)
    if (isSeen(from, bit)) replace(toRow(pairs, i), from, offset, bit, 8)
  }
}

/** Takes over a state, which is seen from then on: the next pair may be of the same row. */
// @ts-ignore: decorator
@inline
function replace(to: usize, from: usize, offset: usize, bit: u32, bytes: usize): void {
  store<u64>(to + offset, load<u64>(from + offset))
  if (bytes > 8) store<u64>(to + offset, load<u64>(from + offset, 8), 8)
  const at = to + (bit >> 3)
  store<u8>(at, <u8>(<u32>load<u8>(at) | (1 << (bit & 7))))
}

/** @param by where, from the value's word, the word lies that is compared: 0, or 8 for the one behind it. */
function extreme<T>(offset: usize, by: usize, bit: u32, pairs: usize, n: i32, isMax: bool): void {
  for (let i = 0; i < n; i++) {
    const to = toRow(pairs, i)
    const from = fromRow(pairs, i)
    if (!isSeen(from, bit)) continue
    const value = load<T>(from + offset + by)
    const kept = load<T>(to + offset + by)
    if (!isSeen(to, bit) || (isMax ? greater<T>(value, kept) : greater<T>(kept, value))) replace(to, from, offset, bit, 8 + by)
  }
}

function extremeText(text: usize, offset: usize, by: usize, bit: u32, pairs: usize, n: i32, isMax: bool): void {
  for (let i = 0; i < n; i++) {
    const to = toRow(pairs, i)
    const from = fromRow(pairs, i)
    if (!isSeen(from, bit)) continue
    const code = load<i32>(from + offset + by)
    const kept = load<i32>(to + offset + by)
    if (!isSeen(to, bit) || (isMax ? greaterText(text, code, kept) : greaterText(text, kept, code))) {
      replace(to, from, offset, bit, 8 + by)
    }
  }
}

function mergeSeen(offset: usize, pairs: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const to = toRow(pairs, i) + offset
    store<u64>(to, load<u64>(to) | load<u64>(fromRow(pairs, i) + offset))
  }
}
