// A decimal w × 10^q to the nearest f64, ties to even: what Number() gives, bit for bit.
// Two ways: one IEEE operation where both numbers are exact (W. Clinger, 1990), else 128-bit multiplication (Eisel and Lemire,
// 2021).
import { POWER_MAX, POWER_MIN, powerOfFive } from './powers-of-five'

/** 1e0 to 1e22, exactly. */
export const powersOfTen = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
])
const EXACT_POWER_MAX: i32 = 22
/** As large as an integer can be for all smaller ones to be exact. */
export const EXACT_MANTISSA_MAX: u64 = 9007199254740992

/** The f64 nearest to `mantissa` × 10^`exponent`; not negative. */
// @ts-ignore: decorator
@inline
export function decimalToFloat(mantissa: u64, exponent: i32): f64 {
  if (mantissa <= EXACT_MANTISSA_MAX && <u32>(exponent + EXACT_POWER_MAX) <= 2 * EXACT_POWER_MAX) {
    const exact = <f64>(<i64>mantissa)
    return exponent < 0
      ? exact / load<f64>(powersOfTen + (<usize>-exponent << 3))
      : exact * load<f64>(powersOfTen + (<usize>exponent << 3))
  }
  return roundDecimal(mantissa, exponent)
}

/** The same by 128-bit multiplication, for every mantissa and exponent. */
export function roundDecimal(mantissa: u64, exponent: i32): f64 {
  if (mantissa == 0 || exponent < POWER_MIN) return 0
  if (exponent > POWER_MAX) return Infinity
  const zeros = <i32>clz(mantissa)
  const w = mantissa << zeros
  const power = powerOfFive(exponent)
  let high = multiplyHigh(w, load<u64>(power))
  let low = w * load<u64>(power)
  // Only when the bits below those we keep are all ones can the rest of the power reach them.
  if ((high & 0x1ff) == 0x1ff) {
    const more = multiplyHigh(w, load<u64>(power, 8))
    low += more
    if (low < more) high++
  }
  return roundProduct(high, low, exponent, zeros)
}

function roundProduct(high: u64, low: u64, exponent: i32, zeros: i32): f64 {
  const upperBit = <i32>(high >> 63)
  const shift = upperBit + 9
  let bits = high >> shift
  let power2 = ((217706 * exponent) >> 16) + 63 + upperBit - zeros + 1023
  if (power2 <= 0) return roundSubnormal(bits, 1 - power2)
  // Exactly half way between two floats: to even.
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 && bits << shift == high) bits &= ~1
  bits = (bits + (bits & 1)) >> 1
  if (bits >= <u64>2 << 52) {
    bits = <u64>1 << 52
    power2++
  }
  if (power2 >= 0x7ff) return Infinity
  return reinterpret<f64>(bits & ~(<u64>1 << 52) | <u64>power2 << 52)
}

function roundSubnormal(bits: u64, shift: i32): f64 {
  if (shift >= 64) return 0
  bits >>= shift
  // A carry into bit 52 is the smallest normal number: its exponent field is that very bit.
  return reinterpret<f64>((bits + (bits & 1)) >> 1)
}

/** High half of a 64 × 64 bit product; wasm has none. */
// @ts-ignore: decorator
@inline
function multiplyHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32
  const t = a1 * b0 + (a0 * b0 >> 32)
  return a1 * b1 + (t >> 32) + (a0 * b1 + (t & 0xffffffff) >> 32)
}
