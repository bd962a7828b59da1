/** Numbers as text on every kernel set: what is a number, and that it is read exactly. */
import { describe, expect, it } from 'vitest'
import { INT64_CASES, NUMBER_CASES, NOT_NUMBERS, printForms, randomDoubles } from '../support/number-cases.js'
import { kernelSets } from '../support/kernels.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'

/** Calls a parser with `text` followed by digits, which it must not read. */
function parse(set: KernelSet, kernel: 'parseDecimal' | 'parseInteger64', text: string): number | bigint | null {
  const { memory, arena, kernels } = set
  const bytes = new TextEncoder().encode(`${text}1e5`)
  const ptr = arena.allocate(bytes.length)
  const out = arena.allocate(8)
  memory.u8.set(bytes, ptr)
  const isNumber = kernels[kernel](ptr, bytes.length - 3, out)
  const behind = [...memory.u8.subarray(ptr + bytes.length - 3, ptr + bytes.length)]
  expect(String.fromCharCode(...behind)).toBe('1e5')
  const value = kernel === 'parseDecimal' ? memory.f64[out >>> 3]! : memory.i64[out >>> 3]!
  arena.free(ptr)
  arena.free(out)
  return isNumber ? value : null
}

for (const set of kernelSets()) {
  describe(`numbers as text, ${set.kind}`, () => {
    it('reads hard decimals as Number does', () => {
      for (const text of NUMBER_CASES) expect(parse(set, 'parseDecimal', text), text).toBe(Number(text))
    })

    it('reads 100,000 random doubles in every form of print exactly', () => {
      for (const value of randomDoubles(25_000)) {
        for (const text of printForms(value)) {
          const read = parse(set, 'parseDecimal', text)
          if (!Object.is(read, Number(text))) expect.fail(`${text} was read as ${String(read)}`)
        }
      }
    })

    it('takes no text that is not a number', () => {
      for (const text of NOT_NUMBERS) expect(parse(set, 'parseDecimal', text), JSON.stringify(text)).toBeNull()
    })

    it('takes blanks around, a plus sign and the three special values', () => {
      expect(parse(set, 'parseDecimal', ' \t+1.5\r\n')).toBe(1.5)
      expect(parse(set, 'parseDecimal', 'NaN')).toBeNaN()
      expect(parse(set, 'parseDecimal', ' Infinity ')).toBe(Infinity)
      expect(parse(set, 'parseDecimal', '+Infinity')).toBe(Infinity)
      expect(parse(set, 'parseDecimal', '-Infinity')).toBe(-Infinity)
    })

    it('reads 64-bit integers exactly and refuses what does not fit', () => {
      for (const [text, value] of INT64_CASES) expect(parse(set, 'parseInteger64', text), text).toBe(value)
    })
  })
}
