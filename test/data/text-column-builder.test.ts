/**
 * Text that comes coded is what the same strings are, whatever the codes meant in pushes before; that strings are kept and
 * forgotten is not seen.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnBlock } from '../../src/data/block.js'
import { withOwnText } from '../../src/data/own-text.js'
import { build, fieldsOf, rowsOf } from '../support/blocks.js'

const SCHEMA = fieldsOf({ name: 'utf8' })

interface Push {
  readonly dictionary: readonly string[]
  readonly codes: readonly number[]
}

const texts = fc.constantFrom('', 'a', 'b', 'é', '\ud800', '\ufffd', 'a longer text of more bytes')
const pushes = fc.array(fc.array(texts, { minLength: 1, maxLength: 6 }).chain(dictionary => fc.record({
  dictionary: fc.constant(dictionary),
  codes: fc.array(fc.nat(dictionary.length - 1), { maxLength: 12 }),
})), { maxLength: 8 })

/** @param isReused whether every push brings the same array, filled anew. */
function asCodes(list: readonly Push[], blockRowsMax: number, isReused: boolean): readonly ColumnBlock[] {
  const reused: string[] = []
  return build(SCHEMA, builder => {
    for (const { dictionary, codes } of list) {
      reused.length = 0
      for (const text of dictionary) reused.push(text)
      const name = { values: Int32Array.from(codes), dictionary: isReused ? reused : dictionary }
      builder.pushColumns(builder.checkColumns({ name }))
    }
  }, blockRowsMax).blocks as readonly ColumnBlock[]
}

function asStrings(list: readonly Push[], blockRowsMax: number): readonly ColumnBlock[] {
  return build(SCHEMA, builder => {
    for (const { dictionary, codes } of list) {
      builder.pushColumns(builder.checkColumns({ name: codes.map(code => dictionary[code]!) }))
    }
  }, blockRowsMax).blocks as readonly ColumnBlock[]
}

describe('text column builder', () => {
  it('makes the same blocks of codes as of strings', () => {
    fc.assert(fc.property(pushes, fc.integer({ min: 1, max: 20 }), fc.boolean(), (list, blockRowsMax, isReused) => {
      expect(asCodes(list, blockRowsMax, isReused).map(withOwnText)).toEqual(asStrings(list, blockRowsMax).map(withOwnText))
    }), { numRuns: 300 })
  })

  it.each<[string, number]>([['are all new', 40_000], ['mostly come again', 3_000]])(
    'gives strings back that %s, more than are kept', (_, step) => {
    const dictionary = Array.from({ length: 700_000 }, (__, i) => `name ${i}`)
    const codes = Array.from({ length: 40_000 }, (__, i) => i)
    // Then the first ones once more.
    const starts = [...Array.from({ length: 15 }, (__, k) => k * step), 0]
    const blocks = asCodes(starts.map(start => ({ dictionary: dictionary.slice(0, start + codes.length),
      codes: codes.map(code => start + code) })), codes.length, false)
    expect(blocks.length).toBe(starts.length)
    starts.forEach((start, k) => {
      const rows = rowsOf(SCHEMA, [blocks[k]!])
      expect(rows.every(({ name }, i) => name === `name ${start + i}`)).toBe(true)
    })
  })
})
