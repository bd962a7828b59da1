/**
 * Counts bytes sixteen at a time, by SIMD, on the page: a module of WebAssembly small enough to stand here, in a memory of its
 * own through which the bytes pass on their way into a block.
 * Invariant: where the host refuses it there is none, and who asks counts in JavaScript.
 */

/** Bytes that are looked at together: few enough to stay in the first cache. */
export const COUNTED_BYTES_MAX = 32 * 1024
const VECTOR_BYTES = 16

/**
 * (memory (export "m") 1)
 * (func (export "f") (param $p i32) (param $end i32) (param $byte i32) (result i32) (local $count i32)
 *   (loop
 *     (local.set $count (i32.add (local.get $count) (i32.popcnt (i8x16.bitmask
 *       (i8x16.eq (v128.load (local.get $p)) (i8x16.splat (local.get $byte)))))))
 *     (br_if 0 (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 16))) (local.get $end))))
 *   (local.get $count))
 */
const MODULE = [
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 8, 1, 0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7f, 3, 2, 1, 0, 5, 3, 1, 0, 1,
  7, 9, 2, 1, 0x6d, 2, 0, 1, 0x66, 0, 0, 10, 44, 1, 42, 1, 1, 0x7f,
  0x03, 0x40, 0x20, 3, 0x20, 0, 0xfd, 0, 0, 0, 0x20, 2, 0xfd, 15, 0xfd, 35, 0xfd, 100, 1, 0x69, 0x6a, 0x21, 3,
  0x20, 0, 0x41, 16, 0x6a, 0x22, 0, 0x20, 1, 0x49, 0x0d, 0, 0x0b, 0x20, 3, 0x0b,
]

export class ByteCounter {
  /** At most COUNTED_BYTES_MAX bytes, to be counted or copied on, and as many around them as alignment may need. */
  readonly bytes: Uint8Array
  readonly #count: (start: number, end: number, byte: number) => number

  /** @throws Error where the host compiles nothing, or no SIMD. */
  constructor() {
    const { m, f } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(MODULE))).exports
    this.bytes = new Uint8Array((m as WebAssembly.Memory).buffer)
    this.#count = f as (start: number, end: number, byte: number) => number
  }

  /** How many of `bytes[start … end)`, one at least, are `byte`. What is behind them changes. */
  count(start: number, end: number, byte: number): number {
    this.bytes.fill(byte ^ 1, end, end + VECTOR_BYTES)
    return this.#count(start, end, byte)
  }
}
