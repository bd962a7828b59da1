/**
 * Comparing the first program's rows with the answer; runs in Node and in pages.
 */
import { expect } from 'vitest'
import type { PerSecond } from '../examples/first-program-answer.js'

const RELATIVE_TOLERANCE = 1e-12

/** Same rows in any order; counts exactly, means and deviations to the last digits, as sums have no one order. */
export function expectAnswer(rows: readonly PerSecond[], answer: readonly PerSecond[]): void {
  const key = ({ sensor, startMs, n }: PerSecond): string => `${startMs} ${sensor} n=${n}`
  expect(rows.map(key).sort()).toEqual(answer.map(key).sort())
  const byKey = new Map(rows.map(row => [key(row), row]))
  for (const wanted of answer) {
    const row = byKey.get(key(wanted))!
    const tolerance = RELATIVE_TOLERANCE * Math.abs(wanted.mean)
    expect(Math.abs(row.mean - wanted.mean), `mean of ${key(wanted)}`).toBeLessThanOrEqual(tolerance)
    if (wanted.sd === null || row.sd === null) expect(row.sd, `sd of ${key(wanted)}`).toBe(wanted.sd)
    else expect(Math.abs(row.sd - wanted.sd), `sd of ${key(wanted)}`).toBeLessThanOrEqual(1e-9 * wanted.sd)
  }
}
