// Narrowing the selection to the rows where a bool is true. The selection is a list of row numbers, −1 for its count meaning all
// rows. From all rows: eight at a time, the numbers of the set bits of a mask looked up (SIMD) or counted off (scalar).
import { staticRoom } from './host'
import { FRAME_SELECTION, FRAME_SELECTION_COUNT } from './portable/layout'
import { isValid, rowsOf, validityOf, valuesOf } from './vector'

const ENTRY_BYTES = 16
/** For each mask of eight rows the numbers of its set bits, u16 each; 0 until it is first needed. */
let setBits: usize = 0

function buildSetBits(): usize {
  setBits = staticRoom(256 * ENTRY_BYTES)
  for (let bits = 0; bits < 256; bits++) {
    let at = setBits + <usize>bits * ENTRY_BYTES
    for (let bit = 0; bit < 8; bit++) {
      if ((bits >> bit) & 1) {
        store<u16>(at, <u16>bit)
        at += 2
      }
    }
  }
  return setBits
}

export function selectTrue(frame: usize, predicate: usize): void {
  const values = valuesOf(predicate)
  const validity = validityOf(predicate)
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  if (count >= 0) {
    store<i32>(frame, fromSelected(values, validity, count, selection), FRAME_SELECTION_COUNT)
    return
  }
  const n = rowsOf(frame)
  const kept = fromAll(values, validity, n, selection)
  // Where every row passes, effects go on without the list: checks that hardly ever fail cost no more than themselves.
  store<i32>(frame, kept == n ? -1 : kept, FRAME_SELECTION_COUNT)
}

function fromAll(values: usize, validity: usize, n: i32, selection: usize): i32 {
  const table = setBits ? setBits : buildSetBits()
  let out = selection
  for (let row = 0; row < n; row += 8) {
    // Gathers the low bit of each of eight bytes.
    let bits = <u32>(((load<u64>(values + row) & 0x0101010101010101) * 0x0102040810204080) >> 56)
    if (validity) bits &= load<u8>(validity + (row >> 3))
    if (n - row < 8) bits &= (1 << (n - row)) - 1
    if (ASC_FEATURE_SIMD) {
      v128.store(out, i16x8.add(v128.load(table + <usize>bits * ENTRY_BYTES), i16x8.splat(<i16>row)))
      out += popcnt(bits) << 1
    } else {
      for (; bits; bits &= bits - 1) {
        store<u16>(out, <u16>(row + ctz(bits)))
        out += 2
      }
    }
  }
  return <i32>(out - selection) >> 1
}

function fromSelected(values: usize, validity: usize, count: i32, selection: usize): i32 {
  let kept = 0
  for (let i = 0; i < count; i++) {
    const row = load<u16>(selection + (<usize>i << 1))
    store<u16>(selection + (<usize>kept << 1), row)
    kept += <i32>(load<u8>(values + row) != 0 && isValid(validity, row))
  }
  return kept
}

/** Selects the rows whose bit in a bitmap of whole words is set (SIMD build); behind the vector's last row all are 0. */
export function selectBits(bitmap: usize, words: i32, selection: usize): i32 {
  const table = setBits ? setBits : buildSetBits()
  let out = selection
  for (let word = 0; word < words; word++) {
    const bits = load<u64>(bitmap + (<usize>word << 3))
    // Most words of a filter that few rows pass are empty.
    for (let rest = bits, row = word << 6; rest; rest >>= 8, row += 8) {
      const eight = <usize>(rest & 255)
      v128.store(out, i16x8.add(v128.load(table + eight * ENTRY_BYTES), i16x8.splat(<i16>row)))
      out += <usize>popcnt(eight) << 1
    }
  }
  return <i32>(out - selection) >> 1
}

/** Keeps the rows that are there, or those that are not. */
export function selectValid(frame: usize, register: usize, isWanted: bool): void {
  const validity = validityOf(register)
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  if (!validity) {
    if (!isWanted) store<i32>(frame, 0, FRAME_SELECTION_COUNT)
    return
  }
  const n = count < 0 ? rowsOf(frame) : count
  let kept = 0
  for (let i = 0; i < n; i++) {
    const row = count < 0 ? i : <i32>load<u16>(selection + (<usize>i << 1))
    store<u16>(selection + (<usize>kept << 1), <u16>row)
    kept += <i32>(isValid(validity, row) == isWanted)
  }
  store<i32>(frame, count < 0 && kept == n ? -1 : kept, FRAME_SELECTION_COUNT)
}
