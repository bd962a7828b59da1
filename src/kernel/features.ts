/**
 * What the host's WebAssembly can do, found out by validating a tiny module: nothing is compiled or run for it.
 */

/** `(module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt))` */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
])

export function hasWebAssembly(): boolean {
  return typeof WebAssembly === 'object' && typeof WebAssembly.validate === 'function'
}

/** Whether 128-bit SIMD is there; it is not in WebKit of before 2023. */
export function hasSimd(): boolean {
  return hasWebAssembly() && WebAssembly.validate(SIMD_MODULE)
}
