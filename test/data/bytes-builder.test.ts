/** Bytes cut anywhere into blocks of whole records: the cuts must not show. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BytesBlock, TextFormat } from '../../src/data/block.js'
import { BytesBuilder, type BytesBuilderOptions } from '../../src/data/bytes-builder.js'
import { recordEndFrom, recordScanner } from '../../src/data/record-boundary.js'
import { splitCsv } from '../../src/kernel/reference/csv.js'
import { CountedMemory } from '../support/counted-memory.js'
import { textOf } from '../support/blocks.js'

interface Taken {
  readonly blocks: BytesBlock[]
  readonly records: number[]
  readonly ordinals: number[]
  readonly bad: string[]
}

function take(format: TextFormat, feed: (builder: BytesBuilder) => void, options: Partial<BytesBuilderOptions> = {}): Taken {
  const taken: Taken = { blocks: [], records: [], ordinals: [], bad: [] }
  const memory = new CountedMemory()
  const builder = new BytesBuilder({
    format, csv: { header: false, delimiter: ',' }, blockRowsMax: 1000, blockBytesMax: 1 << 20, recordBytesMax: 1 << 20,
    admit: null,
    memory,
    onBlock(block, held, records, firstOrdinal) {
      taken.blocks.push({ ...block, bytes: block.bytes.slice() })
      taken.records.push(records)
      taken.ordinals.push(firstOrdinal)
      held.letGo()
    },
    onBadRecord: (offset, reason, head) => taken.bad.push(`${offset}: ${reason}: ${new TextDecoder().decode(head)}`),
    checkHeader() {},
    ...options,
  })
  feed(builder)
  builder.seal()
  return taken
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function feedInPieces(text: string, cuts: readonly number[]): (builder: BytesBuilder) => void {
  const bytes = encode(text)
  const borders = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return builder => {
    for (let i = 1; i < borders.length; i++) builder.pushBytes(bytes.slice(borders[i - 1], borders[i]))
    builder.endStream()
  }
}

const piece = fc.constantFrom('\n', '"', ',', 'a', 'ab', '""', '\r\n', 'é', '🦆', '{"x":1}', '', 'x'.repeat(30))
const text = fc.array(piece, { maxLength: 60 }).map(pieces => pieces.join(''))
const cuts = fc.array(fc.nat(), { maxLength: 12 })

describe('bytes builder', () => {
  for (const format of ['ndjson', 'csv', 'json'] as const) {
    it(`makes the same blocks of ${format} however it is cut`, () => {
      const options = fc.record({
        blockRowsMax: fc.integer({ min: 1, max: 6 }), blockBytesMax: fc.integer({ min: 1, max: 80 }),
        recordBytesMax: fc.integer({ min: 4, max: 100 }),
        csv: fc.record({ header: fc.boolean(), delimiter: fc.constant(',') }),
      })
      fc.assert(fc.property(text, cuts, options, (input, at, limits) => {
        expect(take(format, feedInPieces(input, at), limits)).toEqual(take(format, feedInPieces(input, []), limits))
      }), { numRuns: 400 })
    })
  }

  it('leaves out the byte order mark at the start of a stream, wherever it is cut, and of each message', () => {
    fc.assert(fc.property(cuts, at => {
      const taken = take('ndjson', feedInPieces('\ufeff{"a":1}\n\ufeff{"a":2}\n', at))
      expect(textOf(taken.blocks)).toBe('{"a":1}\n\ufeff{"a":2}\n')
      expect(taken.ordinals[0]).toBe(3)
    }))
    const messages = take('json', builder => { for (const a of [1, 2]) builder.pushMessage(`\ufeff{"a":${a}}`) })
    expect(textOf(messages.blocks)).toBe('{"a":1}\n{"a":2}\n')
    const unfinished = take('ndjson', builder => {
      builder.pushBytes(Uint8Array.of(0xef, 0xbb))
      builder.endStream()
    })
    expect(unfinished.blocks[0]!.bytes).toEqual(Uint8Array.of(0xef, 0xbb, 10))
  })

  it('keeps every byte of lines, in order, and adds the last line feed', () => {
    fc.assert(fc.property(text, cuts, fc.integer({ min: 1, max: 6 }), (input, at, blockRowsMax) => {
      const taken = take('ndjson', feedInPieces(input, at), { blockRowsMax })
      expect(textOf(taken.blocks)).toBe(input === '' || input.endsWith('\n') ? input : `${input}\n`)
      expect(taken.records).toEqual(taken.blocks.map(block => block.bytes.filter(byte => byte === 10).length))
      let ordinal = 0
      taken.blocks.forEach((block, k) => {
        expect(taken.ordinals[k]).toBe(ordinal)
        ordinal += block.bytes.length
      })
    }))
  })

  it('ends CSV records at line feeds outside quotes', () => {
    const input = 'a,"x\ny",1\nb,"say ""hi\n""",2\nc,5" pipe,3\r\n"d"'
    const { blocks, records } = take('csv', feedInPieces(input, []), { blockRowsMax: 1 })
    expect(blocks.map(block => textOf([block]))).toEqual(['a,"x\ny",1\n', 'b,"say ""hi\n""",2\n', 'c,5" pipe,3\r\n', '"d"\n'])
    expect(records).toEqual([1, 1, 1, 1])
    expect(blocks[0]!.csv).toEqual({ delimiter: ',', columns: null })
  })

  it('takes the CSV header off, once a stream, and lets it say how the lines are read', () => {
    const csv = { header: true, delimiter: ';' }
    const taken = take('csv', builder => {
      builder.pushBytes(encode('\ufeffa;"b;""c"\r\n1;2\n3'))
      builder.resetPartialRecord()
      builder.pushBytes(encode('b;a\n4;5\n'))
    }, { csv })
    expect(taken.blocks.map(block => [textOf([block]), block.csv])).toEqual([
      ['1;2\n', { delimiter: ';', columns: ['a', 'b;"c'] }], ['4;5\n', { delimiter: ';', columns: ['b', 'a'] }]])
    expect(taken.ordinals[0]).toBe(encode('\ufeffa;"b;""c"\r\n').length)
  })

  it('drops a partial record when the connection is cut', () => {
    const { blocks } = take('ndjson', builder => {
      builder.pushBytes(encode('{"a":1}\n{"a":'))
      builder.resetPartialRecord()
      builder.pushBytes(encode('{"a":2}\n'))
    })
    expect(textOf(blocks)).toBe('{"a":1}\n{"a":2}\n')
  })

  it('takes messages as whole records', () => {
    const lines = take('ndjson', builder => {
      for (const message of ['1\n2', '', ' \n', encode('3\n'), '4']) builder.pushMessage(message)
    })
    expect([textOf(lines.blocks), lines.records]).toEqual(['1\n2\n3\n4\n', [4]])
    const documents = take('json', builder => {
      builder.pushMessage('[\n{"a":1},\n{"a":2}]\n')
      builder.pushMessage('{}')
    })
    expect([textOf(documents.blocks), documents.records]).toEqual(['[\r{"a":1},\r{"a":2}]\r\n{}\n', [2]])
    const quoted = take('csv', builder => {
      builder.pushMessage('1,"open')
      builder.pushMessage('2,"closed"')
    })
    expect([textOf(quoted.blocks), quoted.bad]).toEqual(['2,"closed"\n', ['0: a quoted field is not closed: 1,"open']])
  })

  it('refuses records that are too long, without keeping them, and goes on behind them', () => {
    const long = 'x'.repeat(300)
    const taken = take('ndjson', feedInPieces(`1\n${long}\n2\n${long}`, [50, 100, 200, 290, 400]), { recordBytesMax: 20 })
    expect([textOf(taken.blocks), taken.ordinals]).toEqual(['1\n2\n', [0, 303]])
    const reason = `the record is 300 bytes long; at most 20 are allowed: ${'x'.repeat(120)}`
    expect(taken.bad).toEqual([`2: ${reason}`, `305: ${reason}`])
  })

  it('leaves out records that are not admitted', () => {
    fc.assert(fc.property(text, cuts, fc.integer({ min: 1, max: 4 }), (input, at, every) => {
      let asked = 0
      const { blocks } = take('ndjson', feedInPieces(input, at), { admit: () => asked++ % every === 0, blockRowsMax: 3 })
      const lines = input.split('\n')
      if (lines.at(-1) === '') lines.pop()
      expect(textOf(blocks)).toBe(lines.filter((_, i) => i % every === 0).map(line => `${line}\n`).join(''))
    }))
  })
})

describe('record scanner', () => {
  it('ends CSV records where the decoder does', () => {
    fc.assert(fc.property(text, input => {
      const bytes = encode(`${input}\n`)
      const scanner = recordScanner('csv')
      for (let start = 0; start < bytes.length;) {
        const end = scanner.next(bytes, start, bytes.length)
        const record = splitCsv(bytes, start, bytes.length, 44)
        if (end < 0) return
        expect(record.end + 1).toBe(end)
        start = end
      }
    }))
  })
})

describe('recordEndFrom', () => {
  it('finds the first record end at or after a byte', () => {
    const anyFormat = fc.constantFrom('csv', 'ndjson')
    fc.assert(fc.property(text, anyFormat, fc.nat(), fc.integer({ min: -2, max: 2 }), (input, format, k, shift) => {
      const { blocks } = take(format, feedInPieces(input, []))
      for (const block of blocks) {
        const scanner = recordScanner(format)
        const ends = [0]
        while (ends.at(-1)! < block.bytes.length) ends.push(scanner.next(block.bytes, ends.at(-1)!, block.bytes.length))
        const atLeast = ends[k % ends.length]! + shift
        ends.slice(0, -1).forEach(start => {
          const expected = ends.find(end => end > start && end >= atLeast) ?? block.bytes.length
          expect(recordEndFrom(block, start, atLeast)).toBe(expected)
        })
      }
    }))
  })
})
