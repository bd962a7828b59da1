/**
 * 100,000 damaged inputs through every kernel set: never a trap, never a wrong value, never more memory. A record is accepted
 * exactly when the oracle accepts it, and SIMD, scalar and twin say the same about every bad one. A failure prints the seed of
 * its batch.
 */
import { describe, expect, it } from 'vitest'
import { bytesOf, decodeText, type Decoded, type DecodeOptions } from '../support/decode.js'
import { expectedRows, type Expected } from '../support/decode-oracle.js'
import { kernelSets } from '../support/kernels.js'
import { join, mutate, Random } from '../support/mutate.js'

const INPUTS_PER_BATCH = 500
/** A few seconds on a machine that is free; this is for one that is not. */
const FUZZ_TEST_MS = 240_000
/** Far above what a batch needs. */
const MEMORY_BYTES_MAX = 64 << 20

/** By templates first, and without. */
const TEMPLATE_SETTINGS = [true, false] as const

const SCHEMA = { id: 'i32', at: 'timestamp', name: 'utf8', value: 'f64', big: 'i64', ok: 'bool', small: 'f32' } as const
const NAMES = Object.keys(SCHEMA)

const TEXTS = [
  '', 'a', 's-0123', 'with "quotes"', 'back\\slash', 'line\nbreak', 'é', '€uro', '😀',
  'a longer text that fills more than a vector',
  'tab\t', '\u0001',
]
const NUMBERS = [
  '0', '-1', '12.3456', '1e5', '-0', '0.1', '1700000000123', '123456789012345678', '9007199254740993', '2.5E-10', '1e-320',
  '4.35',
  '2147483648',
]
const VALUES: Readonly<Record<string, (random: Random) => string>> = {
  i32: random => String(random.below(2 ** 31) - 2 ** 30),
  i64: random => `${random.below(2 ** 30)}${random.below(10 ** 9)}`,
  timestamp: random => (random.below(2)
    ? String(1.7e12 + random.below(1e9))
    : `"2026-0${1 + random.below(9)}-1${random.below(10)}T12:00:00.${random.below(999)}Z"`),
  utf8: random => JSON.stringify(random.pick(TEXTS)),
  f64: random => random.pick(NUMBERS),
  f32: random => random.pick(NUMBERS),
  bool: random => (random.below(2) ? 'true' : 'false'),
}

const ODD_VALUES = ['null', '{}', '[1,{"a":[]}]', '"x"', '1']
const OTHER_VALUES = ['[]', '{"id":1}', '[true,null,"\\u00e9"]', '1.5e3']

function jsonObject(random: Random): string {
  const blank = random.below(8) ? '' : random.pick([' ', '\t', ' \r '])
  const value = (type: string): string => (random.below(12) ? VALUES[type]!(random) : random.pick(ODD_VALUES))
  const members = Object.entries(SCHEMA).filter(() => random.below(10) > 0)
    .map(([name, type]) => `"${name}"${blank}:${blank}${value(type)}`)
  if (random.below(4) === 0) members.splice(random.below(members.length + 1), 0, `"other":${random.pick(OTHER_VALUES)}`)
  if (random.below(6) === 0) members.reverse()
  return `{${members.join(`,${blank}`)}}`
}

function csvField(random: Random, type: string): string {
  if (random.below(12) === 0) return random.pick(['', '""', ' ', 'NaN', '+5', 'x'])
  if (type !== 'utf8') return VALUES[type]!(random)
  const text = random.pick(TEXTS)
  return /[",\n]/.test(text) || random.below(3) === 0 ? `"${text.replaceAll('"', '""')}"` : text
}

/** Shapes that senders have: the same keys in the same places, now and then one left out, one more, or another order. */
const SHAPES = [
  ['id', 'at', 'name', 'value'], ['at', 'name', 'value', 'id'], ['id', 'name', 'other', 'value', 'big', 'ok', 'small'],
  ['name', 'value', 'name'], ['unread', 'a key that is longer than a literal takes', 'at', 'ok'],
] as const

/** An object of a shape, its values mostly right. */
function shapedObject(random: Random): string {
  const shape = SHAPES[random.below(random.below(3) ? 2 : SHAPES.length)]!
  const value = (name: string): string => {
    const type = (SCHEMA as Readonly<Record<string, string>>)[name]
    if (random.below(15) === 0) return random.pick(ODD_VALUES)
    return type ? VALUES[type]!(random) : random.pick(OTHER_VALUES)
  }
  const end = random.below(10) ? '' : random.pick([' ', '\r'])
  return `{${shape.map(name => `"${name}":${value(name)}`).join(',')}}${end}`
}

interface FuzzFormat {
  readonly inputs: number
  readonly make: (random: Random) => string
}

const FORMATS: Readonly<Record<DecodeOptions['format'], FuzzFormat>> = {
  ndjson: { inputs: 50_000, make: random => (random.below(2) ? jsonObject(random) : shapedObject(random)) },
  json: {
    inputs: 20_000,
    make: random => (random.below(3)
      ? `[${Array.from({ length: random.below(4) }, () => (random.below(2) ? jsonObject : shapedObject)(random)).join(',')}]`
      : jsonObject(random)),
  },
  csv: {
    inputs: 30_000,
    make: random => Object.values(SCHEMA).map(type => csvField(random, type)).join(',') + (random.below(4) ? '' : '\r'),
  },
}

/** Some hundred inputs, most of them damaged, a line each. */
function makeBatch(seed: number, make: (random: Random) => string): Uint8Array {
  const random = new Random(seed)
  const feed = Uint8Array.of(10)
  const parts: Uint8Array[] = []
  let other = bytesOf(make(random))
  for (let i = 0; i < INPUTS_PER_BATCH; i++) {
    const whole = bytesOf(make(random))
    parts.push(mutate(random, whole, other), feed)
    other = whole
  }
  return join(...parts)
}

/** What differs between what came out and what the oracle expects, or null. */
function difference(decoded: Decoded, expected: Expected): string | null {
  if (decoded.badCount !== expected.bad.length) {
    const offsets = new Set(expected.bad)
    const wrong = decoded.bad.find(({ offset }) => !offsets.has(offset))
    return wrong
      ? `the record at ${wrong.offset} is not bad: ${wrong.reason}`
      : `a bad record was taken, of those at ${expected.bad.join(' ')}`
  }
  for (let i = 0; i < expected.bad.length; i++) {
    const { offset } = decoded.bad[i]!
    if (offset !== expected.bad[i]) return `bad record ${i} is at ${offset}, not ${expected.bad[i]}`
  }
  if (decoded.rows.length !== expected.rows.length) return `${decoded.rows.length} rows, not ${expected.rows.length}`
  for (let row = 0; row < expected.rows.length; row++) {
    const [got, wanted] = [decoded.rows[row]!, expected.rows[row]!]
    const column = NAMES.findIndex((_, i) => !Object.is(got[i], wanted[i]))
    if (column >= 0) return `row ${row}, ${NAMES[column]}: ${String(got[column])}, not ${String(wanted[column])}`
  }
  return decoded.leakedBytes === 0 ? null : `${decoded.leakedBytes} bytes were not freed`
}

/** The bad records, a line each. */
function reportOf(decoded: Decoded): string {
  return decoded.bad.map(({ offset, position, reason, bytes }) => `${offset}+${position} ${reason}: ${bytes.length}`).join('\n')
}

describe('decoding of damaged input', () => {
  for (const [format, { inputs, make }] of Object.entries(FORMATS)) {
    it(`${format}: ${inputs} inputs give what the oracle gives, on every kernel set`, () => {
      const sets = kernelSets()
      let good = 0
      let bad = 0
      for (let seed = 1; seed <= inputs / INPUTS_PER_BATCH; seed++) {
        const bytes = makeBatch(seed, make)
        const options: DecodeOptions = {
          format: format as DecodeOptions['format'], schema: SCHEMA, badRecordsMax: 1e6, recordBytesMax: 400,
          ...(format === 'csv' ? { csv: { delimiter: ',', columns: null } } : {}),
        }
        const expected = expectedRows(bytes, options)
        good += expected.rows.length
        bad += expected.bad.length
        const reports = sets.flatMap(set => TEMPLATE_SETTINGS.map(templateJson => {
          const decoded = decodeText(set, bytes, { ...options, templateJson })
          const wrong = difference(decoded, expected)
          if (wrong) expect.fail(`${format}, seed ${seed}, ${set.kind}, templates ${templateJson}: ${wrong}`)
          expect(set.memory.buffer.byteLength).toBeLessThan(MEMORY_BYTES_MAX)
          return reportOf(decoded)
        }))
        for (const report of reports) if (report !== reports[0]) expect(report).toBe(reports[0])
      }
      // Not all alike: the damage leaves much to decode and much to refuse.
      expect(good).toBeGreaterThan(inputs / 5)
      expect(bad).toBeGreaterThan(inputs / 5)
    }, FUZZ_TEST_MS)

    it(`${format}: random bytes of every length neither trap nor differ`, () => {
      const sets = kernelSets()
      const random = new Random(4711)
      for (let length = 0; length < 300; length++) {
        const letters = bytesOf(random.below(2) ? '{}[]:,"\\u0123456789eE+-. \ntrufalsn\r' : '",\n\r01.;\t')
        const byte = (): number => (random.below(20) ? letters[random.below(letters.length)]! : random.below(256))
        const bytes = Uint8Array.from({ length }, byte)
        const options: DecodeOptions = { format: format as DecodeOptions['format'], schema: SCHEMA, badRecordsMax: 1e6 }
        const results = sets.map(set => decodeText(set, bytes, options))
          .map(decoded => `${decoded.rows.map(String).join('\n')}\n${reportOf(decoded)}`)
        for (const result of results) expect(result).toBe(results[0])
      }
    })
  }
})
