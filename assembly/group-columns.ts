// From group rows to columns: the keys and final values of the rows that come out of a state.
// Invariant: what is read depends on the groups' values alone; every NaN leaves as the one quiet NaN.
import {
  NO_BIT, READ_AVG, READ_BOOL, READ_F32, READ_F64, READ_F64_AS_I32, READ_I32, READ_I64, READ_STDDEV, READ_STDDEV_POPULATION,
  READ_SUM_I128, READ_VARIANCE, SEEN_BY_COUNT, STATISTICS_M2, STATISTICS_N,
} from './portable/group-opcodes'
import {
  READING_BIT, READING_BYTES, READING_IS_KEY, READING_KIND, READING_NULL_COUNT, READING_OFFSET,
  READING_VALIDITY, READING_VALUES,
} from './portable/group-rows'
import { internText, textLength, textPtr } from './text-table'

/** Whether a key or state is there: keys have null bits, states have seen bits. */
// @ts-ignore: decorator
@inline
function isThere(row: usize, bit: i32, isKey: u32): bool {
  if (bit == NO_BIT) return true
  if (bit >= SEEN_BY_COUNT) return load<f64>(row + (<usize>(bit - SEEN_BY_COUNT) << 3)) > 0
  const set = (load<u8>(row + (bit >> 3)) >> <u8>(bit & 7)) & 1
  return isKey ? !set : !!set
}

/**
 * Reads `count` columns of `n` rows into places [first, first + n): the rows listed by number, or the first `n` at `rows` where
 * `numbers` is 0. Returns how many sums did not fit.
 */
export function readRows(readings: usize, count: i32, rows: usize, rowBytes: usize, numbers: usize, n: i32, first: i32): i32 {
  let overflows = 0
  for (let i = 0; i < count; i++) {
    overflows += readColumn(readings + <usize>i * READING_BYTES, rows, rowBytes, numbers, n, first)
  }
  return overflows
}

function readColumn(reading: usize, rows: usize, rowBytes: usize, numbers: usize, n: i32, first: i32): i32 {
  const kind = load<i32>(reading, READING_KIND)
  const offset = <usize>load<u32>(reading, READING_OFFSET)
  const bit = load<i32>(reading, READING_BIT)
  const isKey = load<u32>(reading, READING_IS_KEY)
  const values = <usize>load<u32>(reading, READING_VALUES)
  const validity = <usize>load<u32>(reading, READING_VALIDITY)
  let nulls = 0
  let overflows = 0
  for (let i = 0; i < n; i++) {
    const number = numbers ? <usize>load<u32>(numbers + (<usize>i << 2)) : <usize>i
    const row = rows + number * rowBytes
    const place = first + i
    const isSeen = isThere(row, bit, isKey)
    if (isSeen && readValue(kind, row + offset, values, place)) continue
    if (isSeen && kind == READ_SUM_I128) overflows++
    const at = validity + (place >> 3)
    store<u8>(at, <u8>(<u32>load<u8>(at) & ~(1 << (<u32>place & 7))))
    writeNull(kind, values, place)
    nulls++
  }
  store<u32>(reading, load<u32>(reading, READING_NULL_COUNT) + nulls, READING_NULL_COUNT)
  return overflows
}

// @ts-ignore: decorator
@inline
function storeF64(values: usize, i: i32, value: f64): bool {
  store<f64>(values + (<usize>i << 3), value != value ? NaN : value)
  return true
}

/** False: null. */
function readValue(kind: i32, word: usize, values: usize, i: i32): bool {
  switch (kind) {
    case READ_I64: store<u64>(values + (<usize>i << 3), load<u64>(word)); return true
    case READ_F64: return storeF64(values, i, load<f64>(word))
    case READ_F32: {
      const value = load<f64>(word)
      store<f32>(values + (<usize>i << 2), <f32>(value != value ? NaN : value))
      return true
    }
    case READ_I32: store<u32>(values + (<usize>i << 2), load<u32>(word)); return true
    case READ_F64_AS_I32: store<i32>(values + (<usize>i << 2), <i32>load<f64>(word)); return true
    case READ_BOOL: store<u8>(values + i, load<u8>(word)); return true
    case READ_SUM_I128: {
      const low = load<i64>(word)
      if (load<i64>(word, 8) != low >> 63) return false
      store<i64>(values + (<usize>i << 3), low)
      return true
    }
    case READ_AVG: {
      const rows = load<f64>(word, STATISTICS_N)
      return rows > 0 && storeF64(values, i, load<f64>(word) / rows)
    }
    default: {
      const rows = load<f64>(word, STATISTICS_N)
      const free = kind == READ_VARIANCE || kind == READ_STDDEV ? rows - 1 : rows
      if (!(free > 0)) return false
      const variance = load<f64>(word, STATISTICS_M2) / free
      return storeF64(values, i, kind == READ_STDDEV || kind == READ_STDDEV_POPULATION ? Math.sqrt(variance) : variance)
    }
  }
}

function writeNull(kind: i32, values: usize, i: i32): void {
  if (kind == READ_BOOL) store<u8>(values + i, 0)
  else if (kind == READ_I32 || kind == READ_F32 || kind == READ_F64_AS_I32) store<u32>(values + (<usize>i << 2), 0)
  else store<u64>(values + (<usize>i << 3), 0)
}

/** The code in `to` of a code in `from`. */
// @ts-ignore: decorator
@inline
function translate(from: usize, to: usize, code: i32): i32 {
  return internText(to, textPtr(from, code), textLength(from, code))
}

/** Turns a column's codes in `from` of rows `[first, end)` into codes in `to`; `validity` 0 = no nulls. */
export function translateCodes(from: usize, to: usize, values: usize, validity: usize, first: i32, end: i32): void {
  for (let i = first; i < end; i++) {
    if (validity && !((load<u8>(validity + (i >> 3)) >> <u8>(i & 7)) & 1)) continue
    const at = values + (<usize>i << 2)
    store<i32>(at, translate(from, to, load<i32>(at)))
  }
}
