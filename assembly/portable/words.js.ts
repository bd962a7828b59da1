// @ts-nocheck
// The bits of a float, for portable code: what asc reads for './words.js'; words.ts is what tsc and bundlers read.
// Both export the same functions.

/** Sign, exponent and the first twenty bits of the fraction. */
@inline
export function highWord(x: f64): i32 {
  return <i32>(reinterpret<u64>(x) >> 32)
}

/** The last 32 bits of the fraction. */
@inline
export function lowWord(x: f64): i32 {
  return <i32>reinterpret<u64>(x)
}

@inline
export function fromWords(high: i32, low: i32): f64 {
  return reinterpret<f64>(<u64>(<u32>high) << 32 | <u64>(<u32>low))
}

/** The integer part of a float that is an i32's. */
@inline
export function toInteger(x: f64): i32 {
  return <i32>x
}
