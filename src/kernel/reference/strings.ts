/**
 * A text table's entries as JavaScript strings, for those instructions of the twin that work on text.
 */
import * as L from '../../../assembly/portable/layout.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { internText, textLength, textPtr } from './text-table.js'

// A byte order mark is a character of the text like any other.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

export function stringOf(memory: KernelMemory, table: number, code: number): string {
  const ptr = textPtr(memory, table, code)
  return decoder.decode(memory.u8.subarray(ptr, ptr + textLength(memory, table, code)))
}

/** The code of a string, entered if new. Its bytes are written behind the table's heap first, where they stay if it is. */
export function internString({ memory, host }: ReferenceContext, table: number, text: string): number {
  const bytes = encoder.encode(text)
  const needed = memory.read(table + L.TEXT_HEAP_USED) + bytes.length
  if (needed > memory.read(table + L.TEXT_HEAP_CAPACITY)) host.growTable(table, memory.read(table + L.TEXT_COUNT), needed)
  const ptr = memory.read(table + L.TEXT_HEAP) + memory.read(table + L.TEXT_HEAP_USED)
  memory.u8.set(bytes, ptr)
  return internText({ memory, host }, table, ptr, bytes.length)
}
