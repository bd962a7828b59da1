// Statistics of one numeric argument: all that count, sum, avg, min, max and variance need of it, updated in one pass over rows.
// Words of a state: Σx, n; for a variance Σ(x − K), Σ(x − K)², K being the group's first value; for extremes the minimum and the
// negated maximum, so that one `pmin` updates both. `finishStatistics` turns them into what travels.
// Invariant: rows are added one by one in their order, in every build. State words start as zero, so n = 0 says that nothing was
// seen. NaN is greater than every number; ties keep the first.
import { hasOnlyGroup } from './group-table'
import {
  STATISTICS_EXTREMES, STATISTICS_INTEGER_SUM, STATISTICS_M2, STATISTICS_MEAN, STATISTICS_N, STATISTICS_VARIANCE,
} from './portable/group-opcodes'
import { GROUP_COUNT, GROUP_IS_EXACT, GROUP_STATES, GROUP_STATE_BYTES } from './portable/layout'

/** {0, 1} and the sign of the upper half: loaded, since constants are made anew in every turn of a loop. */
const ONE: usize = memory.data<f64>([0, 1])
const UPPER_SIGN: usize = memory.data<u64>([0, 0x8000000000000000])

/** Offset of the words of extremes, and of K. */
// @ts-ignore: decorator
@inline
function extremesAt(flags: u32): usize {
  return flags & STATISTICS_VARIANCE ? 32 : 16
}

// @ts-ignore: decorator
@inline
function shiftAt(flags: u32): usize {
  return flags & STATISTICS_EXTREMES ? 48 : 32
}

/** Adds `n` arguments, side by side, to the states at `offset` of the state rows of `states`. */
export function addStatistics(table: usize, flags: u32, offset: usize, states: usize, values: usize, n: i32): void {
  if (n == 0) return
  if (isExact(table, flags, values, n)) return addExactly(flags, offset, states, values, n)
  if (hasOnlyGroup(table)) return addToOne(flags, <usize>load<u32>(states) + offset, values, n)
  addRows(flags, offset, states, values, n)
}

/** Whether states may hold NaN, which no comparison replaces: from the first NaN on, for the rest of the table's life. */
function isExact(table: usize, flags: u32, values: usize, n: i32): bool {
  if (!load<u32>(table, GROUP_IS_EXACT)) {
    if (!(flags & STATISTICS_EXTREMES) || !hasNaN(values, n)) return false
    store<u32>(table, 1, GROUP_IS_EXACT)
  }
  return true
}

function hasNaN(values: usize, n: i32): bool {
  for (const end = values + (<usize>n << 3); values < end; values += 8) {
    if (load<f64>(values) != load<f64>(values)) return true
  }
  return false
}

/** The first value of a state. */
export function beginStatistics(flags: u32, at: usize, x: f64): void {
  if (flags & STATISTICS_VARIANCE) store<f64>(at + shiftAt(flags), x)
  if (flags & STATISTICS_EXTREMES) {
    store<f64>(at + extremesAt(flags), x)
    store<f64>(at + extremesAt(flags), -x, 8)
  }
}

/** Of arguments without NaN, into states without NaN. */
function addRows(flags: u32, offset: usize, states: usize, values: usize, n: i32): void {
  const end = states + (<usize>n << 2)
  if (ASC_FEATURE_SIMD) {
    const one = v128.load(ONE)
    const upperSign = v128.load(UPPER_SIGN)
    for (; states < end; states += 4, values += 8) {
      const at = <usize>load<u32>(states) + offset
      const x = load<f64>(values)
      beginIfNew(flags, at, x, upperSign)
      addBegun(flags, at, x, one, upperSign)
    }
  } else {
    for (; states < end; states += 4, values += 8) addOne(flags, <usize>load<u32>(states) + offset, load<f64>(values))
  }
}

/** Without a branch: where many groups are new, nobody can guess which. */
// @ts-ignore: decorator
@inline
function beginIfNew(flags: u32, at: usize, x: f64, upperSign: v128): void {
  const isNew = -<i64>(load<u64>(at, STATISTICS_N) == 0)
  if (flags & STATISTICS_VARIANCE) {
    const kept = load<i64>(at + shiftAt(flags))
    store<i64>(at + shiftAt(flags), kept ^ (kept ^ reinterpret<i64>(x)) & isNew)
  }
  if (flags & STATISTICS_EXTREMES) {
    const kept = at + extremesAt(flags)
    v128.store(kept, v128.bitselect(v128.xor(f64x2.splat(x), upperSign), v128.load(kept), i64x2.splat(isNew)))
  }
}

/** One row, into a state that has begun. */
// @ts-ignore: decorator
@inline
function addBegun(flags: u32, at: usize, x: f64, one: v128, upperSign: v128): void {
  v128.store(at, f64x2.add(v128.load(at), f64x2.replace_lane(one, 0, x)))
  if (flags & STATISTICS_VARIANCE) {
    const shifted = x - load<f64>(at + shiftAt(flags))
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.replace_lane(f64x2.splat(shifted), 1, shifted * shifted)), 16)
  }
  if (flags & STATISTICS_EXTREMES) {
    const kept = at + extremesAt(flags)
    v128.store(kept, f64x2.pmin(v128.load(kept), v128.xor(f64x2.splat(x), upperSign)))
  }
}

/**
 * Adds the arguments of rows [`row`, `n`) to the groups that `map` has for their places, up to the first row without a group or,
 * where there are extremes, whose argument is NaN: returns that row, or `n`. All groups have begun, none holds NaN.
 */
export function addPlaced(flags: u32, offset: usize, map: usize, places: usize, values: usize, row: i32, n: i32): i32 {
  switch (flags & (STATISTICS_VARIANCE | STATISTICS_EXTREMES)) {
    case 0: return addPlacedRows(0, offset, map, places, values, row, n)
    case STATISTICS_VARIANCE: return addPlacedRows(STATISTICS_VARIANCE, offset, map, places, values, row, n)
    case STATISTICS_EXTREMES: return addPlacedRows(STATISTICS_EXTREMES, offset, map, places, values, row, n)
    default: return addPlacedRows(STATISTICS_VARIANCE | STATISTICS_EXTREMES, offset, map, places, values, row, n)
  }
}

// @ts-ignore: decorator
@inline
function addPlacedRows(flags: u32, offset: usize, map: usize, places: usize, values: usize, row: i32, n: i32): i32 {
  const one = v128.load(ONE)
  const upperSign = v128.load(UPPER_SIGN)
  for (; row < n; row++) {
    const state = load<u32>(map + (<usize>load<u32>(places + (<usize>row << 2)) << 2))
    const x = load<f64>(values + (<usize>row << 3))
    if (!state || flags & STATISTICS_EXTREMES && x != x) break
    addBegun(flags, <usize>state + offset, x, one, upperSign)
  }
  return row
}

/** The same for one row. */
// @ts-ignore: decorator
@inline
function addOne(flags: u32, at: usize, x: f64): void {
  if (load<f64>(at, STATISTICS_N) == 0) beginStatistics(flags, at, x)
  store<f64>(at, load<f64>(at) + x)
  store<f64>(at, load<f64>(at, STATISTICS_N) + 1, STATISTICS_N)
  if (flags & STATISTICS_VARIANCE) {
    const shifted = x - load<f64>(at + shiftAt(flags))
    store<f64>(at, load<f64>(at, 16) + shifted, 16)
    store<f64>(at, load<f64>(at, 24) + shifted * shifted, 24)
  }
  if (flags & STATISTICS_EXTREMES) {
    const kept = at + extremesAt(flags)
    if (x < load<f64>(kept)) store<f64>(kept, x)
    if (-x < load<f64>(kept, 8)) store<f64>(kept, -x, 8)
  }
}

/** Into a single state, which is held in locals meanwhile. */
function addToOne(flags: u32, at: usize, values: usize, n: i32): void {
  if (load<f64>(at, STATISTICS_N) == 0) beginStatistics(flags, at, load<f64>(values))
  const end = values + (<usize>n << 3)
  let sum = load<f64>(at)
  const shift = flags & STATISTICS_VARIANCE ? load<f64>(at + shiftAt(flags)) : 0
  let sum1: f64 = 0
  let sum2: f64 = 0
  if (flags & STATISTICS_VARIANCE) {
    sum1 = load<f64>(at, 16)
    sum2 = load<f64>(at, 24)
  }
  for (let value = values; value < end; value += 8) {
    const x = load<f64>(value)
    const shifted = x - shift
    sum += x
    sum1 += shifted
    sum2 += shifted * shifted
  }
  store<f64>(at, sum)
  store<f64>(at, load<f64>(at, STATISTICS_N) + n, STATISTICS_N)
  if (flags & STATISTICS_VARIANCE) {
    store<f64>(at, sum1, 16)
    store<f64>(at, sum2, 24)
  }
  if (!(flags & STATISTICS_EXTREMES)) return
  const kept = at + extremesAt(flags)
  let least = load<f64>(kept)
  let greatest = load<f64>(kept, 8)
  for (let value = values; value < end; value += 8) {
    const x = load<f64>(value)
    least = x < least ? x : least
    greatest = -x < greatest ? -x : greatest
  }
  store<f64>(kept, least)
  store<f64>(kept, greatest, 8)
}

/** Where there may be NaN. */
export function addExactly(flags: u32, offset: usize, states: usize, values: usize, n: i32): void {
  const end = states + (<usize>n << 2)
  for (; states < end; states += 4, values += 8) {
    const at = <usize>load<u32>(states) + offset
    const x = load<f64>(values)
    const kept = at + extremesAt(flags)
    const least = load<f64>(kept)
    const greatest = load<f64>(kept, 8)
    const isFirst = load<f64>(at, STATISTICS_N) == 0
    addOne(flags, at, x)
    if (isFirst || !(flags & STATISTICS_EXTREMES)) continue
    if (least != least) store<f64>(kept, x)
    if (x != x && greatest == greatest) store<f64>(kept, -x, 8)
  }
}

/** What every NaN leaves as. */
// @ts-ignore: decorator
@inline
function canonical(x: f64): f64 {
  return x != x ? NaN : x
}

/**
 * Turns the words of every group into those that travel: Σx, n; mean, M2; minimum, maximum; for sums of integers Σx as i64. Adds
 * n to the f64 at `counts` of the state row, unless that is 0xffff. Once, when all rows are in.
 */
export function finishStatistics(table: usize, offset: i32, flags: u32, counts: i32): void {
  const bytes = <usize>load<u32>(table, GROUP_STATE_BYTES)
  let row = <usize>load<u32>(table, GROUP_STATES)
  const end = row + <usize>load<u32>(table, GROUP_COUNT) * bytes
  for (; row < end; row += bytes) {
    const at = row + <usize>offset
    const n = load<f64>(at, STATISTICS_N)
    if (n == 0) continue
    if (counts != 0xffff) store<f64>(row + counts, load<f64>(row + counts) + n)
    const sum = load<f64>(at)
    store<f64>(at, canonical(sum))
    let end = shiftAt(flags)
    if (flags & STATISTICS_VARIANCE) {
      const sum1 = load<f64>(at, STATISTICS_MEAN)
      const m2 = load<f64>(at, STATISTICS_M2) - sum1 * sum1 / n
      store<f64>(at, canonical(load<f64>(at + end) + sum1 / n), STATISTICS_MEAN)
      // Rounding can leave a little less than nothing; NaN stays.
      store<f64>(at, m2 < 0 ? 0 : canonical(m2), STATISTICS_M2)
      store<f64>(at + end, 0)
      end += 8
    } else end -= 16
    if (flags & STATISTICS_EXTREMES) {
      const kept = at + extremesAt(flags)
      store<f64>(kept, canonical(load<f64>(kept)))
      store<f64>(kept, canonical(-load<f64>(kept, 8)), 8)
    }
    // Exact: fewer rows than 2^22, of less than 2^31 each.
    if (flags & STATISTICS_INTEGER_SUM) store<i64>(at + end, <i64>sum)
  }
}

/** Adds finished statistics of one state to those of another. */
export function mergeStatistics(flags: u32, to: usize, from: usize): void {
  const n = load<f64>(from, STATISTICS_N)
  if (n == 0) return
  const before = load<f64>(to, STATISTICS_N)
  const total = before + n
  store<f64>(to, load<f64>(to) + load<f64>(from))
  store<f64>(to, total, STATISTICS_N)
  if (flags & STATISTICS_VARIANCE) {
    const mean = load<f64>(from, STATISTICS_MEAN)
    const m2 = load<f64>(from, STATISTICS_M2)
    const delta = mean - load<f64>(to, STATISTICS_MEAN)
    store<f64>(to, before == 0 ? mean : load<f64>(to, STATISTICS_MEAN) + delta * n / total, STATISTICS_MEAN)
    store<f64>(to, before == 0 ? m2 : load<f64>(to, STATISTICS_M2) + m2 + delta * delta * before * n / total, STATISTICS_M2)
  }
  if (flags & STATISTICS_EXTREMES) {
    const at = extremesAt(flags)
    const least = load<f64>(from + at)
    const greatest = load<f64>(from + at, 8)
    const keptLeast = load<f64>(to + at)
    const keptGreatest = load<f64>(to + at, 8)
    if (before == 0 || keptLeast > least || (keptLeast != keptLeast && least == least)) store<f64>(to + at, least)
    if (before == 0 || greatest > keptGreatest || (greatest != greatest && keptGreatest == keptGreatest)) {
      store<f64>(to + at, greatest, 8)
    }
  }
  if (!(flags & STATISTICS_INTEGER_SUM)) return
  const at = shiftAt(flags) + (flags & STATISTICS_VARIANCE ? 8 : -16)
  store<i64>(to + at, load<i64>(to + at) + load<i64>(from + at))
}
