/**
 * Twin of assembly/group-columns.ts: from group rows to columns.
 * Invariant: what is read depends on the groups' values alone; every NaN leaves as the one quiet NaN.
 */
import * as O from '../../../assembly/portable/group-opcodes.js'
import * as R from '../../../assembly/portable/group-rows.js'
import * as L from '../../../assembly/portable/layout.js'
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'
import type { ReferenceContext } from './context.js'
import { bitAt } from './group-keys.js'
import { internText, textLength, textPtr } from './text-table.js'

const INT64_BITS = 64

/** One column at work. */
interface Reading {
  readonly kind: number
  readonly offset: number
  readonly bit: number
  readonly isKey: boolean
  readonly values: number
  readonly validity: number
}

function readingAt(memory: KernelMemory, ptr: number): Reading {
  const field = (offset: number): number => memory.read(ptr + offset)
  return {
    kind: field(R.READING_KIND), offset: field(R.READING_OFFSET), bit: field(R.READING_BIT),
    isKey: field(R.READING_IS_KEY) !== 0, values: field(R.READING_VALUES), validity: field(R.READING_VALIDITY),
  }
}

function isThere(memory: KernelMemory, row: number, { bit, isKey }: Reading): boolean {
  if (bit >= O.SEEN_BY_COUNT) return memory.f64[(row >>> 3) + bit - O.SEEN_BY_COUNT]! > 0
  return bit === O.NO_BIT || bitAt(memory, row, bit) === !isKey
}

function storeFloat(memory: KernelMemory, at: number, value: number): boolean {
  // Written as bits: an engine may store any NaN for NaN.
  if (Number.isNaN(value)) memory.i64[at >>> 3] = 0x7ff8000000000000n
  else memory.f64[at >>> 3] = value
  return true
}

/** Reads one value into place i; false: null. */
function readValue(memory: KernelMemory, { kind, values }: Reading, word: number, i: number): boolean {
  const f64 = (offset: number): number => memory.f64[(word + offset) >>> 3]!
  switch (kind) {
    case O.READ_I64: memory.i64[(values >>> 3) + i] = memory.i64[word >>> 3]!; return true
    case O.READ_F64: return storeFloat(memory, values + i * 8, f64(0))
    case O.READ_F32:
      if (Number.isNaN(f64(0))) memory.write(values + i * 4, 0x7fc00000)
      else memory.f32[(values >>> 2) + i] = f64(0)
      return true
    case O.READ_I32: memory.write(values + i * 4, memory.read(word)); return true
    case O.READ_F64_AS_I32: memory.i32[(values >>> 2) + i] = f64(0); return true
    case O.READ_BOOL: memory.u8[values + i] = memory.u8[word]!; return true
    case O.READ_SUM_I128: {
      const low = memory.i64[word >>> 3]!
      if (memory.i64[(word + 8) >>> 3]! !== low >> 63n) return false
      memory.i64[(values >>> 3) + i] = low
      return true
    }
    case O.READ_AVG: return f64(O.STATISTICS_N) > 0 && storeFloat(memory, values + i * 8, f64(0) / f64(O.STATISTICS_N))
    default: {
      const free = kind === O.READ_VARIANCE || kind === O.READ_STDDEV ? f64(O.STATISTICS_N) - 1 : f64(O.STATISTICS_N)
      if (!(free > 0)) return false
      const variance = f64(O.STATISTICS_M2) / free
      const isDeviation = kind === O.READ_STDDEV || kind === O.READ_STDDEV_POPULATION
      return storeFloat(memory, values + i * 8, isDeviation ? Math.sqrt(variance) : variance)
    }
  }
}

function writeNull(memory: KernelMemory, { kind, values }: Reading, i: number): void {
  if (kind === O.READ_BOOL) memory.u8[values + i] = 0
  else if (kind === O.READ_I32 || kind === O.READ_F32 || kind === O.READ_F64_AS_I32) memory.write(values + i * 4, 0)
  else memory.i64[(values >>> 3) + i] = 0n
}

/** Where the rows of one call lie. */
interface Rows {
  readonly rows: number
  readonly rowBytes: number
  readonly numbers: number
  readonly n: number
  readonly first: number
}

function readColumn(memory: KernelMemory, ptr: number, { rows, rowBytes, numbers, n, first }: Rows): number {
  const reading = readingAt(memory, ptr)
  let nulls = 0
  let overflows = 0
  for (let i = 0; i < n; i++) {
    const row = rows + (numbers ? memory.read(numbers + i * 4) : i) * rowBytes
    const place = first + i
    const isSeen = isThere(memory, row, reading)
    if (isSeen && readValue(memory, reading, row + reading.offset, place)) continue
    if (isSeen && reading.kind === O.READ_SUM_I128) overflows++
    memory.u8[reading.validity + (place >>> 3)]! &= ~(1 << (place & 7))
    writeNull(memory, reading, place)
    nulls++
  }
  memory.write(ptr + R.READING_NULL_COUNT, memory.read(ptr + R.READING_NULL_COUNT) + nulls)
  return overflows
}

export function groupColumnKernels(context: ReferenceContext): Pick<Kernels, 'readRows' | 'translateCodes'> {
  const { memory } = context
  return {
    readRows(readings, count, rows, rowBytes, numbers, n, first) {
      let overflows = 0
      for (let i = 0; i < count; i++) {
        overflows += readColumn(memory, readings + i * R.READING_BYTES, { rows, rowBytes, numbers, n, first })
      }
      return overflows
    },
    translateCodes(from, to, values, validity, first, end) {
      for (let i = first; i < end; i++) {
        if (validity && !bitAt(memory, validity, i)) continue
        const code = memory.read(values + i * 4)
        memory.write(values + i * 4, internText(context, to, textPtr(memory, from, code), textLength(memory, from, code)))
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
