// sin, cos, tan and atan2, portable: compiled by asc into the kernels and by tsc into the twin, so that every engine gives the
// same bits. A port of fdlibm's k_sin.c, k_cos.c, k_tan.c, e_rem_pio2.c, s_atan.c and e_atan2.c: "Copyright (C) 1993 by Sun
// Microsystems, Inc. All rights reserved. Permission to use, copy, modify, and distribute this software is freely granted,
// provided that this notice is preserved." Errors stay below one unit in the last place for arguments of any size.
import { fromWords, highWord, lowWord, toInteger } from './words.js'

const PI = 3.14159265358979311600
/** π less PI. */
const PI_LOW = 1.2246467991473531772e-16
const HALF_PI = 1.57079632679489655800
const QUARTER_PI = 7.85398163397448278999e-01
const QUARTER_PI_LOW = 3.06161699786838301793e-17

/** sin(x + y) for |x| ≤ π/4, y being the tail of x. */
function sinNear(x: number, y: number): number {
  if (Math.abs(x) < 7.450580596923828125e-09) return x
  const z = x * x
  const v = z * x
  const r = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * (2.75573137070700676789e-06 +
    z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))
  return x - ((z * (0.5 * y - v * r) - y) - v * -1.66666666666666324348e-01)
}

/** cos(x + y) for |x| ≤ π/4. */
function cosNear(x: number, y: number): number {
  const high = highWord(x) & 0x7fffffff
  if (high < 0x3e400000) return 1
  const z = x * x
  const r = z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * (2.48015872894767294178e-05 +
    z * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))))
  if (high < 0x3fd33333) return 1.0 - (0.5 * z - (z * r - x * y))
  const quarter = high > 0x3fe90000 ? 0.28125 : fromWords(high - 0x00200000, 0)
  return (1.0 - quarter) - ((0.5 * z - quarter) - (z * r - x * y))
}

/** tan(x + y) for |x| ≤ π/4, or −1 / tan(x + y) if `isOdd`. */
function tanNear(x: number, y: number, isOdd: boolean): number {
  const isNegative = x < 0
  const isLarge = Math.abs(x) >= 0.67434
  let head = x
  let tail = y
  if (Math.abs(x) < 3.7252902984619140625e-09) return isOdd ? negativeInverse(x + y, x, y) : x
  if (isLarge) {
    if (isNegative) {
      head = -head
      tail = -tail
    }
    head = (QUARTER_PI - head) + (QUARTER_PI_LOW - tail)
    tail = 0
  }
  const z = head * head
  const w = z * z
  const odd = 1.33333333333201242699e-01 + w * (2.18694882948595424599e-02 + w * (3.59207910759131235356e-03 +
    w * (5.88041240820264096874e-04 + w * (7.81794442939557092300e-05 + w * -1.85586374855275456654e-05))))
  const even = z * (5.39682539762260521377e-02 + w * (8.86323982359930005737e-03 + w * (1.45620945432529025516e-03 +
    w * (2.46463134818469906812e-04 + w * (7.14072491382608190305e-05 + w * 2.59073051863633712884e-05)))))
  const s = z * head
  const r = tail + z * (s * (odd + even) + tail) + 3.33333333333334091986e-01 * s
  const sum = head + r
  if (isLarge) {
    const v = isOdd ? -1.0 : 1.0
    return (isNegative ? -1.0 : 1.0) * (v - 2.0 * (head - (sum * sum / (sum + v) - r)))
  }
  return isOdd ? negativeInverse(sum, head, r) : sum
}

/** −1 / (x + r), sum being x + r rounded, without losing r's bits. */
function negativeInverse(sum: number, x: number, r: number): number {
  const z = fromWords(highWord(sum), 0)
  const v = r - (z - x)
  const a = -1.0 / sum
  const t = fromWords(highWord(a), 0)
  return t + a * ((1.0 + t * z) + t * v)
}

// The last reduced argument, as the sum of two floats.
let reduced = 0.0
let reducedTail = 0.0

/** Sets `reduced` to x less a multiple of π/2, at most π/4 away from 0; returns the multiple modulo 4. */
function reduce(x: number): i32 {
  const magnitude = Math.abs(x)
  if (magnitude <= QUARTER_PI) {
    reduced = x
    reducedTail = 0
    return 0
  }
  const n = magnitude < 823549.6 ? reduceMedium(magnitude) : reduceLarge(magnitude)
  if (x > 0) return n & 3
  reduced = -reduced
  reducedTail = -reducedTail
  return -n & 3
}

/** By Cody and Waite: π/2 in pieces of 33 bits, as many as cancellation asks for. */
function reduceMedium(x: number): i32 {
  const n = toInteger(x * 6.36619772367581382433e-01 + 0.5)
  const multiple: number = n
  const exponent = highWord(x) >> 20
  let r = x - multiple * 1.57079632673412561417
  let w = multiple * 6.07710050650619224932e-11
  reduced = r - w
  if (exponent - ((highWord(reduced) >> 20) & 0x7ff) > 16) {
    let t = r
    w = multiple * 6.07710050630396597660e-11
    r = t - w
    w = multiple * 2.02226624879595063154e-21 - ((t - r) - w)
    reduced = r - w
    if (exponent - ((highWord(reduced) >> 20) & 0x7ff) > 49) {
      t = r
      w = multiple * 2.02226624871116645580e-21
      r = t - w
      w = multiple * 8.47842766036889956997e-32 - ((t - r) - w)
      reduced = r - w
    }
  }
  reducedTail = (r - reduced) - w
  return n
}

/**
 * 2/π in hexadecimal digits behind the point: as many as the largest float asks for, six to a digit of 24 bits, 17 of those to a
 * constant.
 */
const TWO_OVER_PI_FIRST = 'a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2'
const TWO_OVER_PI_SECOND = 'e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d6398353'
const TWO_OVER_PI_THIRD = '39f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e'
const TWO_OVER_PI_FOURTH = '5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0cfbc20'
const CONSTANT_DIGITS = 13
const DIGIT = 16777216.0

// Working storage of reduceLarge: x as three digits of 24 bits, where 2/π is taken up, what a digit of the product passes to the
// one before.
let x0 = 0.0
let x1 = 0.0
let x2 = 0.0
let firstDigit = 0
let carry = 0.0

/**
 * By Payne and Hanek: x · 2/π in digits of 24 bits, without those that make only multiples of 8. Eight digits are enough: no
 * float comes nearer to a multiple of π/2 than 2^−62, and what is left out is below 2^−140.
 */
function reduceLarge(x: number): i32 {
  const exponent = (highWord(x) >> 20) - 1046
  const scaled = fromWords(highWord(x) - (exponent << 20), lowWord(x))
  x0 = Math.floor(scaled)
  x1 = Math.floor((scaled - x0) * DIGIT)
  x2 = ((scaled - x0) * DIGIT - x1) * DIGIT
  firstDigit = exponent < 3 ? 0 : (exponent - 3) / 24 | 0
  carry = 0
  const last = takeDigits(7)
  const third = takeDigits(5)
  const second = takeDigits(3)
  const first = takeDigit(1)
  // The leading digit is in units of 2^unit.
  const unit = exponent - 24 * (firstDigit + 1)
  const weight = fromWords((1023 + unit) << 20, 0)
  const leading = (productDigit(0) + carry) * weight
  const whole = Math.floor(leading)
  const fraction = leading - whole + first * (weight / DIGIT)
  const nearest = Math.floor(fraction + 0.5)
  sumFraction(fraction - nearest, second, third, last, weight / DIGIT / DIGIT / DIGIT)
  return toInteger(whole - 8.0 * Math.floor(whole * 0.125) + nearest)
}

/** Digits `index` − 1 and `index` of the product as one integer of 48 bits; to be asked for from the last on. */
function takeDigits(index: i32): number {
  const low = takeDigit(index)
  return low + takeDigit(index - 1) * DIGIT
}

function takeDigit(index: i32): number {
  const digit = productDigit(index) + carry
  carry = Math.floor(digit / DIGIT)
  return digit - carry * DIGIT
}

function productDigit(index: i32): number {
  const i = firstDigit + index
  return x0 * digitOfTwoOverPi(i) + x1 * digitOfTwoOverPi(i - 1) + x2 * digitOfTwoOverPi(i - 2)
}

function digitOfTwoOverPi(index: i32): number {
  if (index < 0) return 0
  const within = index % CONSTANT_DIGITS
  if (index < CONSTANT_DIGITS) return hexDigit(TWO_OVER_PI_FIRST, within)
  if (index < 2 * CONSTANT_DIGITS) return hexDigit(TWO_OVER_PI_SECOND, within)
  return hexDigit(index < 3 * CONSTANT_DIGITS ? TWO_OVER_PI_THIRD : TWO_OVER_PI_FOURTH, within)
}

function hexDigit(text: string, index: i32): number {
  let digit = 0
  for (let i = index * 6; i < index * 6 + 6; i++) {
    const code = text.charCodeAt(i)
    digit = digit * 16 + code - (code < 0x3a ? 0x30 : 0x57)
  }
  return digit
}

/** Sets `reduced` to π/2 times an exact fraction and three more terms, in units of `weight`, 2^−48 of it and 2^−96 of it. */
function sumFraction(fraction: number, second: number, third: number, last: number, weight: number): void {
  // What rounding takes off the sum of two goes to the tail.
  let term = second * weight
  let head = fraction + term
  let tail = term - (head - fraction)
  if (Math.abs(term) > Math.abs(fraction)) tail = fraction - (head - term)
  term = third * (weight / DIGIT / DIGIT)
  tail += term + last * (weight / DIGIT / DIGIT / DIGIT / DIGIT)
  const sum = head + tail
  tail = (head - sum) + tail
  head = sum
  setTimesHalfPi(head, tail)
}

/** `reduced` = (head + tail) · π/2, the product exact to twice a float's bits (Dekker). */
function setTimesHalfPi(head: number, tail: number): void {
  const p = head * HALF_PI
  const a = fromWords(highWord(head), 0)
  const b = head - a
  const c = fromWords(highWord(HALF_PI), 0)
  const d = HALF_PI - c
  const error = ((a * c - p) + a * d + b * c) + b * d
  const low = error + head * (PI_LOW * 0.5) + tail * HALF_PI
  reduced = p + low
  reducedTail = (p - reduced) + low
}

/** The sine of an angle in radians. */
export function sin(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN
  const quarter = reduce(x)
  const value = quarter & 1 ? cosNear(reduced, reducedTail) : sinNear(reduced, reducedTail)
  return quarter & 2 ? -value : value
}

/** The cosine of an angle in radians. */
export function cos(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN
  const quarter = reduce(x)
  const value = quarter & 1 ? sinNear(reduced, reducedTail) : cosNear(reduced, reducedTail)
  return (quarter + 1) & 2 ? -value : value
}

/** The tangent of an angle in radians. */
export function tan(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN
  const quarter = reduce(x)
  return tanNear(reduced, reducedTail, (quarter & 1) != 0)
}

/** The angle whose tangent is x ≥ 0. */
function atanOf(x: number): number {
  if (x >= 73786976294838206464.0) return HALF_PI + PI_LOW * 0.5
  if (x < 0.4375) return x < 7.450580596923828125e-09 ? x : x - x * atanRemainder(x)
  // atan(x) = atan(c) + atan((x − c) / (1 + c x)), with c = 1/2, 1, 3/2 or ∞.
  if (x < 0.6875) return shiftedAtan((2.0 * x - 1.0) / (2.0 + x), 4.63647609000806093515e-01, 2.26987774529616870924e-17)
  if (x < 1.1875) return shiftedAtan((x - 1.0) / (x + 1.0), QUARTER_PI, QUARTER_PI_LOW)
  if (x < 2.4375) return shiftedAtan((x - 1.5) / (1.0 + 1.5 * x), 9.82793723247329054082e-01, 1.39033110312309984516e-17)
  return shiftedAtan(-1.0 / x, HALF_PI, PI_LOW * 0.5)
}

function shiftedAtan(x: number, high: number, low: number): number {
  return high - ((x * atanRemainder(x) - low) - x)
}

function atanRemainder(x: number): number {
  const z = x * x
  const w = z * z
  const even = z * (3.33333333333329318027e-01 + w * (1.42857142725034663711e-01 + w * (9.09088713343650656196e-02 +
    w * (6.66107313738753120669e-02 + w * (4.97687799461593236017e-02 + w * 1.62858201153657823623e-02)))))
  const odd = w * (-1.99999999998764832476e-01 + w * (-1.11111104054623557880e-01 + w * (-7.69187620504482999495e-02 +
    w * (-5.83357013379057348645e-02 + w * -3.65315727442169155270e-02))))
  return even + odd
}

/** The angle of the point (x, y), in (−π, π], signed zeros told apart. */
export function atan2(y: number, x: number): number {
  if (x != x || y != y) return NaN
  const isLeft = highWord(x) < 0
  const angle = angleOf(Math.abs(y), Math.abs(x), isLeft)
  return highWord(y) < 0 ? -angle : angle
}

/** The same for y ≥ 0 and the size of x. */
function angleOf(y: number, x: number, isLeft: boolean): number {
  if (y == 0) return isLeft ? PI : 0
  if (x == 0) return HALF_PI
  if (x == Infinity) {
    if (y == Infinity) return isLeft ? 3.0 * QUARTER_PI : QUARTER_PI
    return isLeft ? PI : 0
  }
  if (y == Infinity) return HALF_PI
  const difference = (highWord(y) - highWord(x)) >> 20
  if (difference > 60) return HALF_PI
  const angle = isLeft && difference < -60 ? 0.0 : atanOf(y / x)
  return isLeft ? PI - (angle - PI_LOW) : angle
}
