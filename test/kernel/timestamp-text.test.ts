/** Times as text on every kernel set: which text is a time, and that what is written can be read. */
import { describe, expect, it } from 'vitest'
import { parseTimestampText } from '../../src/data/timestamp-text.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { kernelSets } from '../support/kernels.js'

const TIMES: readonly (readonly [string, string])[] = [
  ['1970-01-01', '1970-01-01T00:00:00Z'], ['2026-01-31', '2026-01-31T00:00:00Z'], ['2026-01-31T12:00', '2026-01-31T12:00:00Z'],
  ['2026-01-31 12:00:01', '2026-01-31T12:00:01Z'], ['2026-01-31T12:00:01.5', '2026-01-31T12:00:01.500Z'],
  ['2026-01-31T12:00:01.1234567890123Z', '2026-01-31T12:00:01.123Z'],
  ['2026-01-31T12:00:01.123456789Z', '2026-01-31T12:00:01.123Z'], ['2026-01-31T12:00:01.25Z', '2026-01-31T12:00:01.250Z'],
  ['2026-01-31T12:00:00+05:30', '2026-01-31T06:30:00Z'], ['2026-01-31T12:00:00-01:30', '2026-01-31T13:30:00Z'],
  ['2026-01-31T00:30:00+01:00', '2026-01-30T23:30:00Z'],
  ['2024-02-29', '2024-02-29T00:00:00Z'], ['2000-02-29', '2000-02-29T00:00:00Z'], ['1900-02-28', '1900-02-28T00:00:00Z'],
  ['0000-01-01', '0000-01-01T00:00:00Z'],
  ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'], ['-000001-01-01', '-000001-01-01T00:00:00Z'],
  ['+275760-09-13', '+275760-09-13T00:00:00Z'],
  ['-271821-04-20', '-271821-04-20T00:00:00Z'], ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
]

const NOT_TIMES = [
  '', '2026', '2026-01', '2026-1-1', '2026-13-01', '2026-00-10', '2026-01-00', '2026-01-32', '2026-02-29', '1900-02-29',
  '2100-02-29', '2026-04-31',
  '2026-01-31T', '2026-01-31T12', '2026-01-31T24:00', '2026-01-31T12:60', '2026-01-31T12:00:60', '2026-01-31T12:00:00.',
  '2026-01-31T12:00:00,5', '2026-01-31t12:00', '2026-01-31T12:00z', '2026-01-31T12:00+01', '2026-01-31T12:00+0100',
  '2026-01-31T12:00:00ZZ', '2026-01-31T12:00:00+24:00', '2026-01-31T12:00:00+05:60', '2026-01-31T12:00:00+5',
  '2026-01-31T12:00:00+05:', '2026-01-31  12:00',
  '2026-01-31X12:00', '2026-01-31Z', '-000000-01-01', '+275760-09-13T00:00:00.001Z', '-271821-04-19T23:59:59.999Z', '12026-01-01',
  '20260131', 'today', '1700000000000',
  '２０２６-01-31', '2026-01-31T12:00:0١',
]

function read(set: KernelSet, text: string): number | null {
  const { memory, arena, kernels } = set
  const bytes = new TextEncoder().encode(`${text}00Z`)
  const ptr = arena.allocate(bytes.length)
  const out = arena.allocate(8)
  memory.u8.set(bytes, ptr)
  const value = kernels.parseTimestamp(ptr, bytes.length - 3, out) ? memory.f64[out >>> 3]! : null
  arena.free(ptr)
  arena.free(out)
  return value
}

function write(set: KernelSet, ms: number): string {
  const { memory, arena, kernels } = set
  const out = arena.allocate(32)
  const length = kernels.formatTimestamp(ms, out)
  const text = new TextDecoder().decode(memory.u8.slice(out, out + length))
  arena.free(out)
  return text
}

for (const set of kernelSets()) {
  describe(`times as text, ${set.kind}`, () => {
    it('reads dates and date-times as Date does', () => {
      for (const [text, same] of TIMES) expect(read(set, text), text).toBe(Date.parse(same))
      expect(read(set, ' 2026-01-31\t')).toBe(Date.UTC(2026, 0, 31))
    })

    it('reads no time that does not exist', () => {
      for (const text of NOT_TIMES) expect(read(set, text), text).toBeNull()
    })

    it('agrees with the reader of pushed rows', () => {
      const texts = [...TIMES.map(([text]) => text), ...NOT_TIMES]
      for (const text of texts) expect(read(set, text), text).toBe(parseTimestampText(text))
    })

    it('writes what Date writes and reads it again, over all years', () => {
      for (let i = 0; i < 20_000; i++) {
        const ms = Math.floor((i / 10_000 - 1) * 8.64e15 / (i % 7 ? 1 : 300)) + i % 1000
        if (Math.abs(ms) > 8.64e15) continue
        const text = write(set, ms)
        if (text !== new Date(ms).toISOString() || read(set, text) !== ms) expect.fail(`${ms} was written as ${text}`)
      }
      expect(write(set, -0.5)).toBe('1970-01-01T00:00:00.000Z')
      for (const ms of [NaN, Infinity, -Infinity, 8.64e15 + 1]) expect(write(set, ms)).toBe('')
    })
  })
}
