// Access to an instruction's registers and to validity bitmaps: what every family of instructions is written with.
// Invariant: a bitmap is read and written in whole 64-row words; bits behind the vector's last row are unspecified.
import {
  FIGURE_OVERFLOWS, FRAME_FIGURES, FRAME_REGISTERS, FRAME_SELECTION, FRAME_SELECTION_COUNT, FRAME_VECTOR_ROWS, REGISTER_BYTES,
  REGISTER_OWN_VALIDITY, REGISTER_STRIDE, REGISTER_VALIDITY, REGISTER_VALUES,
} from './portable/layout'

/** Address of register number `index`. */
// @ts-ignore: decorator
@inline
function registerAt(frame: usize, index: u32): usize {
  return <usize>load<u32>(frame, FRAME_REGISTERS) + <usize>index * REGISTER_BYTES
}

/** Addresses of the registers that an instruction names. */
// @ts-ignore: decorator
@inline
export function dstOf(frame: usize, instruction: usize): usize {
  return registerAt(frame, load<u16>(instruction, 2))
}

// @ts-ignore: decorator
@inline
export function operandA(frame: usize, instruction: usize): usize {
  return registerAt(frame, load<u16>(instruction, 4))
}

// @ts-ignore: decorator
@inline
export function operandB(frame: usize, instruction: usize): usize {
  return registerAt(frame, load<u16>(instruction, 6))
}

// @ts-ignore: decorator
@inline
export function operandC(frame: usize, instruction: usize): usize {
  return registerAt(frame, load<u16>(instruction, 8))
}

// @ts-ignore: decorator
@inline
export function operandD(frame: usize, instruction: usize): usize {
  return registerAt(frame, load<u16>(instruction, 10))
}

// @ts-ignore: decorator
@inline
export function operandE(frame: usize, instruction: usize): usize {
  return registerAt(frame, load<u16>(instruction, 12))
}

// @ts-ignore: decorator
@inline
export function operandF(frame: usize, instruction: usize): usize {
  return registerAt(frame, load<u16>(instruction, 14))
}

/** Operands that are plain numbers. */
// @ts-ignore: decorator
@inline
export function numberDst(instruction: usize): i32 {
  return load<u16>(instruction, 2)
}

// @ts-ignore: decorator
@inline
export function numberB(instruction: usize): i32 {
  return load<u16>(instruction, 6)
}

// @ts-ignore: decorator
@inline
export function numberC(instruction: usize): i32 {
  return load<u16>(instruction, 8)
}

// @ts-ignore: decorator
@inline
export function valuesOf(register: usize): usize {
  return load<u32>(register, REGISTER_VALUES)
}

/** Bytes from one row's value to the next: 0 where there is one value for all. */
// @ts-ignore: decorator
@inline
export function strideOf(register: usize): usize {
  return load<u32>(register, REGISTER_STRIDE)
}

/** Address of the bitmap, 0 = no nulls. */
// @ts-ignore: decorator
@inline
export function validityOf(register: usize): usize {
  return load<u32>(register, REGISTER_VALIDITY)
}

/** Rows of the current vector. */
// @ts-ignore: decorator
@inline
export function rowsOf(frame: usize): i32 {
  return load<i32>(frame, FRAME_VECTOR_ROWS)
}

/** Whether a row holds a value, by its register's bitmap. */
// @ts-ignore: decorator
@inline
export function isValid(validity: usize, row: i32): bool {
  return !validity || ((load<u8>(validity + (row >> 3)) >> <u8>(row & 7)) & 1) != 0
}

// @ts-ignore: decorator
@inline
export function clearBit(bitmap: usize, row: i32): void {
  const at = bitmap + (row >> 3)
  store<u8>(at, load<u8>(at) & ~(1 << <u8>(row & 7)))
}

/** Makes `dst` free of nulls. */
// @ts-ignore: decorator
@inline
export function setNoNulls(dst: usize): void {
  store<u32>(dst, 0, REGISTER_VALIDITY)
}

/** Gives `dst` its own bitmap, whose content is for the caller to write. */
// @ts-ignore: decorator
@inline
export function ownValidity(dst: usize): usize {
  const own = load<u32>(dst, REGISTER_OWN_VALIDITY)
  store<u32>(dst, own, REGISTER_VALIDITY)
  return own
}

/** dst is null where `a` is. */
export function passNulls(dst: usize, a: usize, n: i32): void {
  passNulls3(dst, a, a, a, n)
}

/** dst is null where `a` or `b` is. */
export function passNulls2(dst: usize, a: usize, b: usize, n: i32): void {
  passNulls3(dst, a, b, b, n)
}

/** dst is null where one of three is. */
export function passNulls3(dst: usize, a: usize, b: usize, c: usize, n: i32): void {
  const fromA = validityOf(a)
  const fromB = validityOf(b)
  const fromC = validityOf(c)
  if (!(fromA | fromB | fromC)) return setNoNulls(dst)
  const to = ownValidity(dst)
  for (let i: usize = 0, bytes = bitmapBytes(n); i < bytes; i += 8) {
    store<u64>(to + i, wordOrOnes(fromA, i) & wordOrOnes(fromB, i) & wordOrOnes(fromC, i))
  }
}

// @ts-ignore: decorator
@inline
function wordOrOnes(bitmap: usize, at: usize): u64 {
  return bitmap ? load<u64>(bitmap + at) : -1
}

/** Makes row `row` of `dst`, whose nulls are set already, null too. */
export function addNull(dst: usize, row: i32, n: i32): void {
  if (!validityOf(dst)) {
    const own = ownValidity(dst)
    for (let i: usize = 0, bytes = bitmapBytes(n); i < bytes; i += 8) store<u64>(own + i, -1)
  }
  clearBit(validityOf(dst), row)
}

/** The same for a value that did not fit: counted if the row is selected. */
export function addOverflow(frame: usize, dst: usize, row: i32, n: i32): void {
  addNull(dst, row, n)
  if (isSelected(frame, row)) addFigure(frame, FIGURE_OVERFLOWS, 1)
}

// @ts-ignore: decorator
@inline
export function addFigure(frame: usize, figure: i32, count: i32): void {
  const at = <usize>load<u32>(frame, FRAME_FIGURES) + (<usize>figure << 3)
  store<f64>(at, load<f64>(at) + <f64>count)
}

/** Bytes of the bitmap of `n` rows in whole words. */
// @ts-ignore: decorator
@inline
export function bitmapBytes(n: i32): usize {
  return <usize>((n + 63) >> 6) << 3
}

/** Number of selected rows. */
// @ts-ignore: decorator
@inline
export function selectedRows(frame: usize): i32 {
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  return count < 0 ? rowsOf(frame) : count
}

/** Whether a row is selected; a search, for rare cases. */
function isSelected(frame: usize, row: i32): bool {
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  if (count < 0) return true
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (<i32>load<u16>(selection + (<usize>middle << 1)) < row) low = middle + 1
    else high = middle
  }
  return low < count && <i32>load<u16>(selection + (<usize>low << 1)) == row
}
