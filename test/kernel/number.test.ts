/** Numbers as text on every kernel set: what is a number, and that it is read exactly. */
import { describe, expect, it } from 'vitest'
import { INT64_CASES, NUMBER_CASES, NOT_NUMBERS, printForms, randomDoubles } from '../support/number-cases.js'
import { kernelSets } from '../support/kernels.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'

const encoder = new TextEncoder()
const BEHIND = '1e5'
const TEXT_BYTES_MAX = 1000

/** A parser over one set: `text` stands before digits that it must not read, and must leave as they are. */
function parserOf(set: KernelSet, kernel: 'parseDecimal' | 'parseInteger64'): (text: string) => number | bigint | null {
  const { memory, arena, kernels } = set
  const ptr = arena.allocate(TEXT_BYTES_MAX)
  const out = arena.allocate(8)
  return text => {
    const { written } = encoder.encodeInto(text + BEHIND, memory.u8.subarray(ptr, ptr + TEXT_BYTES_MAX))
    const isNumber = kernels[kernel](ptr, written - BEHIND.length, out)
    if (memory.u8[ptr + written - BEHIND.length] !== BEHIND.charCodeAt(0)) throw new Error(`the byte behind ${text} was changed`)
    if (!isNumber) return null
    return kernel === 'parseDecimal' ? memory.f64[out >>> 3]! : memory.i64[out >>> 3]!
  }
}

for (const set of kernelSets()) {
  const parse = parserOf(set, 'parseDecimal')
  const parseInteger = parserOf(set, 'parseInteger64')

  describe(`numbers as text, ${set.kind}`, () => {
    it('reads hard decimals as Number does', () => {
      for (const text of NUMBER_CASES) expect(parse(text), text).toBe(Number(text))
    })

    it('reads 100,000 random doubles in every form of print exactly', () => {
      for (const value of randomDoubles(25_000)) {
        for (const text of printForms(value)) {
          const read = parse(text)
          if (!Object.is(read, Number(text))) expect.fail(`${text} was read as ${String(read)}`)
        }
      }
    })

    it('takes no text that is not a number', () => {
      for (const text of NOT_NUMBERS) expect(parse(text), JSON.stringify(text)).toBeNull()
    })

    it('takes blanks around, a plus sign and the three special values', () => {
      expect(parse(' \t+1.5\r\n')).toBe(1.5)
      expect(parse('NaN')).toBeNaN()
      expect(parse(' Infinity ')).toBe(Infinity)
      expect(parse('+Infinity')).toBe(Infinity)
      expect(parse('-Infinity')).toBe(-Infinity)
    })

    it('reads 64-bit integers exactly and refuses what does not fit', () => {
      for (const [text, value] of INT64_CASES) expect(parseInteger(text), text).toBe(value)
    })
  })
}
