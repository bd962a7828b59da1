/** Times of a column, told from what is none: the quick way and the exact one agree at every border. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areTimestamps } from '../../src/data/timestamp-range.js'

const MAX = 8.64e15
const usual = fc.integer({ min: 1_600_000_000_000, max: 1_800_000_000_000 })
const odd = fc.constantFrom(0, -0, 1, -1, 0.5, MAX, -MAX, MAX + 1, -MAX - 1, MAX - 1, 2 ** 52, 2 ** 53, -(2 ** 53),
  Infinity, -Infinity, NaN, 5e-324, Number.MAX_VALUE)

describe('areTimestamps', () => {
  it('is true where every value of the stretch is a time', () => {
    const value = fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: odd }, { weight: 1, arbitrary: fc.double() })
    fc.assert(fc.property(fc.array(value, { maxLength: 40 }), fc.nat(40), fc.nat(40), (values, a, b) => {
      const [start, end] = [Math.min(a, b, values.length), Math.min(Math.max(a, b), values.length)]
      const isRight = values.slice(start, end).every(ms => Math.abs(ms) <= MAX)
      expect(areTimestamps(Float64Array.from(values), start, end)).toBe(isRight)
    }))
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('sees what is no time at index %i', index => {
    for (const wrong of [NaN, -Infinity, MAX + 1, -MAX - 1]) {
      const values = new Float64Array(10).fill(1_700_000_000_000)
      expect(areTimestamps(values, 0, 10)).toBe(true)
      values[index] = wrong
      expect(areTimestamps(values, 0, 10)).toBe(false)
    }
  })
})
