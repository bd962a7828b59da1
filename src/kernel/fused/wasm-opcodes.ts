/**
 * Opcodes of WebAssembly that fused blocks are made of, by the names of its text format. Those of SIMD stand behind the prefix
 * 0xfd. Source: the WebAssembly specification, release 2.0, index of instructions.
 */

export const CODE = {
  loop: 0x03, if: 0x04, end: 0x0b, brIf: 0x0d, return: 0x0f, call: 0x10, select: 0x1b,
  get: 0x20, set: 0x21, tee: 0x22,
  i32Load: 0x28, i32Load8U: 0x2d, i32Store: 0x36, i32Store8: 0x3a, i32Const: 0x41,
  i32Eq: 0x46, i32GtS: 0x4a, i32Add: 0x6a, i32Sub: 0x6b, i32And: 0x71, i32Or: 0x72, i32Xor: 0x73,
  f64ConvertI64S: 0xb9,
  /** Block type: no parameters, no results. */
  empty: 0x40,
} as const

export const SIMD = {
  load: 0, load8x8U: 2, load32Splat: 9, load64Splat: 10, load64Zero: 93, store: 11, const: 12, shuffle: 13, store64Lane: 91,
  not: 77, and: 78, andnot: 79, or: 80, xor: 81, bitselect: 82, anyTrue: 83,
  i8x16NarrowI16x8S: 101,
  i16x8Splat: 16, i16x8Eq: 45, i16x8Neg: 129, i16x8Bitmask: 132, i16x8NarrowI32x4S: 133,
  i32x4Eq: 55, i32x4Ne: 56, i32x4LtS: 57, i32x4GtS: 59, i32x4LeS: 61,
  i32x4ExtendLowI16x8S: 167, i32x4ExtendHighI16x8S: 168, i32x4Sub: 177, i32x4Mul: 181, i32x4Neg: 161,
  i32x4TruncSatF64x2SZero: 252,
  i64x2Abs: 192, i64x2Neg: 193, i64x2ExtendLowI32x4S: 199, i64x2ExtendHighI32x4S: 200, i64x2Add: 206, i64x2Sub: 209,
  i64x2Eq: 214, i64x2Ne: 215, i64x2LtS: 216, i64x2GtS: 217, i64x2LeS: 218, i64x2ExtractLane: 29,
  f32x4Eq: 65, f32x4Ne: 66, f32x4Lt: 67, f32x4Gt: 68, f32x4Le: 69, f32x4Ge: 70, f32x4DemoteF64x2Zero: 94,
  f64x2Eq: 71, f64x2Ne: 72, f64x2Lt: 73, f64x2Gt: 74, f64x2Le: 75, f64x2Ge: 76,
  f64x2Splat: 20, f64x2ReplaceLane: 34, f64x2PromoteLowF32x4: 95, f64x2ConvertLowI32x4S: 254,
  f64x2Ceil: 116, f64x2Floor: 117, f64x2Trunc: 122, f64x2Abs: 236, f64x2Neg: 237, f64x2Sqrt: 239,
  f64x2Add: 240, f64x2Sub: 241, f64x2Mul: 242, f64x2Div: 243,
} as const
