/**
 * Twin of assembly/statistics.ts: the statistics of one number, row by row.
 * Invariant: the same operations in the same order, each rounded once, so the same bits as the wasm builds.
 */
import * as O from '../../../assembly/portable/group-opcodes.js'
import * as L from '../../../assembly/portable/layout.js'
import type { Kernels } from '../kernel-set.js'
import type { KernelMemory } from '../memory.js'

const QUIET_NAN = 0x7ff8000000000000n

const hasVariance = (flags: number): boolean => (flags & O.STATISTICS_VARIANCE) !== 0
const hasExtremes = (flags: number): boolean => (flags & O.STATISTICS_EXTREMES) !== 0

/** Word of the minimum; the (negated) maximum is the next. */
const extremesAt = (flags: number): number => hasVariance(flags) ? 4 : 2
/** Word of the shift, which only a variance has. */
const shiftAt = (flags: number): number => hasExtremes(flags) ? 6 : 4
const integerSumAt = (flags: number): number =>
  2 + (hasVariance(flags) ? 3 : 0) + (hasExtremes(flags) ? 2 : 0)

export function isGreater(a: number, b: number): boolean {
  return a > b || (Number.isNaN(a) && !Number.isNaN(b))
}

/** Adds a value to the state at word `at`. */
export function addToStatistics(f64: Float64Array, flags: number, at: number, x: number): void {
  const isFirst = f64[at + 1] === 0
  const [least, shift] = [at + extremesAt(flags), at + shiftAt(flags)]
  if (isFirst && hasVariance(flags)) f64[shift] = x
  f64[at]! += x
  f64[at + 1]! += 1
  if (hasVariance(flags)) {
    const shifted = x - f64[shift]!
    f64[at + 2]! += shifted
    f64[at + 3]! += shifted * shifted
  }
  if (!hasExtremes(flags)) return
  if (isFirst || isGreater(f64[least]!, x)) f64[least] = x
  if (isFirst || isGreater(x, -f64[least + 1]!)) f64[least + 1] = -x
}

/** Written as bits: an engine may store any NaN for NaN. */
function storeCanonical({ f64, i64 }: KernelMemory, at: number, value: number): void {
  if (Number.isNaN(value)) i64[at] = QUIET_NAN
  else f64[at] = value
}

function finishState(memory: KernelMemory, flags: number, at: number): void {
  const { f64, i64 } = memory
  const n = f64[at + 1]!
  const sum = f64[at]!
  storeCanonical(memory, at, sum)
  if (hasVariance(flags)) {
    const sum1 = f64[at + 2]!
    const m2 = f64[at + 3]! - sum1 * sum1 / n
    storeCanonical(memory, at + 2, f64[at + shiftAt(flags)]! + sum1 / n)
    storeCanonical(memory, at + 3, m2 < 0 ? 0 : m2)
    f64[at + shiftAt(flags)] = 0
  }
  if (hasExtremes(flags)) {
    const least = at + extremesAt(flags)
    storeCanonical(memory, least, f64[least]!)
    storeCanonical(memory, least + 1, -f64[least + 1]!)
  }
  if (flags & O.STATISTICS_INTEGER_SUM) i64[at + integerSumAt(flags)] = BigInt(sum)
}

export function statisticsKernels({ memory }: { readonly memory: KernelMemory }): Pick<Kernels, 'finishStatistics'> {
  return {
    finishStatistics(table, offset, flags, counts) {
      const bytes = memory.read(table + L.GROUP_STATE_BYTES)
      const rows = memory.read(table + L.GROUP_STATES)
      const { f64 } = memory
      for (let id = 0; id < memory.read(table + L.GROUP_COUNT); id++) {
        const row = rows + id * bytes
        const at = (row + offset) >>> 3
        if (f64[at + 1] === 0) continue
        if (counts !== O.NO_REGISTER) f64[(row + counts) >>> 3]! += f64[at + 1]!
        finishState(memory, flags, at)
      }
    },
  }
}

/** Adds finished statistics at word `from` to those at word `to`. */
export function mergeStatistics({ f64, i64 }: KernelMemory, flags: number, to: number, from: number): void {
  const n = f64[from + 1]!
  if (n === 0) return
  const before = f64[to + 1]!
  const isFirst = before === 0
  const total = before + n
  f64[to]! += f64[from]!
  f64[to + 1] = total
  if (hasVariance(flags)) {
    const [mean, m2] = [f64[from + 2]!, f64[from + 3]!]
    const delta = mean - f64[to + 2]!
    f64[to + 2] = isFirst ? mean : f64[to + 2]! + delta * n / total
    f64[to + 3] = isFirst ? m2 : f64[to + 3]! + m2 + delta * delta * before * n / total
  }
  if (hasExtremes(flags)) {
    const at = extremesAt(flags)
    if (isFirst || isGreater(f64[to + at]!, f64[from + at]!)) f64[to + at] = f64[from + at]!
    if (isFirst || isGreater(f64[from + at + 1]!, f64[to + at + 1]!)) f64[to + at + 1] = f64[from + at + 1]!
  }
  if (flags & O.STATISTICS_INTEGER_SUM) i64[to + integerSumAt(flags)]! += i64[from + integerSumAt(flags)]!
}
