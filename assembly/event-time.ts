// Event times of a vector: their range, found once, and the checks that mostly follow from it: the largest time, rows without a
// time, late rows, the pane.
// Invariant: a range says more than it must (it covers rows that are not selected, and is NaN where one of all is null or no
// point in time), never less; where it does not decide, rows are looked at one by one and the result is the same.
import { FRAME_MAX_TIMES, FRAME_SELECTION, FRAME_SELECTION_COUNT } from './portable/layout'
import { OP_KEEP_IN_TIME, OP_KEEP_TIMED, OP_MAX_TIME, TIME_MAX_MS } from './portable/opcodes'
import { bytesOf, keepRows } from './selection'
import {
  dstOf, isValid, numberB, numberDst, operandA, operandB, operandC, operandD, operandE, operandF, rowsOf,
  selectedRows, validityOf, valuesOf,
} from './vector'

/** The start of the pane, window or step that a time lies in: the largest origin + k · size ≤ time. */
// @ts-ignore: decorator
@inline
export function startOf(time: f64, size: f64, origin: f64): f64 {
  const start = origin + floor<f64>((time - origin) / size) * size
  // The quotient of a time just before a multiple may have been rounded up to it.
  return start - (start > time ? size : 0)
}

/** Writes the smallest and the largest time of all rows to the dst buffer, or NaN for both where a row has no time. */
export function findTimeRange(frame: usize, instruction: usize): void {
  const register = operandA(frame, instruction)
  const out = valuesOf(dstOf(frame, instruction))
  let least: f64 = NaN
  let greatest: f64 = NaN
  if (!validityOf(register)) {
    const n = rowsOf(frame)
    let at = valuesOf(register)
    const end = at + (<usize>n << 3)
    least = Infinity
    greatest = -Infinity
    let isTimed = true
    if (ASC_FEATURE_SIMD) {
      let low = f64x2.splat(Infinity), low2 = low
      let high = f64x2.splat(-Infinity), high2 = high
      let nan = i64x2.splat(0), nan2 = nan
      for (const last = end - (n & 3) * 8; at < last; at += 32) {
        const first = v128.load(at)
        const second = v128.load(at, 16)
        low = f64x2.pmin(low, first)
        low2 = f64x2.pmin(low2, second)
        high = f64x2.pmax(high, first)
        high2 = f64x2.pmax(high2, second)
        nan = v128.or(nan, f64x2.ne(first, first))
        nan2 = v128.or(nan2, f64x2.ne(second, second))
      }
      low = f64x2.pmin(low, low2)
      high = f64x2.pmax(high, high2)
      least = min<f64>(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1))
      greatest = max<f64>(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1))
      isTimed = !v128.any_true(v128.or(nan, nan2))
    }
    for (; at < end; at += 8) {
      const time = load<f64>(at)
      if (time != time) isTimed = false
      if (time < least) least = time
      if (time > greatest) greatest = time
    }
    if (!isTimed || least < -TIME_MAX_MS || greatest > TIME_MAX_MS) least = greatest = NaN
  }
  store<f64>(out, least)
  store<f64>(out, greatest, 8)
}

/** OP_MAX_TIME, OP_KEEP_TIMED and OP_KEEP_IN_TIME. */
export function runTimeCheck(frame: usize, instruction: usize, op: i32): void {
  switch (op) {
    case OP_MAX_TIME: return raiseMaxTime(frame, instruction)
    case OP_KEEP_TIMED: {
      const range = valuesOf(operandB(frame, instruction))
      if (load<f64>(range) == load<f64>(range)) return
      return keepTimes<bool>(frame, instruction, -TIME_MAX_MS, 0, 0, 0)
    }
    case OP_KEEP_IN_TIME: {
      const range = valuesOf(operandB(frame, instruction))
      const slide = load<f64>(valuesOf(operandC(frame, instruction)))
      const origin = load<f64>(valuesOf(operandD(frame, instruction)))
      const size = load<f64>(valuesOf(operandE(frame, instruction)))
      const watermark = load<f64>(valuesOf(operandF(frame, instruction)))
      // Later times are in later windows. False where the range is NaN.
      if (startOf(load<f64>(range), slide, origin) + size > watermark) return
      return keepTimes<f64>(frame, instruction, watermark, slide, origin, size)
    }
    default: unreachable()
  }
}

/** T: bool keeps rows that have a time, f64 those whose last window ends behind the watermark. */
function keepTimes<T>(frame: usize, instruction: usize, watermark: f64, slide: f64, origin: f64, size: f64): void {
  const register = operandA(frame, instruction)
  const values = valuesOf(register)
  const bytes = bytesOf(frame)
  for (let row = 0, n = rowsOf(frame); row < n; row++) {
    const time = load<f64>(values + (<usize>row << 3))
    const passes = isFloat<T>() ? startOf(time, slide, origin) + size > watermark : abs<f64>(time) <= TIME_MAX_MS
    store<u8>(bytes + row, <u8>passes)
  }
  keepRows(frame, bytes, validityOf(register), 0, numberDst(instruction))
}

function raiseMaxTime(frame: usize, instruction: usize): void {
  const register = operandA(frame, instruction)
  const at = <usize>load<u32>(frame, FRAME_MAX_TIMES) + (<usize>numberB(instruction) << 3)
  let largest = load<f64>(at)
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  const greatest = load<f64>(valuesOf(operandC(frame, instruction)), 8)
  if (count < 0 && greatest == greatest) {
    store<f64>(at, max<f64>(largest, greatest))
    return
  }
  const values = valuesOf(register)
  const validity = validityOf(register)
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  const n = selectedRows(frame)
  for (let i = 0; i < n; i++) {
    const row = count < 0 ? i : <i32>load<u16>(selection + (<usize>i << 1))
    const time = load<f64>(values + (<usize>row << 3))
    if (time > largest && time < Infinity && isValid(validity, row)) largest = time
  }
  store<f64>(at, largest)
}
