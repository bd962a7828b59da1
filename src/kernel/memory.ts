/**
 * The linear memory that kernels work in, and typed views of it that stay right when it grows.
 * Invariant: never keep a view across a call that may allocate; ask the memory for it again (it costs a comparison).
 */
import { assert } from '../base/errors.js'

const PAGE_BYTES = 65_536

/** The part of WebAssembly.Memory that is used; the twin supplies its own over a plain ArrayBuffer. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

export class KernelMemory {
  readonly #memory: LinearMemory
  #buffer: ArrayBuffer | null = null
  #u8!: Uint8Array
  #u16!: Uint16Array
  #i32!: Int32Array
  #u32!: Uint32Array
  #i64!: BigInt64Array
  #f32!: Float32Array
  #f64!: Float64Array

  constructor(memory: LinearMemory) {
    this.#memory = memory
  }

  get buffer(): ArrayBuffer { return this.#memory.buffer }
  get u8(): Uint8Array { this.#refresh(); return this.#u8 }
  get u16(): Uint16Array { this.#refresh(); return this.#u16 }
  get i32(): Int32Array { this.#refresh(); return this.#i32 }
  get u32(): Uint32Array { this.#refresh(); return this.#u32 }
  get i64(): BigInt64Array { this.#refresh(); return this.#i64 }
  get f32(): Float32Array { this.#refresh(); return this.#f32 }
  get f64(): Float64Array { this.#refresh(); return this.#f64 }

  /** The u32 at a four-byte aligned address. */
  read(ptr: number): number { return this.u32[ptr >>> 2]! }
  write(ptr: number, value: number): void { this.u32[ptr >>> 2] = value }

  /** Grows so that addresses below `bytes` exist. New memory is zero. */
  ensure(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength
    if (missing <= 0) return
    // A quarter more than asked: growing copies in some engines.
    const pages = Math.ceil(Math.max(missing, Math.min(this.#memory.buffer.byteLength / 4, 64 * 1024 * PAGE_BYTES)) / PAGE_BYTES)
    assert(this.#memory.grow(pages) >= 0, `kernel memory cannot grow to ${bytes} bytes`)
  }

  #refresh(): void {
    const buffer = this.#memory.buffer
    if (buffer === this.#buffer) return
    this.#buffer = buffer
    this.#u8 = new Uint8Array(buffer)
    this.#u16 = new Uint16Array(buffer)
    this.#i32 = new Int32Array(buffer)
    this.#u32 = new Uint32Array(buffer)
    this.#i64 = new BigInt64Array(buffer)
    this.#f32 = new Float32Array(buffer)
    this.#f64 = new Float64Array(buffer)
  }
}

/** A plain growable memory with WebAssembly.Memory's shape, for the twin. */
export class PlainMemory implements LinearMemory {
  buffer: ArrayBuffer

  constructor(pages = 1) {
    this.buffer = new ArrayBuffer(pages * PAGE_BYTES)
  }

  grow(pages: number): number {
    const before = this.buffer.byteLength / PAGE_BYTES
    const larger = new ArrayBuffer(this.buffer.byteLength + pages * PAGE_BYTES)
    new Uint8Array(larger).set(new Uint8Array(this.buffer))
    this.buffer = larger
    return before
  }
}
