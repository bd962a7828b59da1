// The bits of a float, for portable code: this file is what tsc and bundlers read for './words.js'; words.js.ts is what asc
// reads. Both export the same functions.
const float = new Float64Array(1)
const words = new Int32Array(float.buffer)
// The low word comes first on every machine that JavaScript runs on today; the kernels' memory asks for that too.
const LOW = 0
const HIGH = 1

/** Sign, exponent and the first twenty bits of the fraction. */
export function highWord(x: number): number {
  float[0] = x
  return words[HIGH]!
}

/** The last 32 bits of the fraction. */
export function lowWord(x: number): number {
  float[0] = x
  return words[LOW]!
}

export function fromWords(high: number, low: number): number {
  words[HIGH] = high
  words[LOW] = low
  return float[0]!
}

/** The integer part of a float that is an i32's. */
export function toInteger(x: number): number {
  return x | 0
}
