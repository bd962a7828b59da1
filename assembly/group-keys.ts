// Key rows: the keys and the pane of a row as words, from the registers that the key instructions before a `groupFind` name.
// Invariant: equal keys have equal bytes: NaN is one NaN, −0 is 0, a null is a zero word and its null bit; text is its code.
import { floorTo } from './arithmetic'
import { startOf } from './event-time'
import {
  FRAME_REGISTERS, FRAME_SELECTION, FRAME_SELECTION_COUNT, FRAME_VECTOR_ROWS, INSTRUCTION_BYTES, REGISTER_BYTES,
  REGISTER_VALIDITY, REGISTER_VALUES,
} from './portable/layout'
import { GROUP_KEY_BOOL, GROUP_KEY_F32, GROUP_KEY_F64, GROUP_KEY_I64, NO_REGISTER } from './portable/group-opcodes'

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

// @ts-ignore: decorator
@inline
export function valuesAt(frame: usize, index: u32): usize {
  return <usize>load<u32>(registerAt(frame, index), REGISTER_VALUES)
}

/** The instruction of the first key of a `groupFind`; the others follow, then that of the pane. */
// @ts-ignore: decorator
@inline
export function firstKeyOf(find: usize): usize {
  return find - <usize>(load<u16>(find, 4) + load<u16>(find, 6)) * INSTRUCTION_BYTES
}

// @ts-ignore: decorator
@inline
export function floatWord(value: f64): u64 {
  if (value != value) return 0x7ff8000000000000
  return reinterpret<u64>(value + 0.0)
}

/** The word of a value: its bits, floats as f64 with one NaN and one zero. */
export function keyWord(op: u32, values: usize, row: usize): u64 {
  switch (op) {
    case GROUP_KEY_F64: return floatWord(load<f64>(values + (row << 3)))
    case GROUP_KEY_F32: return floatWord(<f64>load<f32>(values + (row << 2)))
    case GROUP_KEY_I64: return load<u64>(values + (row << 3))
    case GROUP_KEY_BOOL: return <u64>load<u8>(values + row)
    default: return <u64>load<i32>(values + (row << 2))
  }
}

/** Writes the key row of row `row` to `out`. @param only the pane of all rows, or NaN. */
export function writeKeyRow(frame: usize, find: usize, row: usize, only: f64, out: usize): void {
  const numKeys = <u32>load<u16>(find, 4)
  let key = firstKeyOf(find)
  let nulls: u64 = 0
  let word = out
  for (let k: u32 = 0; k < numKeys; k++, key += INSTRUCTION_BYTES) {
    const register = registerAt(frame, load<u16>(key, 4))
    const validity = <usize>load<u32>(register, REGISTER_VALIDITY)
    const isNull = validity && !bitAt(validity, row)
    if (isNull) nulls |= <u64>1 << k
    store<u64>(word, isNull ? 0 : keyWord(load<u16>(key), load<u32>(register, REGISTER_VALUES), row), 8)
    word += 8
  }
  store<u64>(out, nulls)
  if (load<u16>(find, 6)) store<u64>(word, floatWord(only == only ? only : paneOfRow(frame, key, row)), 8)
}

/** The start of a row's pane. */
// @ts-ignore: decorator
@inline
export function paneOfRow(frame: usize, pane: usize, row: usize): f64 {
  const time = load<f64>(valuesAt(frame, load<u16>(pane, 4)) + (row << 3))
  if (load<u16>(pane, 6) == NO_REGISTER) return time
  return startOf(time, load<f64>(valuesAt(frame, load<u16>(pane, 8))), load<f64>(valuesAt(frame, load<u16>(pane, 10))))
}

/** The one pane that the times of all rows of the vector lie in; NaN where they lie in several, or that is not known. */
export function onlyPane(frame: usize, pane: usize): f64 {
  if (load<u16>(pane, 6) == NO_REGISTER) return NaN
  const range = valuesAt(frame, load<u16>(pane, 6))
  const size = load<f64>(valuesAt(frame, load<u16>(pane, 8)))
  const origin = load<f64>(valuesAt(frame, load<u16>(pane, 10)))
  const first = startOf(load<f64>(range), size, origin)
  return first == startOf(load<f64>(range, 8), size, origin) ? first : NaN
}

/** Writes the panes of all rows to `out`. */
export function writePanes(frame: usize, pane: usize, out: usize): void {
  const n = load<i32>(frame, FRAME_VECTOR_ROWS)
  const time = valuesAt(frame, load<u16>(pane, 4))
  if (load<u16>(pane, 6) == NO_REGISTER) {
    memory.copy(out, time, <usize>n << 3)
    return
  }
  floorTo(time, valuesAt(frame, load<u16>(pane, 8)), valuesAt(frame, load<u16>(pane, 10)), out, n)
}
