// exp, ln, log10 and pow, portable: compiled by asc into the kernels and by tsc into the twin, so that every engine gives the
// same bits. A port of fdlibm's e_exp.c, e_log.c, e_log10.c and e_pow.c: "Copyright (C) 1993 by Sun Microsystems, Inc. All rights
// reserved. Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is
// preserved." Errors stay below one unit in the last place; special values are JavaScript's (so pow(1, NaN) and pow(±1,
// ±Infinity) are NaN).
import { fromWords, highWord, lowWord, toInteger } from './words.js'

const LN2_HIGH = 6.93147180369123816490e-01
const LN2_LOW = 1.90821492927058770002e-10
const INV_LN2 = 1.44269504088896338700
const EXP_OVERFLOW = 7.09782712893383973096e+02
const EXP_UNDERFLOW = -7.45133219101941108420e+02
const TWO_54 = 18014398509481984.0

/** The remainder of exp in its Remez approximation: 2 − x (e^x + 1) / (e^x − 1), of t = x². */
function expRemainder(t: number): number {
  return t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (6.61375632143793436117e-05 +
    t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
}

/** x · 2^n, rounded once. */
function scale(x: number, n: i32): number {
  // 2^1023 times what is left: 2, for the largest results.
  if (n > 1023) return x * fromWords(0x7fe00000, 0) * fromWords(n << 20, 0)
  if (n >= -1022) return x * fromWords((n + 1023) << 20, 0)
  // Through a number that is still normal, so that the last product alone rounds.
  return x * fromWords((n + 100 + 1023) << 20, 0) * fromWords((-100 + 1023) << 20, 0)
}

/** e^x */
export function exp(x: number): number {
  if (x != x) return x
  if (x > EXP_OVERFLOW) return Infinity
  if (x < EXP_UNDERFLOW) return 0
  const magnitude = Math.abs(x)
  if (magnitude < 3.7252902984619140625e-09) return 1.0 + x
  let high = x
  let low = 0.0
  let k = 0
  if (magnitude > 0.34657359027997264) {
    if (magnitude < 1.0397207708399179) {
      if (x == 1.0) return 2.718281828459045
      k = x < 0 ? -1 : 1
    } else k = toInteger(INV_LN2 * x + (x < 0 ? -0.5 : 0.5))
    high = x - k * LN2_HIGH
    low = k * LN2_LOW
  }
  const r = high - low
  const c = r - expRemainder(r * r)
  if (k == 0) return 1.0 - ((r * c) / (c - 2.0) - r)
  return scale(1.0 - ((low - (r * c) / (2.0 - c)) - high), k)
}

/** The natural logarithm. */
export function ln(x: number): number {
  if (x == 0) return -Infinity
  if (!(x > 0)) return NaN
  if (x == Infinity) return x
  let k = 0
  let scaled = x
  if (highWord(x) < 0x00100000) {
    k = -54
    scaled = x * TWO_54
  }
  let high = highWord(scaled)
  k += (high >> 20) - 1023
  high &= 0x000fffff
  const i = (high + 0x95f64) & 0x100000
  k += i >> 20
  const f = fromWords(high | (i ^ 0x3ff00000), lowWord(scaled)) - 1.0
  return lnOf(f, k, high)
}

/** ln(2^k · (1 + f)); `high` is the first part of the fraction before it was brought near 1. */
function lnOf(f: number, k: i32, high: i32): number {
  if ((0x000fffff & (2 + high)) < 3) {
    if (f == 0) return k * LN2_HIGH + k * LN2_LOW
    const r = f * f * (0.5 - 0.33333333333333333 * f)
    return k == 0 ? f - r : k * LN2_HIGH - ((r - k * LN2_LOW) - f)
  }
  const s = f / (2.0 + f)
  const z = s * s
  const w = z * z
  const odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
  const even = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 +
    w * 1.479819860511658591e-01)))
  const r = even + odd
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    const half = 0.5 * f * f
    return k == 0 ? f - (half - s * (half + r)) : k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f)
  }
  return k == 0 ? f - s * (f - r) : k * LN2_HIGH - ((s * (f - r) - k * LN2_LOW) - f)
}

/** The logarithm to the base 10. */
export function log10(x: number): number {
  if (x == 0) return -Infinity
  if (!(x > 0)) return NaN
  if (x == Infinity) return x
  if (x == 1.0) return 0
  let k = 0
  let scaled = x
  if (highWord(x) < 0x00100000) {
    k = -54
    scaled = x * TWO_54
  }
  const high = highWord(scaled)
  k += (high >> 20) - 1023
  const i = k < 0 ? 1 : 0
  const y: number = k + i
  const fraction = fromWords((high & 0x000fffff) | ((0x3ff - i) << 20), lowWord(scaled))
  const z = y * 3.69423907715893078616e-13 + 4.34294481903251816668e-01 * ln(fraction)
  return z + y * 3.01029995663611771306e-01
}

/** x^y */
export function pow(x: number, y: number): number {
  if (y == 0) return 1
  if (x != x || y != y) return NaN
  const magnitude = Math.abs(x)
  if (Math.abs(y) == Infinity) {
    if (magnitude == 1.0) return NaN
    return (magnitude > 1.0) == (y > 0) ? Infinity : 0
  }
  if (y == 1.0) return x
  if (y == 2.0) return x * x
  const isInteger = Math.floor(y) == y
  const isOdd = isInteger && Math.floor(y * 0.5) * 2.0 != y
  if (magnitude == 0 || magnitude == Infinity || magnitude == 1.0) return powOfEdge(x, y, isInteger, isOdd)
  if (x < 0 && !isInteger) return NaN
  if (y == -1.0) return 1.0 / x
  if (y == 0.5) return Math.sqrt(x)
  const sign = x < 0 && isOdd ? -1.0 : 1.0
  return sign * powOfPositive(magnitude, y)
}

/** The power of ±0, ±1 and ±Infinity. */
function powOfEdge(x: number, y: number, isInteger: boolean, isOdd: boolean): number {
  const magnitude = Math.abs(x)
  const z = y < 0 ? 1.0 / magnitude : magnitude
  if (x == -1.0 && !isInteger) return NaN
  const isNegative = highWord(x) < 0
  return isNegative && isOdd ? -z : z
}

// log2 of the base as the sum of two floats, the first with few enough bits that its products are exact.
let logHigh = 0.0
let logLow = 0.0

const OVERFLOW_TAIL = 8.0085662595372944372e-17

function powOfPositive(x: number, y: number): number {
  if (Math.abs(y) > 2147483648.0) {
    if (x < 0.99999904632568359375) return y < 0 ? Infinity : 0
    if (x > 1.00000095367431640625) return y > 0 ? Infinity : 0
    setLogNearOne(x)
  } else setLog(x)
  const head = fromWords(highWord(y), 0)
  const low = (y - head) * logHigh + y * logLow
  const high = head * logHigh
  const z = low + high
  if (z >= 1024.0 && (z > 1024.0 || low + OVERFLOW_TAIL > z - high)) return Infinity
  if (z <= -1075.0 && (z < -1075.0 || low <= z - high)) return 0
  return powerOfTwo(high, low, z)
}

/** log2(x) where |1 − x| ≤ 2^−20. */
function setLogNearOne(x: number): void {
  const t = x - 1.0
  const w = (t * t) * (0.5 - t * (0.3333333333333333333333 - t * 0.25))
  const u = 1.44269502162933349609 * t
  const v = t * 1.92596299112661746887e-08 - w * INV_LN2
  logHigh = fromWords(highWord(u + v), 0)
  logLow = v - (logHigh - u)
}

/** log2(x) of any positive x, by a polynomial of (m − b) / (m + b), b = 1 or 1.5 being next to the fraction m of x. */
function setLog(x: number): void {
  let n = 0
  let m = x
  if (highWord(m) < 0x00100000) {
    m *= 9007199254740992.0
    n -= 53
  }
  n += (highWord(m) >> 20) - 0x3ff
  const fraction = highWord(m) & 0x000fffff
  let high = fraction | 0x3ff00000
  let isUpper = false
  if (fraction > 0x3988e) {
    if (fraction < 0xbb67a) isUpper = true
    else {
      n++
      high -= 0x00100000
    }
  }
  m = fromWords(high, lowWord(m))
  const base = isUpper ? 1.5 : 1.0
  const u = m - base
  const v = 1.0 / (m + base)
  const s = u * v
  const sHigh = fromWords(highWord(s), 0)
  const sumHigh = fromWords(((high >> 1) | 0x20000000) + 0x00080000 + (isUpper ? 0x40000 : 0), 0)
  const sumLow = m - (sumHigh - base)
  const sLow = v * ((u - sHigh * sumHigh) - sHigh * sumLow)
  const s2 = s * s
  const r = logRemainder(s2) + sLow * (sHigh + s)
  const square = sHigh * sHigh
  const tHigh = fromWords(highWord(3.0 + square + r), 0)
  const tLow = r - ((tHigh - 3.0) - square)
  const a = sHigh * tHigh
  const b = sLow * tHigh + tLow * s
  const pHigh = fromWords(highWord(a + b), 0)
  const pLow = b - (pHigh - a)
  const zHigh = 9.61796700954437255859e-01 * pHigh
  const zLow = -7.02846165095275826516e-09 * pHigh + pLow * 9.61796693925975554329e-01 +
    (isUpper ? 1.35003920212974897128e-08 : 0.0)
  const baseLog = isUpper ? 5.84962487220764160156e-01 : 0.0
  const exponent: number = n
  logHigh = fromWords(highWord(((zHigh + zLow) + baseLog) + exponent), 0)
  logLow = zLow - (((logHigh - exponent) - baseLog) - zHigh)
}

function logRemainder(s2: number): number {
  return s2 * s2 * (5.99999999999994648725e-01 + s2 * (4.28571428578550184252e-01 + s2 * (3.33333329818377432918e-01 +
    s2 * (2.72728123808534006489e-01 + s2 * (2.30660745775561754067e-01 + s2 * 2.06975017800338417784e-01)))))
}

/** 2^(high + low), z being their rounded sum. */
function powerOfTwo(high: number, low: number, z: number): number {
  let n = 0
  let head = high
  if (Math.abs(z) > 0.5) {
    // The nearest integer, half away from zero.
    n = toInteger(z < 0 ? z - 0.5 : z + 0.5)
    head -= n
  }
  const t = fromWords(highWord(low + head), 0)
  const u = t * 6.93147182464599609375e-01
  const v = (low - (t - head)) * 6.93147180559945286227e-01 + t * -1.90465429995776804525e-09
  const sum = u + v
  const tail = v - (sum - u)
  const c = sum - expRemainder(sum * sum)
  const r = (sum * c) / (c - 2.0) - (tail + sum * tail)
  return scale(1.0 - (r - sum), n)
}
