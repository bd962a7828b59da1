/** JSON to columns on every kernel set: values, keys, nulls, and what makes a record bad, with reason and position. */
import { describe, expect, it } from 'vitest'
import { bytesOf, decodeText, type DecodeOptions, type Value } from '../support/decode.js'
import { kernelSets } from '../support/kernels.js'
import { NOT_NUMBERS, NUMBER_CASES, printForms, randomDoubles } from '../support/number-cases.js'

const READINGS = { sensor: 'utf8', at: 'timestamp', value: 'f64' } as const
const ndjson = (schema: DecodeOptions['schema'], more: Partial<DecodeOptions> = {}): DecodeOptions =>
  ({ format: 'ndjson', schema, ...more })

/** A line that is bad for a schema: its position and its reason. */
type BadCase = readonly [line: string | Uint8Array, position: number, reason: string]

const NUMBERS = { value: 'f64' } as const
const BAD_GRAMMAR: readonly BadCase[] = [
  ['1', 0, 'an object is expected, not \'1\''],
  ['[{"value":1}]', 0, 'an object is expected, not \'[\''],
  ['null', 0, 'an object is expected, not \'n\''],
  ['{', 1, 'a key in double quotes is expected, not the end of the record'],
  ['{value:1}', 1, 'a key in double quotes is expected, not \'v\''],
  ['{\'value\':1}', 1, 'a key in double quotes is expected, not "\'"'],
  ['{"value" 1}', 9, '\':\' is expected behind a key, not \'1\''],
  ['{"value":1', 10, '\',\' or \'}\' is expected, not the end of the record'],
  ['{"value":1]', 10, '\',\' or \'}\' is expected, not \']\''],
  ['{"value":1,}', 11, 'a key in double quotes is expected, not \'}\''],
  ['{,"value":1}', 1, 'a key in double quotes is expected, not \',\''],
  ['{"value":1}}', 11, '\'}\' behind the end'],
  ['{"value":1} {"value":2}', 12, '\'{\' behind the end'],
  ['{"value":}', 9, 'a value is expected, not \'}\''],
  ['{"value":NaN}', 9, 'a value is expected, not \'N\''],
  ['{"value":nul}', 12, 'a value is expected, not \'}\''],
  ['{"other":tru}', 12, 'a value is expected, not \'}\''],
  ['{"other":fals}', 13, 'a value is expected, not \'}\''],
  ['{"value":01}', 10, 'a number cannot go on with \'1\''],
  ['{"value":-}', 10, 'a number cannot go on with \'}\''],
  ['{"value":1.}', 11, 'a number cannot go on with \'}\''],
  ['{"value":1e}', 11, 'a number cannot go on with \'}\''],
  ['{"value":+1}', 9, 'a value is expected, not \'+\''],
  ['{"value":.5}', 9, 'a value is expected, not \'.\''],
  ['{"value":1.5x}', 12, '\',\' or \'}\' is expected, not \'x\''],
  ['{"other":00}', 10, 'a number cannot go on with \'0\''],
  ['{"other":[1,]}', 12, 'a value is expected, not \']\''],
  ['{"other":[1 2]}', 12, '\',\' or \']\' is expected, not \'2\''],
  ['{"other":{"a":1,}}', 16, 'a key in double quotes is expected, not \'}\''],
  ['{"other":"a\tb"}', 11, 'the control character U+0009 is not allowed in a string; write an escape'],
  ['{"other":"a\\x"}', 12, 'an escape cannot go on with \'x\''],
  ['{"other":"\\u12g4"}', 14, 'an escape cannot go on with \'g\''],
  ['{"other":"abc}', 14, 'a string is not closed'],
  ['{"other":"\\ud800"}', 10, 'half of a surrogate pair without the other'],
  ['{"other":"\\udc00"}', 10, 'half of a surrogate pair without the other'],
  ['{"other":"\\ud800\\u0041"}', 10, 'half of a surrogate pair without the other'],
  ['{"\\ud800":1}', 2, 'half of a surrogate pair without the other'],
  [Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), 2, 'not valid UTF-8'],
  [`{"other":${'['.repeat(65)}${']'.repeat(65)}}`, 73, 'nested deeper than 64 levels'],
  ['\u00a0{"value":1}', 0, 'an object is expected, not \'\u00a0\''],
  ['{"value":1}\u0000', 11, 'the control character U+0000 behind the end'],
]

const BAD_VALUES: readonly (readonly [type: DecodeOptions['schema'][string], value: string, text: string])[] = [
  ['f64', '"abc"', '"abc" is not a number'], ['f64', 'true', 'true is not a number'],
  ['f64', '{"a":[1]}', 'an object is not a number'],
  ['f64', '[1]', 'a list is not a number'], ['f64', '"1"', '"1" is not a number'], ['f32', 'false', 'false is not a number'],
  ['i32', '1.5', '1.5 is not a whole number'], ['i32', '2147483648', '2147483648 is out of the range of i32'],
  ['i32', '-2147483649', '-2147483649 is out of the range of i32'], ['i32', '1e10', '1e10 is out of the range of i32'],
  ['i32', '"7"', '"7" is not a number'], ['i64', '9223372036854775808', '9223372036854775808 is out of the range of i64'],
  ['i64', '1e-1', '1e-1 is not a whole number'],
  ['i64', '99999999999999999999999', '99999999999999999999999 is out of the range of i64'],
  ['utf8', '12', '12 is not text'], ['utf8', 'true', 'true is not text'], ['utf8', '{}', 'an object is not text'],
  ['bool', '1', '1 is not a bool'], ['bool', '"true"', '"true" is not a bool'], ['bool', '[]', 'a list is not a bool'],
  ['timestamp', '"yesterday"', '"yesterday" is not a time (epoch milliseconds or ISO 8601)'],
  ['timestamp', '"2026-02-30"', '"2026-02-30" is not a time (epoch milliseconds or ISO 8601)'],
  ['timestamp', 'true', 'true is not a time (epoch milliseconds or ISO 8601)'],
  ['timestamp', '1e20', '1e20 is out of the range of timestamp'],
  ['f64', `"${'x'.repeat(100)}"`, `"${'x'.repeat(39)}… is not a number`],
]

/** One to four bytes with every lead that is not ASCII, and around the limits of those that follow. */
function utf8Sequences(): number[][] {
  const sequences: number[][] = []
  for (let lead = 0x80; lead < 0x100; lead++) {
    sequences.push([lead])
    for (const second of [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]) {
      sequences.push([lead, second])
      for (const third of [0x7f, 0x80, 0xbf, 0xc0]) {
        sequences.push([lead, second, third])
        for (const fourth of [0x7f, 0x80, 0xbf, 0xc0]) sequences.push([lead, second, third, fourth])
      }
    }
  }
  return sequences
}

function isUtf8(bytes: readonly number[]): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes))
    return true
  } catch {
    return false
  }
}

for (const set of kernelSets()) {
  const decode = (text: string, options: DecodeOptions) => {
    const decoded = decodeText(set, text, options)
    expect(decoded.leakedBytes).toBe(0)
    return decoded
  }
  const valuesOf = (lines: readonly string[], type: DecodeOptions['schema'][string]): (Value | undefined)[] => {
    const { rows, bad } = decode(lines.map(line => `{"v":${line}}\n`).join(''), ndjson({ v: type }))
    expect(bad).toEqual([])
    return rows.map(([value]) => value)
  }

  describe(`JSON to columns, ${set.kind}`, () => {
    it('decodes lines into columns', () => {
      const { rows, badCount } = decode(
        '{"sensor":"s-1","at":1700000000000,"value":12.5}\n{"sensor":"s-2","at":"2026-01-31T12:00:00Z","value":-3}\n',
        ndjson(READINGS))
      expect(rows).toEqual([['s-1', 1700000000000, 12.5], ['s-2', Date.UTC(2026, 0, 31, 12), -3]])
      expect(badCount).toBe(0)
    })

    it('takes keys in any order, skips unknown ones, and reads a missing key and null as null', () => {
      const { rows } = decode([
        '{"value":1,"sensor":"a","at":5}', '{"x":{"y":[1,{"z":null}],"sensor":"no"},"at":6,"list":[],"value":2,"o":{}}', '{}',
        '{"sensor":null,"at":null,"value":null}', ' \t{ "value" : 3 , "at" :7,"sensor":"b" } \r',
      ].join('\n'), ndjson(READINGS))
      expect(rows).toEqual([['a', 5, 1], [null, 6, 2], [null, null, null], [null, null, null], ['b', 7, 3]])
    })

    it('lets the last of equal keys win', () => {
      const { rows, badCount } = decode([
        '{"value":1,"value":2}', '{"value":1,"value":null}', '{"value":null,"value":3}', '{"value":"no","value":4}',
        '{"value":5,"valu\\u0065":6}',
      ].join('\n'), ndjson(NUMBERS))
      expect(rows).toEqual([[2], [null], [3], [4], [6]])
      expect(badCount).toBe(0)
    })

    it('matches keys of every length, and none by a part', () => {
      const names = Array.from({ length: 40 }, (_, i) => 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP'.slice(0, i))
      const schema = Object.fromEntries(names.map(name => [`k${name}`, 'i32'] as const))
      const shuffled = names.map((_, i) => names[(i * 7) % names.length]!)
      const line = `{${shuffled.map(name => `"k${name}":${name.length},"k${name}~":1,"K${name}":2`).join()}}\n`
      expect(decode(line, ndjson(schema)).rows).toEqual([names.map(name => name.length)])
      const odd = { 'schlüssel €': 'f64', '': 'f64', '"': 'f64' } as const
      expect(decode('{"schlüssel €":1,"":2,"\\"":3}\n', ndjson(odd)).rows).toEqual([[1, 2, 3]])
    })

    it('resolves escapes and keeps text that is not ASCII', () => {
      const texts = [
        '', 'a', '"', '\\', '/', '\b\f\n\r\t', 'é€😀', '\u0000', '😀', 'x'.repeat(100),
        `${'y'.repeat(15)}"`, `é${'z'.repeat(31)}\n\u{10ffff}`,
      ]
      const escaped = (text: string): string =>
        `"${text.split('').map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
      expect(valuesOf(texts.map(text => JSON.stringify(text)), 'utf8')).toEqual(texts)
      expect(valuesOf(texts.map(escaped), 'utf8')).toEqual(texts)
      expect(valuesOf(['"\\/\\u00E9\\uD83D\\uDE00"', '"a\\u0041b"'], 'utf8')).toEqual(['/é😀', 'aAb'])
    })

    it('reads numbers exactly and refuses what is none', () => {
      const numbers = valuesOf(NUMBER_CASES, 'f64')
      NUMBER_CASES.forEach((text, i) => expect(numbers[i], text).toBe(JSON.parse(text)))
      const lines = NOT_NUMBERS.filter(text => !/[\r\n]/.test(text)).map(text => `{"v":${text}}\n`)
      expect(decode(lines.join(''), ndjson({ v: 'f64' })).badCount).toBe(lines.length)
      expect(valuesOf(['0.1', '16777217', '1e39', '-0'], 'f32')).toEqual([Math.fround(0.1), 16777216, Infinity, -0])
    })

    it('takes exactly the text that is UTF-8', () => {
      const line = (bytes: readonly number[]): number[] => [...bytesOf('{"v":"'), ...bytes, ...bytesOf('"}\n')]
      const sequences = utf8Sequences()
      const good = sequences.filter(isUtf8)
      const { rows, badCount, bad } = decodeText(set, Uint8Array.from(sequences.flatMap(line)), ndjson({ v: 'utf8' }))
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      expect(rows.map(([text]) => text)).toEqual(good.map(bytes => decoder.decode(Uint8Array.from(bytes))))
      expect(badCount).toBe(sequences.length - good.length)
      expect(bad.every(({ reason }) => reason === 'not valid UTF-8')).toBe(true)
    })

    it('reads 100,000 random doubles as JSON.parse does', () => {
      const texts = [...randomDoubles(25_000, 99)].flatMap(printForms)
      const read = valuesOf(texts, 'f64')
      const wrong = texts.findIndex((text, i) => !Object.is(read[i], JSON.parse(text)))
      expect(wrong < 0 ? 'none' : `${texts[wrong]} as ${String(read[wrong])}`).toBe('none')
    })

    it('reads integers exactly', () => {
      expect(valuesOf(['9007199254740993', '-9223372036854775808', '1e3', '1.0', '-0'], 'i64'))
        .toEqual([9007199254740993n, -(2n ** 63n), 1000n, 1n, 0n])
      expect(valuesOf(['2147483647', '-2147483648', '1.5e1', '20e-1', '0.0', '-0'], 'i32'))
        .toEqual([2147483647, -2147483648, 15, 2, 0, 0])
    })

    it('reads bools and times', () => {
      expect(valuesOf(['true', 'false', 'null'], 'bool')).toEqual([true, false, null])
      expect(valuesOf(['0', '-1.5', '8640000000000000', '"1970-01-02"', '"\\u0031970-01-01 00:00"'], 'timestamp'))
        .toEqual([0, -1.5, 8.64e15, 86400000, 0])
    })

    it('ignores blank lines and takes a last line without its line feed', () => {
      const { rows, badCount } = decode('\n  \t\r\n{"value":1}\r\n\n{"value":2}', ndjson(NUMBERS))
      expect([rows, badCount]).toEqual([[[1], [2]], 0])
      expect(decode('', ndjson(NUMBERS)).rows).toEqual([])
    })

    it('says what is wrong with a line, and where', () => {
      for (const [line, position, reason] of BAD_GRAMMAR) {
        const { bad, rows } = decodeText(set, line, ndjson(NUMBERS))
        expect(rows, reason).toEqual([])
        expect(bad.map(record => [record.reason, record.position]), String(line)).toEqual([[reason, position]])
      }
    })

    it('says which value does not fit its column', () => {
      for (const [type, value, text] of BAD_VALUES) {
        const { bad } = decode(`{"other":1,"v":${value},"w":1}\n`, ndjson({ v: type, w: 'f64' }))
        expect(bad.map(record => [record.reason, record.position]), value).toEqual([[`column 'v': ${text}`, 15]])
      }
      const [first] = decode('{"w":"b","v":"a"}\n', ndjson({ v: 'f64', w: 'f64' })).bad
      expect(first).toMatchObject({ reason: 'column \'w\': "b" is not a number', position: 5 })
    })

    it('keeps the offset and first bytes of a bad record, and leaves the rows around it whole', () => {
      const long = `{"value":x${'y'.repeat(200)}`
      const lines = ['{"value":1}', '{"value":null,"x":}', '', '{"value":null}', long, '{"value":3}']
      const { rows, bad, badCount } = decode(lines.join('\n'), ndjson(NUMBERS, { firstOrdinal: 5000 }))
      expect(rows).toEqual([[1], [null], [3]])
      expect(badCount).toBe(2)
      expect(bad.map(({ offset, position }) => [offset, position])).toEqual([[5012, 18], [5048, 9]])
      expect(bad[0]!.bytes).toEqual(new TextEncoder().encode(lines[1]))
      expect(bad[1]!.bytes).toEqual(new TextEncoder().encode(long.slice(0, 120)))
    })

    it('counts bad records beyond those that it keeps', () => {
      const { bad, badCount, rows } = decode('x\n'.repeat(10) + '{}\n', ndjson(NUMBERS, { badRecordsMax: 3 }))
      expect([bad.length, badCount, rows.length]).toEqual([3, 10, 1])
      expect(decode('x\n', ndjson(NUMBERS, { badRecordsMax: 0 })).badCount).toBe(1)
    })

    it('refuses a record that is too long', () => {
      const line = '{"value":1}'
      expect(decode(line, ndjson(NUMBERS, { recordBytesMax: line.length })).rows).toEqual([[1]])
      const { bad, rows } = decode(`${line}\n${line} \n${line}`, ndjson(NUMBERS, { recordBytesMax: line.length }))
      expect(rows).toEqual([[1], [1]])
      expect(bad).toMatchObject([{ offset: 12, position: 11, reason: 'record longer than 11 bytes' }])
    })

    it('decodes only the columns that are read, and checks the rest as JSON', () => {
      const options = ndjson(READINGS, { columnsRead: ['value'] })
      const { rows, badCount } = decode('{"sensor":5,"at":"never","value":1}\n{"sensor":01,"value":2}\n{"sensor":"x"}\n', options)
      expect(rows).toEqual([[undefined, undefined, 1], [undefined, undefined, null]])
      expect(badCount).toBe(1)
      expect(decode('{"a":1}\n{}\n', ndjson(READINGS, { columnsRead: [] })).rows).toHaveLength(2)
    })

    it('decodes slices one after the other', () => {
      const slices = ['{"value":1}\n{"value":}\n', '{"value":2}', '', '{"value":"a"}\n{"value":3}\n']
      const { rows, bad } = decodeText(set, slices, ndjson(NUMBERS, { firstOrdinal: 7 }))
      expect(rows).toEqual([[1], [2], [3]])
      expect(bad.map(({ offset, reason }) => [offset, reason]))
        .toEqual([[19, 'a value is expected, not \'}\''], [41, 'column \'value\': "a" is not a number']])
    })

    it('decodes bytes that threads share, and keeps a copy of its own of bad ones', () => {
      const shared = new Uint8Array(new SharedArrayBuffer(24))
      shared.set(bytesOf('{"value":1}\n{"value":x}\n'))
      const { rows, bad } = decodeText(set, shared, ndjson(NUMBERS))
      expect([rows, bad[0]!.reason]).toEqual([[[1]], 'a value is expected, not \'x\''])
      expect(bad[0]!.bytes.buffer).toBeInstanceOf(ArrayBuffer)
    })

    it('decodes documents that are an object or a list of objects', () => {
      const options: DecodeOptions = { format: 'json', schema: NUMBERS }
      const { rows, bad } = decode([
        '{"value":1}', '[{"value":2},\r {"value":3} ]', '[]', '[{}]', '[{"value":4},{"value":"x"}]',
        '[{"value":null},{"value":5},]', '[1]', '5', '[[]]',
        '[{"value":6}', '{"value":7}',
      ].join('\n'), options)
      expect(rows).toEqual([[1], [2], [3], [null], [7]])
      expect(bad.map(({ position, reason }) => [position, reason])).toEqual([
        [22, 'column \'value\': "x" is not a number'], [28, 'an object is expected, not \']\''],
        [1, 'an object is expected, not \'1\''],
        [0, 'an object or a list of objects is expected, not \'5\''], [1, 'an object is expected, not \'[\''],
        [12, '\',\' or \']\' is expected, not the end of the record'],
      ])
    })

    it('takes nesting up to its limit', () => {
      const nest = (depth: number): string => `{"o":${'['.repeat(depth)}${']'.repeat(depth)},"value":1}`
      expect(decode(`${nest(64)}\n${nest(65)}\n${nest(100_000)}`, ndjson(NUMBERS))).toMatchObject({ rows: [[1]], badCount: 2 })
      const { bad } = decode(`{"value":${'{"a":'.repeat(64)}1${'}'.repeat(64)}}`, ndjson(NUMBERS))
      expect(bad[0]!.reason).toBe('column \'value\': an object is not a number')
    })
  })
}
