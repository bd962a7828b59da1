// From groups to columns: keys, partial states and final values, for shuffle blocks, snapshots and results alike.
// Invariant: what is read depends on the groups' values alone; every NaN leaves as the one quiet NaN.
import {
  GROUP_COUNT, GROUP_KEYS, GROUP_KEY_BYTES, GROUP_OVERFLOWS, GROUP_STATES, GROUP_STATE_BYTES, GROUP_TEXT_TABLE,
} from './portable/layout'
import {
  NO_BIT, READ_AVG, READ_BOOL, READ_F32, READ_F64, READ_I32, READ_I64, READ_KEYS, READ_STDDEV, READ_STDDEV_POPULATION,
  READ_SUM_I128, READ_VARIANCE, READ_VARIANCE_POPULATION,
} from './portable/group-opcodes'
import { internHashed, textHash, textLength, textPtr } from './text-table'

/** Whether a key or state is there: keys have null bits, states have seen bits. */
// @ts-ignore: decorator
@inline
function isThere(row: usize, area: i32, bit: i32): bool {
  if (bit == NO_BIT) return true
  const set = (load<u8>(row + (bit >> 3)) >> <u8>(bit & 7)) & 1
  return area == READ_KEYS ? !set : !!set
}

// @ts-ignore: decorator
@inline
function rowsOf(table: usize, area: i32): usize {
  return <usize>(area == READ_KEYS ? load<u32>(table, GROUP_KEYS) : load<u32>(table, GROUP_STATES))
}

// @ts-ignore: decorator
@inline
function rowBytes(table: usize, area: i32): usize {
  return <usize>(area == READ_KEYS ? load<u32>(table, GROUP_KEY_BYTES) : load<u32>(table, GROUP_STATE_BYTES))
}

/**
 * Reads one column of `n` groups: `values[i]`, `validity` bit i of group `ids[i]`. Returns the number of nulls.
 * @param area READ_KEYS or READ_STATES; `offset` is that of the first word in its row, `bit` its null or seen bit, or NO_BIT.
 * @param kind READ_…: what the words mean and the width of a value.
 */
export function readGroups(
  table: usize, area: i32, kind: i32, offset: i32, bit: i32, ids: usize, n: i32, values: usize, validity: usize,
): i32 {
  const rows = rowsOf(table, area)
  const bytes = rowBytes(table, area)
  memory.fill(validity, 0, <usize>(n + 7) >> 3)
  let nulls = 0
  for (let i = 0; i < n; i++) {
    const row = rows + <usize>load<u32>(ids + (<usize>i << 2)) * bytes
    if (isThere(row, area, bit) && readValue(table, kind, row + offset, values, i)) {
      const at = validity + (i >> 3)
      store<u8>(at, <u8>(<u32>load<u8>(at) | (1 << (<u32>i & 7))))
    } else {
      writeNull(kind, values, i)
      nulls++
    }
  }
  return nulls
}

// @ts-ignore: decorator
@inline
function storeF64(values: usize, i: i32, value: f64): bool {
  store<f64>(values + (<usize>i << 3), value != value ? NaN : value)
  return true
}

/** False: null. */
function readValue(table: usize, kind: i32, word: usize, values: usize, i: i32): bool {
  switch (kind) {
    case READ_I64: store<u64>(values + (<usize>i << 3), load<u64>(word)); return true
    case READ_F64: return storeF64(values, i, load<f64>(word))
    case READ_F32: {
      const value = load<f64>(word)
      store<f32>(values + (<usize>i << 2), <f32>(value != value ? NaN : value))
      return true
    }
    case READ_I32: store<u32>(values + (<usize>i << 2), load<u32>(word)); return true
    case READ_BOOL: store<u8>(values + i, load<u8>(word)); return true
    case READ_SUM_I128: {
      const low = load<i64>(word)
      if (load<i64>(word, 8) != low >> 63) {
        store<u32>(table, load<u32>(table, GROUP_OVERFLOWS) + 1, GROUP_OVERFLOWS)
        return false
      }
      store<i64>(values + (<usize>i << 3), low)
      return true
    }
    case READ_AVG: {
      const rows = load<f64>(word, 8)
      return rows > 0 && storeF64(values, i, load<f64>(word) / rows)
    }
    default: {
      const rows = load<f64>(word)
      const free = kind == READ_VARIANCE || kind == READ_STDDEV ? rows - 1 : rows
      if (!(free > 0)) return false
      const variance = load<f64>(word, 16) / free
      return storeF64(values, i, kind == READ_STDDEV || kind == READ_STDDEV_POPULATION ? Math.sqrt(variance) : variance)
    }
  }
}

function writeNull(kind: i32, values: usize, i: i32): void {
  if (kind == READ_BOOL) store<u8>(values + i, 0)
  else if (kind == READ_I32 || kind == READ_F32) store<u32>(values + (<usize>i << 2), 0)
  else store<u64>(values + (<usize>i << 3), 0)
}

/** Turns the words n, K, Σ(x − K), Σ(x − K)² of every group into n, mean, M2. Once, when all rows are in. */
export function finishVariance(table: usize, offset: i32): void {
  const bytes = <usize>load<u32>(table, GROUP_STATE_BYTES)
  const count = load<u32>(table, GROUP_COUNT)
  let word = <usize>load<u32>(table, GROUP_STATES) + offset
  for (let id: u32 = 0; id < count; id++) {
    const rows = load<f64>(word)
    if (rows > 0) {
      const sum = load<f64>(word, 16)
      const m2 = load<f64>(word, 24) - sum * sum / rows
      store<f64>(word, load<f64>(word, 8) + sum / rows, 8)
      // Rounding can leave a little less than nothing; NaN stays.
      store<f64>(word, m2 < 0 ? 0 : m2, 16)
    }
    word += bytes
  }
}

/** The code in `to` of a code in `from`. */
// @ts-ignore: decorator
@inline
function translate(from: usize, to: usize, code: i32): i32 {
  return internHashed(to, textPtr(from, code), textLength(from, code), textHash(from, code))
}

/** Moves one text key or state of all groups from the table's text table to another; the host then makes that one the table's. */
export function translateGroupText(table: usize, to: usize, area: i32, offset: i32, bit: i32): void {
  const from = <usize>load<u32>(table, GROUP_TEXT_TABLE)
  const bytes = rowBytes(table, area)
  const count = load<u32>(table, GROUP_COUNT)
  let row = rowsOf(table, area)
  for (let id: u32 = 0; id < count; id++) {
    if (isThere(row, area, bit)) store<u64>(row + offset, <u64>translate(from, to, load<i32>(row + offset)))
    row += bytes
  }
}

/** Turns a column's codes in `from` into codes in `to`; `validity` 0 = no nulls. */
export function translateCodes(from: usize, to: usize, values: usize, validity: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    if (validity && !((load<u8>(validity + (i >> 3)) >> <u8>(i & 7)) & 1)) continue
    const at = values + (<usize>i << 2)
    store<i32>(at, translate(from, to, load<i32>(at)))
  }
}
