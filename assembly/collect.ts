// Appending the selected rows of a register to an output column: the end of a branch that does not group.
// Invariant: what comes out is the same in every engine, bit for bit: a NaN is the canonical one, under a null the value is 0.
import {
  FRAME_OUTPUTS, FRAME_OUTPUT_ROWS, FRAME_SELECTION, FRAME_SELECTION_COUNT, OUTPUT_BYTES, OUTPUT_NULL_COUNT, OUTPUT_VALIDITY,
  OUTPUT_VALUES, OUTPUT_WIDTH,
} from './portable/layout'
import { isValid, numberB, numberC, operandA, selectedRows, validityOf, valuesOf } from './vector'

/** The NaN that leaves. */
const CANONICAL_F64 = 0x7ff8000000000000
const CANONICAL_F32 = 0x7fc00000

/** Operand c: what the values are, as far as it matters here. */
const FLOATS = 1

export function runCollect(frame: usize, instruction: usize): void {
  const output = <usize>load<u32>(frame, FRAME_OUTPUTS) + <usize>numberB(instruction) * OUTPUT_BYTES
  const register = operandA(frame, instruction)
  const isFloat = numberC(instruction) == FLOATS
  const rows = load<i32>(frame, FRAME_OUTPUT_ROWS)
  const width = load<u32>(output, OUTPUT_WIDTH)
  const to = <usize>load<u32>(output, OUTPUT_VALUES) + <usize>rows * width
  const n = selectedRows(frame)
  const from = valuesOf(register)
  const selection: usize = load<i32>(frame, FRAME_SELECTION_COUNT) < 0 ? <usize>0 : <usize>load<u32>(frame, FRAME_SELECTION)
  if (width == 8) {
    if (isFloat) copyFloats<f64>(from, to, selection, n)
    else copyValues<u64>(from, to, selection, n)
  } else if (width == 4) {
    if (isFloat) copyFloats<f32>(from, to, selection, n)
    else copyValues<u32>(from, to, selection, n)
  } else copyValues<u8>(from, to, selection, n)
  const validity = load<u32>(output, OUTPUT_VALIDITY)
  const own = validityOf(register)
  if (!own) return setBits(validity, rows, n)
  const nulls = copyBits(own, validity, rows, selection, n, to, width)
  store<u32>(output, load<u32>(output, OUTPUT_NULL_COUNT) + nulls, OUTPUT_NULL_COUNT)
}

// @ts-ignore: decorator
@inline
function copyValues<T>(from: usize, to: usize, selection: usize, n: i32): void {
  if (!selection) {
    memory.copy(to, from, <usize>n * sizeof<T>())
    return
  }
  for (const end = selection + (<usize>n << 1); selection < end; selection += 2, to += sizeof<T>()) {
    store<T>(to, load<T>(from + <usize>load<u16>(selection) * sizeof<T>()))
  }
}

// @ts-ignore: decorator
@inline
function copyFloats<T>(from: usize, to: usize, selection: usize, n: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD && !selection) {
    const lanes = 16 / <i32>sizeof<T>()
    const canonical = sizeof<T>() == 8 ? i64x2.splat(CANONICAL_F64) : i32x4.splat(CANONICAL_F32)
    for (; i <= n - lanes; i += lanes, from += 16, to += 16) {
      const x = v128.load(from)
      v128.store(to, v128.bitselect(x, canonical, v128.eq<T>(x, x)))
    }
    n -= i
    i = 0
  }
  for (; i < n; i++, to += sizeof<T>()) {
    const row = selection ? <usize>load<u16>(selection + (<usize>i << 1)) : <usize>i
    const at = from + row * sizeof<T>()
    const x = load<T>(at)
    // As integers: a choice between those needs no branch.
    if (sizeof<T>() == 8) store<u64>(to, select<u64>(load<u64>(at), CANONICAL_F64, x == x))
    else store<u32>(to, select<u32>(load<u32>(at), CANONICAL_F32, x == x))
  }
}

/** Sets bits [first, first + n). */
function setBits(bitmap: usize, first: i32, n: i32): void {
  const end = first + n
  for (; first < end && first & 7; first++) setBit(bitmap, first)
  const whole = (end - first) >> 3
  if (whole > 0) memory.fill(bitmap + (first >> 3), 255, whole)
  for (first += whole << 3; first < end; first++) setBit(bitmap, first)
}

// @ts-ignore: decorator
@inline
function setBit(bitmap: usize, row: i32): void {
  const at = bitmap + (row >> 3)
  store<u8>(at, load<u8>(at) | (1 << <u8>(row & 7)))
}

/** Appends the bits of the selected rows and clears the values under nulls; returns how many those are. */
function copyBits(from: usize, to: usize, first: i32, selection: usize, n: i32, values: usize, width: u32): i32 {
  let nulls = 0
  let i = 0
  // Whole bytes fall on whole bytes while no filter has taken rows away.
  if (!selection && !(first & 7)) {
    for (; i <= n - 8; i += 8) {
      const bits = load<u8>(from + (i >> 3))
      store<u8>(to + ((first + i) >> 3), bits)
      for (let missing = <u32>bits ^ 255; missing; missing &= missing - 1) {
        nulls++
        memory.fill(values + <usize>(i + ctz(missing)) * width, 0, width)
      }
    }
  }
  for (; i < n; i++) {
    if (isValid(from, selection ? <i32>load<u16>(selection + (<usize>i << 1)) : i)) setBit(to, first + i)
    else {
      nulls++
      memory.fill(values + <usize>i * width, 0, width)
    }
  }
  return nulls
}
