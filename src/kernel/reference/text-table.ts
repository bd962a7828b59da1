/**
 * Twin of assembly/text-table.ts: the distinct strings of one task or state store, over the same layout.
 * Invariant: equal codes ⇔ equal bytes; codes are dense, by first appearance.
 */
import * as L from '../../../assembly/portable/layout.js'
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { bitAt } from './group-keys.js'
import { hashBytes } from './hash.js'

/** The code of `length` bytes at `ptr`, entered if new. */
export function internText(context: ReferenceContext, table: number, ptr: number, length: number): number {
  return internHashed(context, table, ptr, length, hashBytes(context.memory, ptr, length))
}

/** The same for a caller that has the hash. */
export function internHashed(context: ReferenceContext, table: number, ptr: number, length: number, hash: number): number {
  const { memory } = context
  const mask = memory.read(table + L.TEXT_SLOT_MASK)
  const slots = memory.read(table + L.TEXT_SLOTS)
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const code = memory.read(slots + slot * 4) - 1
    if (code < 0) break
    if (textHash(memory, table, code) === hash && textLength(memory, table, code) === length &&
      equalBytes(memory, textPtr(memory, table, code), ptr, length)) return code
  }
  return appendText(context, table, ptr, length, hash)
}

function appendText({ memory, host }: ReferenceContext, table: number, ptr: number, length: number, hash: number): number {
  const count = memory.read(table + L.TEXT_COUNT)
  const used = memory.read(table + L.TEXT_HEAP_USED)
  if (count === memory.read(table + L.TEXT_CAPACITY) || used + length > memory.read(table + L.TEXT_HEAP_CAPACITY)) {
    host.growTable(table, count + 1, used + length)
  }
  const entry = entryPtr(memory, table, count)
  memory.write(entry + L.TEXT_ENTRY_HASH, hash)
  memory.write(entry + L.TEXT_ENTRY_OFFSET, used)
  memory.write(entry + L.TEXT_ENTRY_LENGTH, length)
  memory.write(entry + L.TEXT_ENTRY_MEMO, 0)
  memory.u8.copyWithin(memory.read(table + L.TEXT_HEAP) + used, ptr, ptr + length)
  memory.write(freeSlot(memory, table, hash), count + 1)
  memory.write(table + L.TEXT_COUNT, count + 1)
  memory.write(table + L.TEXT_HEAP_USED, used + length)
  return count
}

/** Address of the first free slot for a hash. */
function freeSlot(memory: KernelMemory, table: number, hash: number): number {
  const mask = memory.read(table + L.TEXT_SLOT_MASK)
  const slots = memory.read(table + L.TEXT_SLOTS)
  let slot = hash & mask
  while (memory.read(slots + slot * 4) !== 0) slot = (slot + 1) & mask
  return slots + slot * 4
}

function equalBytes(memory: KernelMemory, a: number, b: number, length: number): boolean {
  const { u8 } = memory
  for (let i = 0; i < length; i++) if (u8[a + i] !== u8[b + i]) return false
  return true
}

function entryPtr(memory: KernelMemory, table: number, code: number): number {
  return memory.read(table + L.TEXT_ENTRIES) + code * L.TEXT_ENTRY_BYTES
}

/** Address of a code's bytes; good until the next string is entered. */
export function textPtr(memory: KernelMemory, table: number, code: number): number {
  return memory.read(table + L.TEXT_HEAP) + memory.read(entryPtr(memory, table, code) + L.TEXT_ENTRY_OFFSET)
}

export function textLength(memory: KernelMemory, table: number, code: number): number {
  return memory.read(entryPtr(memory, table, code) + L.TEXT_ENTRY_LENGTH)
}

/** Whether two entries, of two tables or of one, have the same bytes. */
export function equalText(
  memory: KernelMemory, [tableA, a]: readonly [table: number, code: number], [tableB, b]: readonly [table: number, code: number],
): boolean {
  const length = textLength(memory, tableA, a)
  return length === textLength(memory, tableB, b) &&
    equalBytes(memory, textPtr(memory, tableA, a), textPtr(memory, tableB, b), length)
}

/** A 32-bit integer with a sign, as `hashBytes` gives it. */
export function textHash(memory: KernelMemory, table: number, code: number): number {
  return memory.read(entryPtr(memory, table, code) + L.TEXT_ENTRY_HASH) | 0
}

/** Fills cleared slots from the entries; the host calls it after it has enlarged them. */
export function rehashText(memory: KernelMemory, table: number): void {
  const count = memory.read(table + L.TEXT_COUNT)
  for (let code = 0; code < count; code++) memory.write(freeSlot(memory, table, textHash(memory, table, code)), code + 1)
}

export function textTableKernels(
  context: ReferenceContext,
): Pick<Kernels, 'internText' | 'rehashText' | 'enterCodes'> {
  const { memory } = context
  return {
    internText: (table, ptr, length) => internText(context, table, ptr, length),
    rehashText: table => rehashText(memory, table),
    enterCodes(table, values, validity, n, offsets, bytes, codes) {
      for (let i = 0; i < n; i++) {
        const at = values + i * 4
        const isNull = validity !== 0 && !bitAt(memory, validity, i)
        memory.write(at, isNull ? 0 : codeHere(memory.read(at)) - 1)
      }

      function codeHere(code: number): number {
        const known = codes + code * 4
        if (memory.read(known) === 0) {
          const start = memory.read(offsets + code * 4)
          memory.write(known, internText(context, table, bytes + start, memory.read(offsets + code * 4 + 4) - start) + 1)
        }
        return memory.read(known)
      }
    },
  }
}
