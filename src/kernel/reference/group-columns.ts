/**
 * Twin of assembly/group-columns.ts: from groups to columns.
 * Invariant: what is read depends on the groups' values alone; every NaN leaves as the one quiet NaN.
 */
import * as O from '../../../assembly/portable/group-opcodes.js'
import * as L from '../../../assembly/portable/layout.js'
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { bitAt } from './group-keys.js'
import { internHashed, textHash, textLength, textPtr } from './text-table.js'

const INT64_BITS = 64

function isThere(memory: KernelMemory, row: number, area: number, bit: number): boolean {
  return bit === O.NO_BIT || bitAt(memory, row, bit) === (area === O.READ_STATES)
}

function areaOf(memory: KernelMemory, table: number, area: number): { rows: number; bytes: number } {
  return area === O.READ_KEYS
    ? { rows: memory.read(table + L.GROUP_KEYS), bytes: memory.read(table + L.GROUP_KEY_BYTES) }
    : { rows: memory.read(table + L.GROUP_STATES), bytes: memory.read(table + L.GROUP_STATE_BYTES) }
}

function storeFloat(memory: KernelMemory, at: number, value: number): boolean {
  // Written as bits: an engine may store any NaN for NaN.
  if (Number.isNaN(value)) memory.i64[at >>> 3] = 0x7ff8000000000000n
  else memory.f64[at >>> 3] = value
  return true
}

/** Reads one value; false: null. */
function readValue(memory: KernelMemory, table: number, kind: number, word: number, values: number, i: number): boolean {
  const f64 = (offset: number): number => memory.f64[(word + offset) >>> 3]!
  switch (kind) {
    case O.READ_I64: memory.i64[(values >>> 3) + i] = memory.i64[word >>> 3]!; return true
    case O.READ_F64: return storeFloat(memory, values + i * 8, f64(0))
    case O.READ_F32:
      if (Number.isNaN(f64(0))) memory.write(values + i * 4, 0x7fc00000)
      else memory.f32[(values >>> 2) + i] = f64(0)
      return true
    case O.READ_I32: memory.write(values + i * 4, memory.read(word)); return true
    case O.READ_BOOL: memory.u8[values + i] = memory.u8[word]!; return true
    case O.READ_SUM_I128: {
      const low = memory.i64[word >>> 3]!
      if (memory.i64[(word + 8) >>> 3]! !== low >> 63n) {
        memory.write(table + L.GROUP_OVERFLOWS, memory.read(table + L.GROUP_OVERFLOWS) + 1)
        return false
      }
      memory.i64[(values >>> 3) + i] = low
      return true
    }
    case O.READ_AVG: return f64(8) > 0 && storeFloat(memory, values + i * 8, f64(0) / f64(8))
    default: {
      const free = kind === O.READ_VARIANCE || kind === O.READ_STDDEV ? f64(0) - 1 : f64(0)
      if (!(free > 0)) return false
      const variance = f64(16) / free
      const isDeviation = kind === O.READ_STDDEV || kind === O.READ_STDDEV_POPULATION
      return storeFloat(memory, values + i * 8, isDeviation ? Math.sqrt(variance) : variance)
    }
  }
}

function writeNull(memory: KernelMemory, kind: number, values: number, i: number): void {
  if (kind === O.READ_BOOL) memory.u8[values + i] = 0
  else if (kind === O.READ_I32 || kind === O.READ_F32) memory.write(values + i * 4, 0)
  else memory.i64[(values >>> 3) + i] = 0n
}

function finishVariance(memory: KernelMemory, table: number, offset: number): void {
  const { rows, bytes } = areaOf(memory, table, O.READ_STATES)
  const count = memory.read(table + L.GROUP_COUNT)
  const { f64 } = memory
  for (let id = 0; id < count; id++) {
    const word = (rows + id * bytes + offset) >>> 3
    const n = f64[word]!
    if (n === 0) continue
    const sum = f64[word + 2]!
    const m2 = f64[word + 3]! - sum * sum / n
    f64[word + 1] = f64[word + 1]! + sum / n
    f64[word + 2] = m2 < 0 ? 0 : m2
  }
}

export function groupColumnKernels(
  context: ReferenceContext,
): Pick<Kernels, 'readGroups' | 'finishVariance' | 'translateGroupText' | 'translateCodes'> {
  const { memory } = context
  const translate = (from: number, to: number, code: number): number =>
    internHashed(context, to, textPtr(memory, from, code), textLength(memory, from, code), textHash(memory, from, code))
  return {
    readGroups(table, area, kind, offset, bit, ids, n, values, validity) {
      const { rows, bytes } = areaOf(memory, table, area)
      memory.u8.fill(0, validity, validity + ((n + 7) >>> 3))
      let nulls = 0
      for (let i = 0; i < n; i++) {
        const row = rows + memory.read(ids + i * 4) * bytes
        if (isThere(memory, row, area, bit) && readValue(memory, table, kind, row + offset, values, i)) {
          memory.u8[validity + (i >>> 3)]! |= 1 << (i & 7)
        } else {
          writeNull(memory, kind, values, i)
          nulls++
        }
      }
      return nulls
    },
    finishVariance: (table, offset) => finishVariance(memory, table, offset),
    translateGroupText(table, to, area, offset, bit) {
      const from = memory.read(table + L.GROUP_TEXT_TABLE)
      const { rows, bytes } = areaOf(memory, table, area)
      const count = memory.read(table + L.GROUP_COUNT)
      for (let id = 0; id < count; id++) {
        const row = rows + id * bytes
        if (!isThere(memory, row, area, bit)) continue
        const code = translate(from, to, memory.read(row + offset))
        memory.i64[(row + offset) >>> 3] = BigInt(code)
      }
    },
    translateCodes(from, to, values, validity, n) {
      for (let i = 0; i < n; i++) {
        if (validity && !bitAt(memory, validity, i)) continue
        const code = translate(from, to, memory.read(values + i * 4))
        memory.write(values + i * 4, code)
      }
    },
  }
}

/** The 128-bit number of two words, and back: the sums of i64. */
export function addToSum(memory: KernelMemory, state: number, value: bigint): void {
  const at = state >>> 3
  const sum = (memory.i64[at + 1]! << BigInt(INT64_BITS)) + BigInt.asUintN(INT64_BITS, memory.i64[at]!) + value
  memory.i64[at] = BigInt.asIntN(INT64_BITS, sum)
  memory.i64[at + 1] = BigInt.asIntN(INT64_BITS, sum >> BigInt(INT64_BITS))
}
