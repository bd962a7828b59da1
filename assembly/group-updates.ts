// Updates of group states, one family a function: `n` argument words side by side, each with the address of its group's state
// row.
// Invariant: state words start as zero; a state is null until its seen bit is set. NaN is greater than every number; ties
// keep the first.
import { GROUP_TEXT_TABLE } from './portable/layout'
import { textLength, textPtr } from './text-table'

// @ts-ignore: decorator
@inline
function stateRow(rows: usize, i: i32): usize {
  return <usize>load<u32>(rows + (<usize>i << 2))
}

/** Sets the seen bit; whether it was set before. */
// @ts-ignore: decorator
@inline
function see(row: usize, bit: u32): bool {
  const at = row + (bit >> 3)
  const mask = 1 << (bit & 7)
  const bits = <u32>load<u8>(at)
  if (bits & mask) return true
  store<u8>(at, <u8>(bits | mask))
  return false
}

export function countRows(offset: usize, rows: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const state = stateRow(rows, i) + offset
    store<f64>(state, load<f64>(state) + 1)
  }
}

/** Adds a 128-bit number to the two words of a sum. */
// @ts-ignore: decorator
@inline
function add128(state: usize, low: u64, high: i64): void {
  const sum = load<u64>(state) + low
  store<u64>(state, sum)
  store<i64>(state, load<i64>(state, 8) + high + <i64>(sum < low), 8)
}

export function addI128(offset: usize, bit: u32, rows: usize, values: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const row = stateRow(rows, i)
    see(row, bit)
    const value = load<i64>(values + (<usize>i << 3))
    add128(row + offset, <u64>value, value >> 63)
  }
}

export function keepFirst(offset: usize, bit: u32, rows: usize, values: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const row = stateRow(rows, i)
    if (!see(row, bit)) store<u64>(row + offset, load<u64>(values + (<usize>i << 3)))
  }
}

export function keepLast(offset: usize, bit: u32, rows: usize, values: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const row = stateRow(rows, i)
    see(row, bit)
    store<u64>(row + offset, load<u64>(values + (<usize>i << 3)))
  }
}

// @ts-ignore: decorator
@inline
export function greater<T>(a: T, b: T): bool {
  if (isFloat<T>()) return a > b || (a != a && b == b)
  return a > b
}

/** Whether text a is greater, by bytes: the order of code points. */
export function greaterText(text: usize, a: i32, b: i32): bool {
  if (a == b) return false
  const lengthA = textLength(text, a)
  const lengthB = textLength(text, b)
  const order = memory.compare(textPtr(text, a), textPtr(text, b), min(lengthA, lengthB))
  return order == 0 ? lengthA > lengthB : order > 0
}

export function extremeI64(offset: usize, bit: u32, rows: usize, values: usize, n: i32, isMax: bool): void {
  for (let i = 0; i < n; i++) {
    const row = stateRow(rows, i)
    const value = load<i64>(values + (<usize>i << 3))
    const kept = load<i64>(row + offset)
    if (!see(row, bit) || (isMax ? value > kept : kept > value)) store<i64>(row + offset, value)
  }
}

export function extremeText(table: usize, offset: usize, bit: u32, rows: usize, values: usize, n: i32, isMax: bool): void {
  const text = <usize>load<u32>(table, GROUP_TEXT_TABLE)
  for (let i = 0; i < n; i++) {
    const row = stateRow(rows, i)
    const code = load<i32>(values + (<usize>i << 3))
    const kept = load<i32>(row + offset)
    if (see(row, bit) && !(isMax ? greaterText(text, code, kept) : greaterText(text, kept, code))) continue
    store<u64>(row + offset, <u64>code)
  }
}

// @ts-ignore: decorator
@inline
function extremeBy<T>(offset: usize, bit: u32, rows: usize, values: usize, others: usize, n: i32, isMax: bool): void {
  for (let i = 0; i < n; i++) {
    const row = stateRow(rows, i)
    const by = load<T>(others + (<usize>i << 3))
    const kept = load<T>(row + offset, 8)
    if (!see(row, bit) || (isMax ? greater<T>(by, kept) : greater<T>(kept, by))) {
      store<u64>(row + offset, load<u64>(values + (<usize>i << 3)))
      store<T>(row + offset, by, 8)
    }
  }
}

export function extremeByF64(offset: usize, bit: u32, rows: usize, values: usize, others: usize, n: i32, isMax: bool): void {
  extremeBy<f64>(offset, bit, rows, values, others, n, isMax)
}

export function extremeByI64(offset: usize, bit: u32, rows: usize, values: usize, others: usize, n: i32, isMax: bool): void {
  extremeBy<i64>(offset, bit, rows, values, others, n, isMax)
}

export function extremeByText(
  table: usize, offset: usize, bit: u32, rows: usize, values: usize, others: usize, n: i32, isMax: bool,
): void {
  const text = <usize>load<u32>(table, GROUP_TEXT_TABLE)
  for (let i = 0; i < n; i++) {
    const row = stateRow(rows, i)
    const by = load<i32>(others + (<usize>i << 3))
    const kept = load<i32>(row + offset, 8)
    if (!see(row, bit) || (isMax ? greaterText(text, by, kept) : greaterText(text, kept, by))) {
      store<u64>(row + offset, load<u64>(values + (<usize>i << 3)))
      store<u64>(row + offset, <u64>by, 8)
    }
  }
}
