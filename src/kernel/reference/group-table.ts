/**
 * Twin of assembly/group-table.ts: the hash table from key rows to dense group ids, over the same layout.
 * Invariant: ids are by first appearance. Where slots lie is its own business.
 */
import * as L from '../../../assembly/portable/layout.js'
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { bitAt, rowAt, selectedCount, selectedRows, writeKeyRow } from './group-keys.js'
import { combineHash, hashWord, mixHash } from './hash.js'
import { textHash } from './text-table.js'

const NULL_HASH = 0x6e756c6c

/** Writes the address of each selected row's state row into the table's vectors, entering new groups: always by hash. */
export function findGroups(context: ReferenceContext, frame: number, table: number, find: number): void {
  const { memory } = context
  const n = selectedCount(memory, frame)
  const rows = selectedRows(memory, frame)
  const keyBytes = memory.read(table + L.GROUP_KEY_BYTES)
  const vectors = memory.read(table + L.GROUP_VECTORS)
  const key = vectors + L.GROUP_VECTOR_KEY
  slotGroups(memory, table)
  for (let i = 0; i < n; i++) {
    const row = rowAt(memory, rows, i)
    writeKeyRow(memory, frame, find, row, key)
    const hash = hashKeyRow(memory, key, keyBytes)
    const id = memory.read(slotOf(memory, table, hash, key, keyBytes) + 4)
    memory.write(vectors + L.GROUP_VECTOR_IDS + row * 4, id ? id - 1 : insertGroup(context, table, key))
  }
  locateStates(memory, frame, table)
}

/** From ids to addresses, once the vector's groups are all there. */
function locateStates(memory: KernelMemory, frame: number, table: number): void {
  const vectors = memory.read(table + L.GROUP_VECTORS)
  const states = memory.read(table + L.GROUP_STATES)
  const bytes = memory.read(table + L.GROUP_STATE_BYTES)
  const n = selectedCount(memory, frame)
  const rows = selectedRows(memory, frame)
  const { u32 } = memory
  for (let i = 0; i < n; i++) {
    const row = rowAt(memory, rows, i)
    u32[((vectors + L.GROUP_VECTOR_STATES) >>> 2) + row] = states + u32[((vectors + L.GROUP_VECTOR_IDS) >>> 2) + row]! * bytes
  }
}

/** Where a key row belongs in the slots. */
export function hashKeyRow(memory: KernelMemory, key: number, bytes: number): number {
  let hash = 0
  for (let offset = 8; offset < bytes; offset += 8) {
    hash = Math.imul(hash ^ memory.read(key + offset), 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 15) ^ memory.read(key + offset + 4), 0x85ebca77)
  }
  return hash ^ (hash >>> 16)
}

/** Hash of the key without the pane, of the values alone: text by its bytes. */
function hashKeyContent(memory: KernelMemory, table: number, key: number): number {
  const text = memory.read(table + L.GROUP_TEXT_TABLE)
  const numKeys = (memory.read(table + L.GROUP_KEY_BYTES) >>> 3) - 1 - memory.read(table + L.GROUP_HAS_PANE)
  let hash = 0
  for (let i = 0; i < numKeys; i++) {
    const word = key + 8 + i * 8
    const isText = bitAt(memory, table + L.GROUP_TEXT_KEYS, i)
    const part = bitAt(memory, key, i) ? NULL_HASH
      : isText ? textHash(memory, text, memory.read(word)) : hashWord(memory.read(word), memory.read(word + 4))
    hash = combineHash(hash, part)
  }
  return mixHash(hash)
}

/** The slot that holds the key, or the free one where it belongs. */
function slotOf(memory: KernelMemory, table: number, hash: number, key: number, keyBytes: number): number {
  const slots = memory.read(table + L.GROUP_SLOTS)
  const mask = memory.read(table + L.GROUP_SLOT_MASK)
  const keys = memory.read(table + L.GROUP_KEYS)
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const at = slots + slot * L.GROUP_SLOT_BYTES
    const id = memory.read(at + 4)
    if (id === 0) return at
    if ((memory.read(at) | 0) === hash && sameKey(memory, keys + (id - 1) * keyBytes, key, keyBytes)) return at
  }
}

export function sameKey(memory: KernelMemory, a: number, b: number, bytes: number): boolean {
  for (let offset = 0; offset < bytes; offset += 4) if (memory.read(a + offset) !== memory.read(b + offset)) return false
  return true
}

function insertGroup({ memory, host }: ReferenceContext, table: number, key: number): number {
  const id = memory.read(table + L.GROUP_COUNT)
  if (id === memory.read(table + L.GROUP_CAPACITY)) host.growTable(table, id + 1, 0)
  const keyBytes = memory.read(table + L.GROUP_KEY_BYTES)
  const stateBytes = memory.read(table + L.GROUP_STATE_BYTES)
  const state = memory.read(table + L.GROUP_STATES) + id * stateBytes
  memory.u8.copyWithin(memory.read(table + L.GROUP_KEYS) + id * keyBytes, key, key + keyBytes)
  memory.u8.fill(0, state, state + stateBytes)
  const entry = memory.read(table + L.GROUP_ENTRIES) + id * L.GROUP_ENTRY_BYTES
  memory.write(entry + L.GROUP_ENTRY_PARTITION, hashKeyContent(memory, table, key))
  memory.write(table + L.GROUP_COUNT, id + 1)
  slotGroups(memory, table)
  return id
}

function fillSlot(memory: KernelMemory, table: number, hash: number, id: number): void {
  const slots = memory.read(table + L.GROUP_SLOTS)
  const mask = memory.read(table + L.GROUP_SLOT_MASK)
  let slot = hash & mask
  while (memory.read(slots + slot * L.GROUP_SLOT_BYTES + 4) !== 0) slot = (slot + 1) & mask
  memory.write(slots + slot * L.GROUP_SLOT_BYTES, hash)
  memory.write(slots + slot * L.GROUP_SLOT_BYTES + 4, id + 1)
}

/** Without keys and pane: every row is of group 0. */
export function findOnlyGroup(context: ReferenceContext, frame: number, table: number): void {
  const { memory } = context
  const vectors = memory.read(table + L.GROUP_VECTORS)
  if (memory.read(table + L.GROUP_COUNT) === 0) {
    memory.i64[(vectors + L.GROUP_VECTOR_KEY) >>> 3] = 0n
    insertGroup(context, table, vectors + L.GROUP_VECTOR_KEY)
  }
  const ids = (vectors + L.GROUP_VECTOR_IDS) >>> 2
  memory.u32.fill(0, ids, ids + memory.read(frame + L.FRAME_VECTOR_ROWS))
  locateStates(memory, frame, table)
}

/** Enters the groups that the slots do not know yet; all, where they are dirty. */
function slotGroups(memory: KernelMemory, table: number): void {
  const slots = memory.read(table + L.GROUP_SLOTS)
  if (memory.read(table + L.GROUP_SLOTTED) === L.SLOTS_DIRTY) {
    memory.u8.fill(0, slots, slots + (memory.read(table + L.GROUP_SLOT_MASK) + 1) * L.GROUP_SLOT_BYTES)
    memory.write(table + L.GROUP_SLOTTED, 0)
  }
  const count = memory.read(table + L.GROUP_COUNT)
  const keys = memory.read(table + L.GROUP_KEYS)
  const keyBytes = memory.read(table + L.GROUP_KEY_BYTES)
  for (let id = memory.read(table + L.GROUP_SLOTTED); id < count; id++) {
    fillSlot(memory, table, hashKeyRow(memory, keys + id * keyBytes, keyBytes), id)
  }
  memory.write(table + L.GROUP_SLOTTED, count)
}

function partitionGroups(memory: KernelMemory, table: number, partitions: number, places: number, ends: number): void {
  const count = memory.read(table + L.GROUP_COUNT)
  const entries = memory.read(table + L.GROUP_ENTRIES)
  const lists = Array.from({ length: partitions }, (): number[] => [])
  for (let id = 0; id < count; id++) {
    lists[memory.read(entries + id * L.GROUP_ENTRY_BYTES + L.GROUP_ENTRY_PARTITION) % partitions]!.push(id)
  }
  let at = 0
  lists.forEach((list, partition) => {
    for (const id of list) memory.write(places + id * 4, at++)
    memory.write(ends + partition * 4, at)
  })
}

export function groupTableKernels(
  { memory }: ReferenceContext,
): Pick<Kernels, 'partitionGroups'> {
  return {
    partitionGroups: (table, partitions, places, ends) => partitionGroups(memory, table, partitions, places, ends),
  }
}
