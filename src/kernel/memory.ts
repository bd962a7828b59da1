/**
 * The linear memory that kernels work in, and typed views of it that stay right when it grows.
 * Invariant: views are renewed as memory grows, or is found to have grown: never keep one across a call that may allocate.
 */
import { assert } from '../base/errors.js'
import type { Column } from '../data/column.js'
import type { ColumnType } from '../data/schema.js'

export const PAGE_BYTES = 65_536

/** The part of WebAssembly.Memory that is used; the twin supplies its own over a plain ArrayBuffer. */
export interface LinearMemory {
  /** Renewed when the memory grows. A shared memory's earlier buffers stay good; an unshared one's are detached. */
  readonly buffer: ArrayBufferLike
  /** The pages there were before. Throws or answers less than 0 where it cannot grow. */
  grow(pages: number): number
}

/** Kernels that clear and copy at full speed: those of JavaScript go byte by byte where memory is shared. */
export interface BulkKernels {
  zeroBytes(ptr: number, bytes: number): void
  copyBytes(to: number, from: number, bytes: number): void
}

/**
 * By memory, the buffers that have shown it on this thread: one, or those before and after growing where it is shared. Whoever
 * has views of a memory knows the buffers that its other views have seen: blocks are made through one and read through another.
 */
const buffersOf = new WeakMap<LinearMemory, WeakSet<ArrayBufferLike>>()

export class KernelMemory {
  readonly #memory: LinearMemory
  readonly #buffers: WeakSet<ArrayBufferLike>
  #bulk: BulkKernels | null = null
  #u8!: Uint8Array
  #u16!: Uint16Array
  #i32!: Int32Array
  #u32!: Uint32Array
  #i64!: BigInt64Array
  #f32!: Float32Array
  #f64!: Float64Array

  constructor(memory: LinearMemory) {
    this.#memory = memory
    const known = buffersOf.get(memory)
    this.#buffers = known ?? new WeakSet()
    if (!known) buffersOf.set(memory, this.#buffers)
    this.#renewViews()
  }

  get buffer(): ArrayBufferLike { return this.#u8.buffer }
  get u8(): Uint8Array { return this.#u8 }
  get u16(): Uint16Array { return this.#u16 }
  get i32(): Int32Array { return this.#i32 }
  get u32(): Uint32Array { return this.#u32 }
  get i64(): BigInt64Array { return this.#i64 }
  get f32(): Float32Array { return this.#f32 }
  get f64(): Float64Array { return this.#f64 }

  /** Whether other threads may see this memory too. */
  get isShared(): boolean { return !(this.buffer instanceof ArrayBuffer) }

  /** The u32 at a four-byte aligned address. */
  read(ptr: number): number { return this.#u32[ptr >>> 2]! }
  write(ptr: number, value: number): void { this.#u32[ptr >>> 2] = value }

  /** Fills with zeros. */
  zero(ptr: number, bytes: number): void {
    if (this.#bulk) this.#bulk.zeroBytes(ptr, bytes)
    else this.#u8.fill(0, ptr, ptr + bytes)
  }

  /** Copies within this memory; the pieces may overlap. */
  copy(to: number, from: number, bytes: number): void {
    if (this.#bulk) this.#bulk.copyBytes(to, from, bytes)
    else this.#u8.copyWithin(to, from, from + bytes)
  }

  /** The kernels that `zero` and `copy` use from now on. */
  useBulk(kernels: BulkKernels): void {
    this.#bulk = kernels
  }

  /** `n` values of a type at an address. */
  view(type: ColumnType, ptr: number, n: number): Column['values'] {
    switch (type) {
      case 'bool': return this.#u8.subarray(ptr, ptr + n)
      case 'i64': return this.#i64.subarray(ptr >>> 3, (ptr >>> 3) + n)
      case 'f32': return this.#f32.subarray(ptr >>> 2, (ptr >>> 2) + n)
      case 'i32': case 'utf8': return this.#i32.subarray(ptr >>> 2, (ptr >>> 2) + n)
      case 'f64': case 'timestamp': return this.#f64.subarray(ptr >>> 3, (ptr >>> 3) + n)
    }
  }

  /** The address at which a view lies in this memory; null when it is of another. */
  addressOf(view: ArrayBufferView): number | null {
    const { buffer, byteOffset, byteLength } = view
    if (!this.#buffers.has(buffer) && buffer !== this.#memory.buffer) return null
    // It has grown by other hands: those of the page, whose blocks lie here too.
    if (byteOffset + byteLength > this.#u8.length) this.#renewViews()
    return byteOffset
  }

  /** Grows so that addresses below `bytes` exist. New memory is zero. */
  ensure(bytes: number): void {
    if (bytes <= this.#u8.length) return
    // Another thread may have made a shared memory larger than our views show: growing by nothing tells.
    const pages = this.#memory.grow(0)
    const missing = Math.ceil(bytes / PAGE_BYTES) - pages
    // A quarter more than asked: growing copies in some engines.
    if (missing > 0 && !this.#grow(Math.max(missing, pages >>> 2)) && !this.#grow(missing)) {
      // Two threads that grow at once may have met at the limit.
      const isThere = this.#memory.grow(0) * PAGE_BYTES >= bytes
      assert(isThere, `kernel memory cannot grow to ${bytes} bytes`)
    }
    this.#renewViews()
  }

  #grow(pages: number): boolean {
    try {
      return this.#memory.grow(pages) >= 0
    } catch {
      return false
    }
  }

  #renewViews(): void {
    const { buffer } = this.#memory
    this.#buffers.add(buffer)
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
    if (pages === 0) return before
    const larger = new ArrayBuffer(this.buffer.byteLength + pages * PAGE_BYTES)
    new Uint8Array(larger).set(new Uint8Array(this.buffer))
    this.buffer = larger
    return before
  }
}
