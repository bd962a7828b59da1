// Key instructions: turn the key registers of the selected rows into key rows, side by side in the table's vectors.
// Invariant: equal keys have equal bytes: NaN is one NaN, −0 is 0, a null is a zero word and its null bit; text is its code.
import {
  FRAME_REGISTERS, FRAME_SELECTION, FRAME_SELECTION_COUNT, FRAME_VECTOR_ROWS, GROUP_KEY_BYTES,
  GROUP_VECTORS, GROUP_VECTOR_KEYS, REGISTER_BYTES, REGISTER_VALIDITY, REGISTER_VALUES,
} from './portable/layout'

/** Rows that effects see: the selected ones, or all of the vector. */
// @ts-ignore: decorator
@inline
export function selectedCount(frame: usize): i32 {
  const selected = load<i32>(frame, FRAME_SELECTION_COUNT)
  return selected < 0 ? load<i32>(frame, FRAME_VECTOR_ROWS) : selected
}

/** Their row numbers (u16), or 0 where they are all rows of the vector. */
// @ts-ignore: decorator
@inline
export function selectedRows(frame: usize): usize {
  return load<i32>(frame, FRAME_SELECTION_COUNT) < 0 ? 0 : <usize>load<u32>(frame, FRAME_SELECTION)
}

// @ts-ignore: decorator
@inline
export function registerAt(frame: usize, index: u32): usize {
  return <usize>load<u32>(frame, FRAME_REGISTERS) + <usize>index * REGISTER_BYTES
}

// @ts-ignore: decorator
@inline
export function rowAt(rows: usize, position: i32): usize {
  return rows ? <usize>load<u16>(rows + (<usize>position << 1)) : <usize>position
}

// @ts-ignore: decorator
@inline
export function bitAt(bits: usize, row: usize): u32 {
  return (<u32>load<u8>(bits + (row >> 3)) >> (<u32>row & 7)) & 1
}

/** Clears the null bits. */
export function beginKeys(frame: usize, table: usize): void {
  const n = selectedCount(frame)
  const vectors = <usize>load<u32>(table, GROUP_VECTORS)
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  let key = vectors + GROUP_VECTOR_KEYS
  for (let i = 0; i < n; i++) {
    store<u64>(key, 0)
    key += keyBytes
  }
}

/** The word of a value: its bits, floats as f64 with one NaN and one zero. */
// @ts-ignore: decorator
@inline
function wordOf<T>(at: usize): u64 {
  if (isFloat<T>()) return floatWord(<f64>load<T>(at))
  return <u64>load<T>(at)
}

// @ts-ignore: decorator
@inline
function floatWord(value: f64): u64 {
  if (value != value) return 0x7ff8000000000000
  return reinterpret<u64>(value + 0.0)
}

/** One key of type T. */
// @ts-ignore: decorator
@inline
function writeKey<T>(frame: usize, table: usize, register: u32, key: u32): void {
  const n = selectedCount(frame)
  const rows = selectedRows(frame)
  const source = registerAt(frame, register)
  const values = <usize>load<u32>(source, REGISTER_VALUES)
  const validity = <usize>load<u32>(source, REGISTER_VALIDITY)
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  const wordOffset = <usize>(key + 1) << 3
  const nullBit = <u64>1 << key
  let out = <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_KEYS
  for (let i = 0; i < n; i++) {
    const row = rowAt(rows, i)
    if (validity && !bitAt(validity, row)) {
      store<u64>(out, load<u64>(out) | nullBit)
      store<u64>(out + wordOffset, 0)
    } else {
      store<u64>(out + wordOffset, wordOf<T>(values + row * sizeof<T>()))
    }
    out += keyBytes
  }
}

export function writeKeyF64(frame: usize, table: usize, register: u32, key: u32): void {
  writeKey<f64>(frame, table, register, key)
}

export function writeKeyF32(frame: usize, table: usize, register: u32, key: u32): void {
  writeKey<f32>(frame, table, register, key)
}

/** Also text: its code. */
export function writeKeyI32(frame: usize, table: usize, register: u32, key: u32): void {
  writeKey<i32>(frame, table, register, key)
}

export function writeKeyI64(frame: usize, table: usize, register: u32, key: u32): void {
  writeKey<i64>(frame, table, register, key)
}

export function writeKeyBool(frame: usize, table: usize, register: u32, key: u32): void {
  writeKey<u8>(frame, table, register, key)
}

/** The last word of the key rows: the pane's start. */
export function writePane(frame: usize, table: usize, register: u32): void {
  const n = selectedCount(frame)
  const rows = selectedRows(frame)
  const values = <usize>load<u32>(registerAt(frame, register), REGISTER_VALUES)
  const keyBytes = <usize>load<u32>(table, GROUP_KEY_BYTES)
  let out = <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_KEYS + keyBytes - 8
  for (let i = 0; i < n; i++) {
    store<u64>(out, floatWord(load<f64>(values + (rowAt(rows, i) << 3))))
    out += keyBytes
  }
}
