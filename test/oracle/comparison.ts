/**
 * Telling whether two engines gave the same rows: values by identity (NaN is NaN; −0 is 0 where the sign says nothing), sums of
 * floats within a tolerance of the size of what was added.
 */
import type { Row, Value } from './duck.js'

/** Largest difference of two float sums, relative to the sum of magnitudes. */
const SUM_TOLERANCE = 1e-12

/** A row as one string that sorts and compares; floats by all their digits, −0 as 0 if `unsignedZero`. */
export function rowText(row: Row, columns: readonly string[], { unsignedZero = false } = {}): string {
  return columns.map(column => valueText(row[column] ?? null, unsignedZero)).join(' | ')
}

function valueText(value: Value, unsignedZero: boolean): string {
  if (typeof value === 'number') return Object.is(value, -0) ? (unsignedZero ? '0' : '-0') : String(value)
  if (typeof value === 'bigint') return `${value}n`
  return JSON.stringify(value)
}

/** Whether `a` and `b` are the same float sum; `scale` is the sum of the magnitudes, null when there was nothing to add. */
export function isSameSum(a: Value, b: Value, scale: Value): boolean {
  if (a === null || b === null) return a === b
  const [x, y, size] = [Number(a), Number(b), Number(scale ?? 0)]
  if (Object.is(x, y) || x === y) return true
  // A sum that runs over in one order and not in another has no one answer.
  if (!Number.isFinite(size)) return true
  return Math.abs(x - y) <= SUM_TOLERANCE * size
}
