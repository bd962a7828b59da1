/**
 * The host functions behind the kernels' imports, over one kernel set's memory.
 * Invariant: each answers from its arguments and the memory alone; all are rare (growing a table, text that is not ASCII).
 */
import { TABLE_KIND, TABLE_KIND_ROWS, TABLE_KIND_TEXT } from '../../assembly/portable/layout.js'
import { growGroupTable } from './group-table.js'
import type { KernelHost, KernelSet } from './kernel-set.js'
import { growRowTable } from './row-table.js'
import { growTextTable } from './text-table.js'

const MAP_TEXT = [
  (text: string) => text.toLowerCase(),
  (text: string) => text.toUpperCase(),
  (text: string) => text.trim(),
] as const

/** @param kernelSet the set that imports these; it is read at the time of a call, so it may be completed after this. */
export function kernelHost(kernelSet: () => KernelSet): KernelHost {
  // A byte order mark is a character of the text like any other.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const encoder = new TextEncoder()
  // Neither reads or writes shared memory in browsers.
  const textAt = (ptr: number, length: number): string => decoder.decode(kernelSet().memory.u8.slice(ptr, ptr + length))
  const writeText = (text: string, out: number): number => {
    const bytes = encoder.encode(text)
    kernelSet().memory.u8.set(bytes, out)
    return bytes.length
  }
  return {
    growTable(descriptor, count, heapBytes) {
      const set = kernelSet()
      const kind = set.memory.read((descriptor >>> 0) + TABLE_KIND)
      if (kind === TABLE_KIND_TEXT) growTextTable(set, descriptor >>> 0, count, heapBytes)
      else if (kind === TABLE_KIND_ROWS) growRowTable(set, descriptor >>> 0, count)
      else growGroupTable(set.arena, descriptor >>> 0, count, heapBytes)
    },
    staticRoom: bytes => kernelSet().arena.allocateStatic(bytes),
    parseFloat64: (ptr, length) => Number(textAt(ptr >>> 0, length)),
    formatFloat64: (value, out) => writeText(String(value), out >>> 0),
    mapText: (kind, ptr, length, out) => writeText(MAP_TEXT[kind]!(textAt(ptr >>> 0, length)), out >>> 0),
  }
}
