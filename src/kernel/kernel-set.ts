/**
 * A kernel set: the exported functions of one build of the kernels, the memory they work in and its allocator. The wasm builds
 * (SIMD and scalar) and the twin, in TypeScript over the same layouts, are interchangeable behind it and agree bit for bit.
 * Pointers are byte addresses in `memory`; see assembly/portable/layout.ts for what they point at.
 */
import type { Arena } from './arena.js'
import type { BlockLoader } from './fused/block-loader.js'
import type { KernelMemory } from './memory.js'

export interface KernelSet {
  readonly kind: 'simd' | 'scalar' | 'reference'
  readonly memory: KernelMemory
  readonly arena: Arena
  readonly kernels: Kernels
  /** Takes functions that are compiled at run time; null where the build has no SIMD. */
  readonly blocks: BlockLoader | null
}

/** The ABI, by family; each function is described in the file of assembly/ that defines it. */
export interface Kernels {
  // text-table
  internText(table: number, ptr: number, length: number): number
  rehashText(table: number): void
  enterCodes(table: number, values: number, validity: number, n: number, offsets: number, bytes: number, codes: number): void
  // bytes
  zeroBytes(ptr: number, bytes: number): void
  copyBytes(to: number, from: number, bytes: number): void
  // hash
  hashBytes(ptr: number, length: number): number
  // program
  runProgram(frame: number, numRows: number): number
  // number, timestamp-text
  parseDecimal(ptr: number, length: number, out: number): number
  parseInteger64(ptr: number, length: number, out: number): number
  parseTimestamp(ptr: number, length: number, out: number): number
  formatTimestamp(ms: number, out: number): number
  // decode
  decodeRecords(decode: number): void
  countBytes(ptr: number, length: number, byte: number): number
  // group-table, row-table, group-rows, group-columns
  partitionGroups(table: number, partitions: number, places: number, ends: number): void
  finishStatistics(table: number, offset: number, flags: number, counts: number): void
  packGroups(table: number, places: number, rows: number): void
  numberRowText(shape: number, text: number, rows: number, n: number, codes: number, ends: number, start: number): number
  copyTexts(text: number, codes: number, n: number, out: number): void
  translateRowText(shape: number, from: number, to: number, rows: number, n: number): void
  mergeGroupRows(state: number, rows: number, n: number, ends: number, bytes: number, memo: number): number
  mergeTable(to: number, shape: number, from: number, numbers: number, n: number): void
  rehashRows(table: number): void
  takeTouched(table: number, numbers: number): number
  findRows(table: number, rows: number, n: number, numbers: number): number
  readRows(
    readings: number, count: number, rows: number, rowBytes: number, numbers: number, n: number, first: number,
  ): number
  translateCodes(from: number, to: number, values: number, validity: number, first: number, end: number): void
}

/** What kernels ask of the host; described in assembly/host.ts. */
export interface KernelHost {
  growTable(descriptor: number, count: number, heapBytes: number): void
  staticRoom(bytes: number): number
  parseFloat64(ptr: number, length: number): number
  formatFloat64(value: number, out: number): number
  mapText(kind: number, ptr: number, length: number, out: number): number
}
