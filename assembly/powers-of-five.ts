// The 128-bit powers of five that exact reading of decimals needs (decimal-float.ts), computed once per instance instead of
// shipped. Entry q − POWER_MIN holds the leading 128 bits of 5^q, high word first: truncated for q ≥ 0 and q < −27, rounded up
// for −27 ≤ q < 0 (D. Lemire, "Number parsing at a gigabyte per second", 2021, section 5).

import { staticRoom } from './host'

/** Smallest and largest power of the table: outside, every 64-bit mantissa gives 0 or infinity. */
export const POWER_MIN: i32 = -342
export const POWER_MAX: i32 = 308

const EXACT_RECIPROCAL_MIN: i32 = -27
const ENTRIES: i32 = 651
const LIMBS: i32 = 40

// One long number, 32-bit limbs from the lowest; the first lies LIMB_MARGIN above the start so that shorter numbers end in zeros.
const LIMB_MARGIN: i32 = 4
const LIMB_BYTES = 4 * (LIMBS + LIMB_MARGIN)
let limbs: usize = 0
let table: usize = 0

/** Address of the entry of 5^q, POWER_MIN ≤ q ≤ POWER_MAX. */
export function powerOfFive(q: i32): usize {
  if (!table) {
    limbs = staticRoom(LIMB_BYTES)
    table = staticRoom(ENTRIES * 16)
    buildPositive()
    buildNegative()
  }
  return table + (<usize>(q - POWER_MIN) << 4)
}

function limbAt(i: i32): usize {
  return limbs + (<usize>(i + LIMB_MARGIN) << 2)
}

function buildPositive(): void {
  memory.fill(limbs, 0, LIMB_BYTES)
  store<u32>(limbAt(0), 1)
  let top = 0
  for (let q = 0; q <= POWER_MAX; q++) {
    storeTop(q, top, 0)
    let carry: u64 = 0
    for (let i = 0; i <= top; i++) {
      carry += <u64>load<u32>(limbAt(i)) * 5
      store<u32>(limbAt(i), <u32>carry)
      carry >>= 32
    }
    if (carry) store<u32>(limbAt(++top), <u32>carry)
  }
}

// floor(floor(x / 5) / 5) = floor(x / 25): dividing one large power of two again and again stays exact.
function buildNegative(): void {
  memory.fill(limbs, 0, LIMB_BYTES)
  let top = LIMBS - 1
  store<u32>(limbAt(top), 1)
  for (let q = -1; q >= POWER_MIN; q--) {
    let rest: u64 = 0
    for (let i = top; i >= 0; i--) {
      rest = rest << 32 | load<u32>(limbAt(i))
      store<u32>(limbAt(i), <u32>(rest / 5))
      rest %= 5
    }
    if (load<u32>(limbAt(top)) == 0) top--
    storeTop(q, top, q >= EXACT_RECIPROCAL_MIN ? 1 : 0)
  }
}

/** Writes the leading 128 bits of the number whose highest limb that is not 0 is `top`, plus `increment`. */
function storeTop(q: i32, top: i32, increment: u64): void {
  const shift = <u64>clz(load<u32>(limbAt(top)))
  const upper = pairBelow(top)
  const middle = pairBelow(top - 2)
  const lower = <u64>load<u32>(limbAt(top - 4)) << 32
  const high = shift ? upper << shift | middle >> (64 - shift) : upper
  const low = (shift ? middle << shift | lower >> (64 - shift) : middle) + increment
  const entry = table + (<usize>(q - POWER_MIN) << 4)
  store<u64>(entry, high + (low < increment ? 1 : 0))
  store<u64>(entry, low, 8)
}

function pairBelow(top: i32): u64 {
  return <u64>load<u32>(limbAt(top)) << 32 | load<u32>(limbAt(top - 1))
}
