/**
 * The host's side of a group table (layout: assembly/portable/layout.ts): making one, growing it when a kernel asks, listing
 * groups.
 * Invariant: group ids are dense, by first appearance.
 */
import * as L from '../../assembly/portable/layout.js'
import { assert } from '../base/errors.js'
import type { ColumnType } from '../data/schema.js'
import { isOn, type FastPaths } from '../plan/fast-path.js'
import type { Arena, ArenaScope } from './arena.js'
import type { KernelSet } from './kernel-set.js'
import type { TextTable } from './text-table.js'

const FIRST_CAPACITY = 64
/** Few keys lie in later slots than their own. */
const SLOTS_PER_GROUP = 4
/** Fields of the descriptor that are addresses of its own memory. */
const BUFFERS = [L.GROUP_SLOTS, L.GROUP_KEYS, L.GROUP_ENTRIES, L.GROUP_STATES, L.GROUP_VECTORS, L.GROUP_DIRECT_MAP] as const
/** Types whose word in a key row is its low half. */
const SHORT_TYPES: ReadonlySet<ColumnType> = new Set<ColumnType>(['bool', 'i32', 'utf8'])

/** The shape of a table's rows. */
export interface GroupTableShape {
  readonly keyTypes: readonly ColumnType[]
  readonly hasPane: boolean
  readonly stateBytes: number
}

/** The groups in the order of their partitions, in order of first appearance within each. */
export interface GroupOrder {
  /** Address of a u32 per group: its place. */
  readonly places: number
  /** Groups of each partition. */
  readonly counts: readonly number[]
}

export class GroupTable {
  readonly ptr: number
  readonly shape: GroupTableShape
  readonly #kernelSet: KernelSet

  /** @param text the table of the codes that keys and states hold; it must outlive this. */
  constructor(
    kernelSet: KernelSet, shape: GroupTableShape, text: TextTable, capacity = FIRST_CAPACITY, fastPaths?: FastPaths,
  ) {
    assert(capacity > 0 && (capacity & (capacity - 1)) === 0, `capacity ${capacity} is not a power of two`)
    this.#kernelSet = kernelSet
    this.shape = shape
    const { arena, memory } = kernelSet
    const keyBytes = 8 * (1 + shape.keyTypes.length + (shape.hasPane ? 1 : 0))
    const ptr = this.ptr = arena.allocateZeroed(L.GROUP_TABLE_BYTES)
    const fields: readonly (readonly [number, number])[] = [
      [L.TABLE_KIND, L.TABLE_KIND_GROUP],
      [L.GROUP_SLOTS, arena.allocate(capacity * SLOTS_PER_GROUP * L.GROUP_SLOT_BYTES)],
      [L.GROUP_SLOTTED, L.SLOTS_DIRTY],
      [L.GROUP_SLOT_MASK, capacity * SLOTS_PER_GROUP - 1],
      [L.GROUP_CAPACITY, capacity],
      [L.GROUP_KEYS, arena.allocate(capacity * keyBytes)],
      [L.GROUP_KEY_BYTES, keyBytes],
      [L.GROUP_ENTRIES, arena.allocate(capacity * L.GROUP_ENTRY_BYTES)],
      [L.GROUP_STATES, arena.allocate(capacity * shape.stateBytes)],
      [L.GROUP_STATE_BYTES, shape.stateBytes],
      [L.GROUP_TEXT_TABLE, text.ptr],
      [L.GROUP_VECTORS, arena.allocate(L.GROUP_VECTOR_KEY + keyBytes)],
      [L.GROUP_HAS_PANE, shape.hasPane ? 1 : 0],
      [L.GROUP_DIRECT, isOn(fastPaths, 'directGroups') ? L.DIRECT_UNDECIDED : L.DIRECT_OFF],
      [L.GROUP_IS_EXACT, isOn(fastPaths, 'fusedUpdates') ? 0 : 1],
    ]
    for (const [offset, value] of fields) memory.write(ptr + offset, value)
    shape.keyTypes.forEach((type, key) => {
      if (type === 'utf8') memory.u8[ptr + L.GROUP_TEXT_KEYS + (key >>> 3)]! |= 1 << (key & 7)
      if (SHORT_TYPES.has(type)) memory.u8[ptr + L.GROUP_SHORT_KEYS + (key >>> 3)]! |= 1 << (key & 7)
    })
  }

  get count(): number { return this.#read(L.GROUP_COUNT) }

  /** Bytes of kernel memory that it holds. */
  get usedBytes(): number {
    const { arena } = this.#kernelSet
    return BUFFERS.reduce((sum, field) => sum + arena.sizeOf(this.#read(field)), arena.sizeOf(this.ptr))
  }

  /** The order by partition, in the scope's memory: a group is of the one whose index is its key's hash, modulo `partitions`. */
  partition(scope: ArenaScope, partitions: number): GroupOrder {
    const { kernels, memory } = this.#kernelSet
    const places = scope.allocate(this.count * 4)
    const ends = scope.allocate(partitions * 4)
    kernels.partitionGroups(this.ptr, partitions, places, ends)
    const endOf = (index: number): number => index < 0 ? 0 : memory.read(ends + index * 4)
    return { places, counts: Array.from({ length: partitions }, (_, index) => endOf(index) - endOf(index - 1)) }
  }

  free(): void {
    const { arena } = this.#kernelSet
    for (const field of BUFFERS) if (this.#read(field)) arena.free(this.#read(field))
    arena.free(this.ptr)
  }

  #read(field: number): number { return this.#kernelSet.memory.read(this.ptr + field) }
}

/**
 * Answers a kernel's `growTable` for a group table: room for `count` groups, at least doubled, and a direct map of `mapBytes`.
 * What is in the map is lost; the slots have to be filled anew.
 */
export function growGroupTable(arena: Arena, table: number, count: number, mapBytes: number): void {
  const { memory } = arena
  if (mapBytes > memory.read(table + L.GROUP_DIRECT_BYTES)) {
    const map = memory.read(table + L.GROUP_DIRECT_MAP)
    if (map) arena.free(map)
    const larger = arena.allocate(mapBytes)
    memory.write(table + L.GROUP_DIRECT_MAP, larger)
    memory.write(table + L.GROUP_DIRECT_BYTES, arena.sizeOf(larger))
  }
  if (count <= memory.read(table + L.GROUP_CAPACITY)) return
  const larger = 2 ** Math.ceil(Math.log2(count)) * 2
  const used = memory.read(table + L.GROUP_COUNT)
  const rows = [
    [L.GROUP_KEYS, memory.read(table + L.GROUP_KEY_BYTES)],
    [L.GROUP_ENTRIES, L.GROUP_ENTRY_BYTES],
    [L.GROUP_STATES, memory.read(table + L.GROUP_STATE_BYTES)],
  ] as const
  for (const [field, bytes] of rows) {
    memory.write(table + field, arena.enlarge(memory.read(table + field), used * bytes, larger * bytes))
  }
  memory.write(table + L.GROUP_CAPACITY, larger)
  arena.free(memory.read(table + L.GROUP_SLOTS))
  memory.write(table + L.GROUP_SLOTS, arena.allocate(larger * SLOTS_PER_GROUP * L.GROUP_SLOT_BYTES))
  memory.write(table + L.GROUP_SLOT_MASK, larger * SLOTS_PER_GROUP - 1)
  memory.write(table + L.GROUP_SLOTTED, L.SLOTS_DIRTY)
}
