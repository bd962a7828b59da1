/** Aggregates by the letter of the semantics, row by row in plain JavaScript: what the kernels are compared with. */
import type { AggregateName } from '../../src/plan/expression.js'

export type Plain = boolean | number | bigint | string | null

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** Order of values: NaN is greatest, −0 = 0, text by code points. */
export function compareValues(a: NonNullable<Plain>, b: NonNullable<Plain>): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    return a < b ? -1 : a > b ? 1 : 0
  }
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : a > b ? 1 : 0
}

/** One text per key tuple that SQL calls equal. */
export function keyOf(keys: readonly Plain[]): string {
  return keys.map(key => key === null ? 'null' : `${typeof key}:${String(key === 0 ? 0 : key)}`).join('\u0000|')
}

/** @param args per row the arguments: none, the value, or value and what it is ordered by. */
export function naiveAggregate(fn: AggregateName, args: readonly (readonly Plain[])[]): Plain {
  if (fn === 'count') return args.length
  const rows = args.filter(row => row.every(value => value !== null)) as NonNullable<Plain>[][]
  const values = rows.map(row => row[0]!)
  switch (fn) {
    case 'countIf': return values.filter(Boolean).length
    case 'first': return values[0] ?? null
    case 'last': return values.at(-1) ?? null
    case 'any': return values.length ? values.some(Boolean) : null
    case 'every': return values.length ? values.every(Boolean) : null
    case 'min': return values.reduce<Plain>((kept, value) => kept === null || compareValues(value, kept) < 0 ? value : kept, null)
    case 'max': return values.reduce<Plain>((kept, value) => kept === null || compareValues(value, kept) > 0 ? value : kept, null)
    case 'minBy': case 'maxBy': {
      const sign = fn === 'minBy' ? -1 : 1
      const best = rows.reduce<NonNullable<Plain>[] | null>((kept, row) => kept === null ||
        sign * compareValues(row[1]!, kept[1]!) > 0 ? row : kept, null)
      return best ? best[0]! : null
    }
    case 'sum': return values.length ? sumOf(values) : null
    case 'avg': return values.length ? values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length : null
    default: return deviation(fn, values.map(Number))
  }
}

function sumOf(values: readonly NonNullable<Plain>[]): Plain {
  if (typeof values[0] === 'number') return values.reduce<number>((sum, value) => sum + Number(value), 0)
  const sum = values.reduce<bigint>((sum, value) => sum + BigInt(value), 0n)
  return sum > INT64_MAX || sum < INT64_MIN ? null : sum
}

function deviation(fn: AggregateName, values: readonly number[]): number | null {
  const free = fn === 'variance' || fn === 'stddev' ? values.length - 1 : values.length
  if (free <= 0) return null
  const mean = values.reduce((sum, value) => sum + value / values.length, 0)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / free
  return fn === 'stddev' || fn === 'stddevPopulation' ? Math.sqrt(variance) : variance
}
