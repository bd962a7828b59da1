/**
 * The host's side of a text table (layout: assembly/portable/layout.ts): making one, growing it when a kernel asks, reading it.
 * Invariant: codes are dense, by first appearance, and stay as they are until `endTask`, `reset` or `free`.
 */
import * as L from '../../assembly/portable/layout.js'
import type { KernelSet } from './kernel-set.js'

const FIRST_CAPACITY = 64
const FIRST_HEAP_BYTES = 1024
const CODE_BYTES = 4
/** What is kept from task to task at most. */
const KEPT_STRINGS_MAX = 262_144
const KEPT_BYTES_MAX = 8 * 1024 * 1024

export class TextTable {
  readonly ptr: number
  readonly #kernelSet: KernelSet
  /** Address of the codes of dictionaries that go on, by id. */
  readonly #dictionaries = new Map<number, number>()

  constructor(kernelSet: KernelSet) {
    this.#kernelSet = kernelSet
    const { arena, memory } = kernelSet
    this.ptr = arena.allocateZeroed(L.TEXT_TABLE_BYTES)
    memory.write(this.ptr + L.TABLE_KIND, L.TABLE_KIND_TEXT)
    memory.write(this.ptr + L.TEXT_ENTRIES, arena.allocate(FIRST_CAPACITY * L.TEXT_ENTRY_BYTES))
    memory.write(this.ptr + L.TEXT_CAPACITY, FIRST_CAPACITY)
    memory.write(this.ptr + L.TEXT_HEAP, arena.allocate(FIRST_HEAP_BYTES))
    memory.write(this.ptr + L.TEXT_HEAP_CAPACITY, FIRST_HEAP_BYTES)
    memory.write(this.ptr + L.TEXT_SLOTS, arena.allocateZeroed(FIRST_CAPACITY * 2 * 4))
    memory.write(this.ptr + L.TEXT_SLOT_MASK, FIRST_CAPACITY * 2 - 1)
  }

  /** Number of distinct strings. */
  get count(): number { return this.#kernelSet.memory.read(this.ptr + L.TEXT_COUNT) }

  /** Bytes that its strings take up in the heap. */
  get heapBytes(): number { return this.#kernelSet.memory.read(this.ptr + L.TEXT_HEAP_USED) }

  /** Bytes of kernel memory that it holds. */
  get usedBytes(): number {
    const { arena, memory } = this.#kernelSet
    const parts = [L.TEXT_SLOTS, L.TEXT_ENTRIES, L.TEXT_HEAP].map(field => memory.read(this.ptr + field))
    return [this.ptr, ...parts, ...this.#dictionaries.values()].reduce((sum, ptr) => sum + arena.sizeOf(ptr), 0)
  }

  /** The UTF-8 bytes of a code: a view that is good until the next string is entered. */
  bytesOf(code: number): Uint8Array {
    const { memory } = this.#kernelSet
    const entry = memory.read(this.ptr + L.TEXT_ENTRIES) + code * L.TEXT_ENTRY_BYTES
    const start = memory.read(this.ptr + L.TEXT_HEAP) + memory.read(entry + L.TEXT_ENTRY_OFFSET)
    return memory.u8.subarray(start, start + memory.read(entry + L.TEXT_ENTRY_LENGTH))
  }

  /** The code of some text, entered if new. */
  intern(bytes: Uint8Array): number {
    const { arena, kernels, memory } = this.#kernelSet
    const ptr = arena.allocate(bytes.length)
    memory.u8.set(bytes, ptr)
    const code = kernels.internText(this.ptr, ptr, bytes.length)
    arena.free(ptr)
    return code
  }

  /**
   * Address of the codes that strings of a dictionary have here: u32 code + 1 by the dictionary's code, 0 for those not entered
   * yet. @param count strings of the dictionary so far.
   */
  codesOf(id: number, count: number): number {
    const { arena, memory } = this.#kernelSet
    const known = this.#dictionaries.get(id)
    const room = known === undefined ? 0 : arena.sizeOf(known)
    const bytes = Math.max(count, 1) * CODE_BYTES
    if (room >= bytes) return known!
    const codes = known === undefined ? arena.allocate(bytes) : arena.enlarge(known, room, bytes)
    memory.zero(codes + room, arena.sizeOf(codes) - room)
    this.#dictionaries.set(id, codes)
    return codes
  }

  /** What a task has entered is not needed any more; kept are strings of dictionaries that go on, which the next one has too. */
  endTask(): void {
    if (this.#dictionaries.size === 0 || this.count > KEPT_STRINGS_MAX || this.heapBytes > KEPT_BYTES_MAX) this.reset()
  }

  /** Empties it; its memory is kept for the next use. */
  reset(): void {
    const { arena, memory } = this.#kernelSet
    for (const codes of this.#dictionaries.values()) arena.free(codes)
    this.#dictionaries.clear()
    memory.write(this.ptr + L.TEXT_COUNT, 0)
    memory.write(this.ptr + L.TEXT_HEAP_USED, 0)
    const slots = memory.read(this.ptr + L.TEXT_SLOTS)
    memory.zero(slots, (memory.read(this.ptr + L.TEXT_SLOT_MASK) + 1) * 4)
  }

  free(): void {
    const { arena, memory } = this.#kernelSet
    for (const field of [L.TEXT_SLOTS, L.TEXT_ENTRIES, L.TEXT_HEAP]) arena.free(memory.read(this.ptr + field))
    for (const codes of this.#dictionaries.values()) arena.free(codes)
    arena.free(this.ptr)
  }
}

/**
 * Answers a kernel's `growTable` for a text table: room for `count` entries and `heapBytes` bytes, at least doubling what
 * is short.
 */
export function growTextTable(kernelSet: KernelSet, table: number, count: number, heapBytes: number): void {
  const { arena, memory } = kernelSet
  const capacity = memory.read(table + L.TEXT_CAPACITY)
  if (count > capacity) {
    const larger = 2 ** Math.ceil(Math.log2(count)) * 2
    const entries = memory.read(table + L.TEXT_ENTRIES)
    memory.write(table + L.TEXT_ENTRIES, arena.enlarge(entries, capacity * L.TEXT_ENTRY_BYTES, larger * L.TEXT_ENTRY_BYTES))
    memory.write(table + L.TEXT_CAPACITY, larger)
    arena.free(memory.read(table + L.TEXT_SLOTS))
    memory.write(table + L.TEXT_SLOTS, arena.allocateZeroed(larger * 2 * 4))
    memory.write(table + L.TEXT_SLOT_MASK, larger * 2 - 1)
    kernelSet.kernels.rehashText(table)
  }
  const heapCapacity = memory.read(table + L.TEXT_HEAP_CAPACITY)
  if (heapBytes > heapCapacity) {
    const larger = Math.max(heapBytes, heapCapacity * 2)
    const heap = memory.read(table + L.TEXT_HEAP)
    memory.write(table + L.TEXT_HEAP, arena.enlarge(heap, memory.read(table + L.TEXT_HEAP_USED), larger))
    memory.write(table + L.TEXT_HEAP_CAPACITY, larger)
  }
}
