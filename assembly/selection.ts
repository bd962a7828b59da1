// Narrowing the selection to rows that have a byte of 1, whatever that says. The selection is a list of row numbers, −1 for its
// count meaning all rows. From all rows: eight at a time, the numbers of the set bits of a mask looked up (SIMD) or counted off
// (scalar).
import { staticRoom } from './host'
import { FRAME_SCRATCH, FRAME_SELECTION, FRAME_SELECTION_COUNT } from './portable/layout'
import { addFigure, isValid, selectedRows } from './vector'

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

/** Room for a byte per row. */
export function bytesOf(frame: usize): usize {
  return <usize>load<u32>(frame, FRAME_SCRATCH)
}

/**
 * Keeps the selected rows whose byte is 1 and whose bits are set in two bitmaps (0: all are); adds the number of the others to a
 * figure.
 */
export function keepRows(frame: usize, bytes: usize, validityA: usize, validityB: usize, figure: i32): void {
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  const before = selectedRows(frame)
  const kept = count < 0 ? fromAll(bytes, validityA, validityB, before, selection)
    : fromSelected(bytes, validityA, validityB, before, selection)
  addFigure(frame, figure, before - kept)
  // Where every row passes, effects go on without the list: checks that hardly ever fail cost no more than themselves.
  if (count >= 0 || kept < before) store<i32>(frame, kept, FRAME_SELECTION_COUNT)
}

function fromAll(bytes: usize, validityA: usize, validityB: usize, n: i32, selection: usize): i32 {
  const table = setBits ? setBits : buildSetBits()
  let out = selection
  for (let row = 0; row < n; row += 8) {
    // Gathers the low bit of each of eight bytes.
    let bits = <u32>(((load<u64>(bytes + row) & 0x0101010101010101) * 0x0102040810204080) >> 56)
    if (validityA) bits &= load<u8>(validityA + (row >> 3))
    if (validityB) bits &= load<u8>(validityB + (row >> 3))
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

function fromSelected(bytes: usize, validityA: usize, validityB: usize, count: i32, selection: usize): i32 {
  let kept = 0
  for (let i = 0; i < count; i++) {
    const row = load<u16>(selection + (<usize>i << 1))
    store<u16>(selection + (<usize>kept << 1), row)
    kept += <i32>(load<u8>(bytes + row) != 0 && isValid(validityA, row) && isValid(validityB, row))
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
