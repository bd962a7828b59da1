/**
 * CSV to columns on every kernel set: quoting, line ends, headers, nulls, and what makes a record bad, with reason and position.
 */
import { describe, expect, it } from 'vitest'
import { recordScanner } from '../../src/data/record-boundary.js'
import { bytesOf, decodeText, type DecodeOptions } from '../support/decode.js'
import { kernelSets } from '../support/kernels.js'

const READINGS = { sensor: 'utf8', at: 'timestamp', value: 'f64' } as const
type Schema = DecodeOptions['schema']
const csv = (schema: Schema, columns: readonly string[] | null = null, more: Partial<DecodeOptions> = {}): DecodeOptions =>
  ({ format: 'csv', schema, csv: { delimiter: ',', columns }, ...more })

const PAIR = { a: 'utf8', b: 'f64' } as const
const BAD: readonly (readonly [record: string | Uint8Array, position: number, reason: string])[] = [
  ['x', 1, '1 field, not 2'],
  ['x,1,y', 4, '3 fields, not 2'],
  ['x,1,"y"', 4, '3 fields, not 2'],
  ['x,1,', 4, '3 fields, not 2'],
  ['x"y,1', 1, 'a quote inside a field that does not begin with one'],
  ['"x"y,1', 3, '\',\' or the end of the line is expected behind a closing quote, not \'y\''],
  ['"x" ,1', 3, '\',\' or the end of the line is expected behind a closing quote, not \' \''],
  ['"x"\r,1', 3, '\',\' or the end of the line is expected behind a closing quote, not the control character U+000D'],
  ['x,"1', 2, 'a quote is not closed'],
  ['x,abc', 2, 'column \'b\': "abc" is not a number'],
  ['x,"a""b"', 2, 'column \'b\': "a\\"b" is not a number'],
  ['x,01', 2, 'column \'b\': "01" is not a number'],
  ['x, 1 2 ', 2, 'column \'b\': " 1 2 " is not a number'],
  [Uint8Array.of(0x78, 0x2c, 0xc3), 3, 'not valid UTF-8'],
]

for (const set of kernelSets()) {
  const decode = (text: string, options: DecodeOptions) => {
    const decoded = decodeText(set, text, options)
    expect(decoded.leakedBytes).toBe(0)
    return decoded
  }

  describe(`CSV to columns, ${set.kind}`, () => {
    it('decodes lines into columns', () => {
      const { rows, badCount } = decode('s-1,1700000000000,12.5\ns-2,2026-01-31T12:00:00Z,-3\r\n', csv(READINGS))
      expect(rows).toEqual([['s-1', 1700000000000, 12.5], ['s-2', Date.UTC(2026, 0, 31, 12), -3]])
      expect(badCount).toBe(0)
    })

    it('finds columns by the header, skips unknown ones, and reads a missing one as null', () => {
      const { rows } = decode('1,x,s-1\n,,\n', csv(READINGS, ['value', 'note', 'sensor']))
      expect(rows).toEqual([['s-1', null, 1], [null, null, null]])
    })

    it('reads quoted fields with delimiters, doubled quotes and line breaks', () => {
      const { rows, badCount } = decode('"a,b",1\n"say ""hi""",2\r\n"two\r\nlines\n",3\n"",4\n,5\n"""",6\n"é""€",7\n', csv(PAIR))
      expect(rows).toEqual([['a,b', 1], ['say "hi"', 2], ['two\r\nlines\n', 3], ['', 4], [null, 5], ['"', 6], ['é"€', 7]])
      expect(badCount).toBe(0)
    })

    it('keeps blanks in text and trims them around numbers, bools and times', () => {
      const schema = { t: 'utf8', n: 'i32', b: 'bool', at: 'timestamp' } as const
      const { rows, bad } = decode(' x , 7 ,\ttrue ," 1970-01-02 "\n"",+7,0, 5 \nx,"","  ",\n', csv(schema))
      expect(bad).toEqual([])
      expect(rows).toEqual([[' x ', 7, true, 86400000], ['', 7, false, 5], ['x', null, null, null]])
    })

    it('reads every type', () => {
      const schema = { b: 'bool', i: 'i32', l: 'i64', f: 'f32', d: 'f64' } as const
      const { rows, bad } = decode('1,-5,9007199254740993,0.1,NaN\nfalse,1e3,-1,Infinity,-Infinity\n', csv(schema))
      expect(bad).toEqual([])
      expect(rows).toEqual([[true, -5, 9007199254740993n, Math.fround(0.1), NaN], [false, 1000, -1n, Infinity, -Infinity]])
      const wrong = [['b', 'yes', 'is not a bool'], ['i', '1.5', 'is not a whole number'], ['i', 'NaN', 'is not a number'],
        ['l', '9223372036854775808', 'is out of the range of i64'], ['d', '1,5', ''], ['f', 'x', 'is not a number']] as const
      for (const [name, text, reason] of wrong) {
        const record = Object.keys(schema).map(column => (column === name ? text : '')).join(',')
        expect(decode(record, csv(schema)).bad[0]!.reason)
          .toBe(reason ? `column '${name}': "${text}" ${reason}` : '6 fields, not 5')
      }
      const times = csv({ at: 'timestamp' })
      expect(decode('NaN', times).bad[0]!.reason).toBe('column \'at\': "NaN" is not a time (epoch milliseconds or ISO 8601)')
      expect(decode('9e15', times).bad[0]!.reason).toBe('column \'at\': "9e15" is out of the range of timestamp')
      expect(decode('8640000000000000\n-8640000000000000\n8640000000000001\n', times))
        .toMatchObject({ rows: [[8.64e15], [-8.64e15]], badCount: 1 })
    })

    it('takes any ASCII delimiter', () => {
      const options: DecodeOptions = { ...csv(PAIR), csv: { delimiter: ';', columns: null } }
      expect(decode('a,b;1\n"x;y";2\n', options).rows).toEqual([['a,b', 1], ['x;y', 2]])
      expect(decode('a\t1\n', { ...options, csv: { delimiter: '\t', columns: null } }).rows).toEqual([['a', 1]])
    })

    it('ignores blank lines and takes a last line without its line feed', () => {
      expect(decode('\n\r\nx,1\n\ny,2', csv(PAIR)).rows).toEqual([['x', 1], ['y', 2]])
      expect(decode('', csv(PAIR)).rows).toEqual([])
      expect(decode('""\n\n', csv({ a: 'utf8' })).rows).toEqual([['']])
    })

    it('says what is wrong with a record, and where', () => {
      for (const [record, position, reason] of BAD) {
        const { bad, rows } = decodeText(set, record, csv(PAIR))
        expect(rows, reason).toEqual([])
        expect(bad.map(one => [one.reason, one.position]), String(record)).toEqual([[reason, position]])
      }
    })

    it('goes on behind a bad record', () => {
      const { rows, bad } = decode('x,1\n"a\nb"z,2\ny,z\nw"1",2\nv,3\n"never\nclosed,9\n', csv(PAIR, null, { firstOrdinal: 100 }))
      expect(rows).toEqual([['x', 1], ['v', 3]])
      expect(bad.map(({ offset, position }) => [offset, position])).toEqual([[104, 5], [113, 2], [117, 1], [128, 0]])
    })

    it('lets no open quote reach into the next slice', () => {
      const { rows, bad } = decodeText(set, ['x,"never\n', '"x",1\n'], csv(PAIR))
      expect(rows).toEqual([['x', 1]])
      expect(bad).toMatchObject([{ offset: 0, position: 2, reason: 'a quote is not closed' }])
    })

    it('refuses a record that is too long', () => {
      const { rows, bad } = decode('abc,1\nabcd,1\n"a\nb",1\n', csv(PAIR, null, { recordBytesMax: 5 }))
      expect(rows).toEqual([['abc', 1]])
      expect(bad).toMatchObject([{ offset: 6, position: 5, reason: 'record longer than 5 bytes' }, { offset: 13, position: 5 }])
    })

    it('decodes only the columns that are read', () => {
      expect(decode('x,nonsense\n', csv(PAIR, null, { columnsRead: ['a'] })).rows).toEqual([['x', undefined]])
    })

    it('ends records where the block builder ends them', () => {
      const text = 'x,1\n"a\nb"z"\n,2\nw"1\n",5\n"q""\n""",3\n"\n"'.repeat(3)
      const bytes = bytesOf(text)
      const scanner = recordScanner('csv')
      const ends: number[] = []
      for (let at = 0; at < bytes.length;) {
        const end = scanner.next(bytes, at, bytes.length)
        if (end < 0) break
        ends.push(at = end)
      }
      // One field too few each, so that every record is reported.
      const { bad } = decode(text, csv({ a: 'utf8', b: 'utf8', c: 'utf8', d: 'utf8' }))
      expect(bad.map(({ offset }) => offset)).toEqual([0, ...ends].slice(0, bad.length))
      expect(bad.length).toBeGreaterThan(ends.length - 1)
    })
  })
}
