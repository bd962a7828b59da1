/**
 * Decoding by templates: lines alike, the odd ones among them, and shapes that change. With and without templates the rows and
 * the bad records are the same, on every kernel set.
 */
import { describe, expect, it } from 'vitest'
import { decodeText, type Decoded, type DecodeOptions } from '../support/decode.js'
import { kernelSets, wasmKernelSet } from '../support/kernels.js'
import { Random } from '../support/mutate.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'

const READINGS = { sensor: 'utf8', at: 'timestamp', value: 'f64', ok: 'bool', n: 'i32' } as const
const OPTIONS: DecodeOptions = { format: 'ndjson', schema: READINGS, recordBytesMax: 300 }

const line = (i: number): string => `{"sensor":"s-${i % 7}","at":${1.7e12 + i},"value":${i / 8},"ok":${i % 2 === 0},"n":${5 - i}}`
const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => line(i))

/** Decodes on every kernel set, with and without templates; all have to say the same. */
function decodeBothWays(input: string | Uint8Array, options = OPTIONS): Decoded {
  const decoded = kernelSets().flatMap((set: KernelSet) =>
    [true, false].map(templateJson => decodeText(set, input, { ...options, templateJson })))
  for (const other of decoded) expect(other).toEqual(decoded[0])
  expect(decoded[0]!.leakedBytes).toBe(0)
  return decoded[0]!
}

/** `count` lines, the one in the middle another. */
const withOdd = (odd: string): string => [...lines(20), odd, ...lines(20)].join('\n')

describe('templates', () => {
  it('take lines that are alike', () => {
    const { rows, badCount } = decodeBothWays(lines(100).join('\n'))
    expect(badCount).toBe(0)
    expect(rows).toEqual(Array.from({ length: 100 }, (_, i) => [`s-${i % 7}`, 1.7e12 + i, i / 8, i % 2 === 0, 5 - i]))
  })

  it.each([
    '{"sensor":"s","at":1,"value":null,"ok":null,"n":null}',
    '{"sensor":null,"at":null,"value":1e3,"ok":true,"n":1.0}',
    '{"sensor":"","at":"2026-01-31T12:00:00Z","value":-0,"ok":true,"n":2147483647}',
    '{"sensor":"exactly 16 bytes","at":1,"value":0.1234567890123456,"ok":true,"n":-2147483648}',
    '{"sensor":"exactly 15 byte","at":1,"value":12345678901234567,"ok":true,"n":1e2}',
    '{"sensor":"seventeen bytes !","at":1,"value":123456789012345,"ok":true,"n":0}',
    '{"sensor":"é","at":1,"value":9007199254740993,"ok":true,"n":0}',
    '{"sensor":"fünfzehn Bytes","at":1,"value":99999999999999.9,"ok":true,"n":0}',
    '{"sensor":"a \\"quote\\" and \\u00e9","at":1,"value":0.000000000000001,"ok":true,"n":0}',
    '{"sensor":"s","at":1,"value":1,"ok":true,"n":1,"more":[1,{"a":"\\n"}]}',
    '{"sensor":"s","at":1}', '{}', '{"sensor":"s","at":1,"value":1,"ok":true,"n":1} \r', ' {"sensor":"s"}', '',
    '{"sensor":"s","at":1,"value":1,"ok":true,"n":1,"n":2}', '{"n":1,"ok":true,"value":1,"at":1,"sensor":"s"}',
    '{"\\u0073ensor":"s","at":1,"value":1,"ok":true,"n":1}',
    // As long as the values before it, but more than one value, or an escaped quote where one ends.
    '{"sensor":"s-1","at":1,"extra":123,"value":1,"ok":true,"n":1}', '{"sensor":"\\",","at":1,"value":1,"ok":true,"n":1}',
    '{"sensor":"a\\"","at":1,"value":1,"ok":true,"n":1}', '{"sensor": "s-1" , "at" :\t1 , "value": null ,"ok": true,"n": -1}',
  ])('leave nothing behind of an odd line that is right: %s', odd => {
    const { rows, badCount } = decodeBothWays(withOdd(odd))
    expect(badCount).toBe(0)
    expect(rows.length).toBe(odd === '' ? 40 : 41)
  })

  it.each([
    ['{"sensor":"s","at":1,"value":01,"ok":true,"n":1}', 'a number cannot go on with \'1\''],
    ['{"sensor":"s","at":1,"value":1.,"ok":true,"n":1}', 'a number cannot go on with \',\''],
    ['{"sensor":"s","at":1,"value":-,"ok":true,"n":1}', 'a number cannot go on with \',\''],
    ['{"sensor":"s","at":1,"value":-01,"ok":true,"n":1}', 'a number cannot go on with \'1\''],
    ['{"sensor":"s","at":1,"value":1.5.2,"ok":true,"n":1}', '\',\' or \'}\' is expected, not \'.\''],
    ['{"sensor":"s","at":1,"value":1e,"ok":true,"n":1}', 'a number cannot go on with \',\''],
    ['{"sensor":"s","at":1,"value":nul,"ok":true,"n":1}', 'a value is expected, not \',\''],
    ['{"sensor":"s","at":1,"value":1,"ok":tru,"n":1}', 'a value is expected, not \',\''],
    ['{"sensor":"s","at":1,"value":1,"ok":1,"n":1}', 'column \'ok\': 1 is not a bool'],
    ['{"sensor":1,"at":1,"value":1,"ok":true,"n":1}', 'column \'sensor\': 1 is not text'],
    ['{"sensor":"s","at":1,"value":"1","ok":true,"n":1}', 'column \'value\': "1" is not a number'],
    ['{"sensor":"s","at":8640000000000001,"value":1,"ok":true,"n":1}', 'is out of the range of timestamp'],
    ['{"sensor":"s","at":"2026-13-01","value":1,"ok":true,"n":1}', 'is not a time'],
    ['{"sensor":"s","at":1,"value":null,"ok":null,"n":2147483648}', 'column \'n\': 2147483648 is out of the range of i32'],
    ['{"sensor":"s","at":1,"value":null,"ok":true,"n":1.5}', 'column \'n\': 1.5 is not a whole number'],
    ['{"sensor":"a\tb","at":1,"value":1,"ok":true,"n":1}', 'the control character U+0009 is not allowed in a string'],
    ['{"sensor":"a" ","at":1,"value":1,"ok":true,"n":1}', '\',\' or \'}\' is expected'],
    ['{"sensor":"s-1","at":1 2,"value":1,"ok":true,"n":1}', '\',\' or \'}\' is expected'],
    ['{"sensor":"s-1","at":1,"value":1,"ok":true,"n":1}}', '\'}\' behind the end'],
    ['{"sensor":"s","at":null,"value":null,"ok":true,"n":1} x', '\'x\' behind the end'],
    ['{"sensor":"s","at":1,"value":1,"ok":true,"n":1', '\',\' or \'}\' is expected, not the end of the record'],
    ['{"sensor":"s', 'a string is not closed'],
    [`{"sensor":"${'x'.repeat(300)}","at":1,"value":1,"ok":true,"n":1}`, 'record longer than 300 bytes'],
  ])('leave nothing behind of a bad line: %s', (odd, reason) => {
    const { rows, bad } = decodeBothWays(withOdd(odd))
    expect(rows).toEqual([...lines(20), ...lines(20)].map((_, i) => {
      const k = i % 20
      return [`s-${k % 7}`, 1.7e12 + k, k / 8, k % 2 === 0, 5 - k]
    }))
    expect(bad.length).toBe(1)
    expect(bad[0]!.reason).toContain(reason)
  })

  it('take shapes in turns, more of them than there are templates, and lists of objects', () => {
    const names = Object.keys(READINGS)
    const shaped = (i: number, shapes: number): string => {
      const values = JSON.parse(line(i)) as Record<string, unknown>
      const turned = [...names.slice(i % shapes), ...names.slice(0, i % shapes)].filter((_, k) => shapes < 5 || (i + k) % 11 > 0)
      return JSON.stringify(Object.fromEntries(turned.map(name => [name, values[name]])))
    }
    for (const shapes of [1, 2, 3, 5]) {
      const all = Array.from({ length: 3000 }, (_, i) => shaped(i, shapes))
      const { rows, badCount } = decodeBothWays(all.join('\n'))
      expect(badCount).toBe(0)
      expect(rows).toEqual(all.map(text => {
        const values = JSON.parse(text) as Record<string, Decoded['rows'][number][number]>
        return names.map(name => values[name] ?? null)
      }))
      expect(decodeBothWays(`[${all.join(', ')}]`, { ...OPTIONS, format: 'json', recordBytesMax: 1e6 }).rows).toEqual(rows)
    }
  })

  it('leave a column null that is not there, whatever stood there before', () => {
    const all = Array.from({ length: 600 }, (_, i) => (i % 3 ? `{"at":${i},"sensor":""}` : `{"at":${i}}`))
    expect(decodeBothWays(all.join('\n')).rows.map(([sensor]) => sensor)).toEqual(all.map((_, i) => (i % 3 ? '' : null)))
  })

  it('are not learnt of objects that turn out to be bad', () => {
    const bad = ['{"n":1x,"ok":true}', '{"n":01,"ok":true}', '{"n":1,"ok":true} x', '{"n":"1"x,"ok":true}', '{"n":,"ok":true}']
    for (const odd of bad) {
      const { rows, badCount } = decodeBothWays([odd, '{"n":1,"ok":true}', odd, '{"n":2,"ok":true}', odd].join('\n'))
      expect([rows.map(row => row[4]), badCount]).toEqual([[1, 2], 3])
    }
  })

  it('are not needed: keys in any order, blanks, nulls, keys twice', () => {
    const random = new Random(5)
    const all = Array.from({ length: 2000 }, (_, i) => {
      const values = JSON.parse(line(i)) as Record<string, unknown>
      const names = Object.keys(values).filter(() => random.below(5) > 0)
      for (let k = names.length - 1; k > 0; k--) {
        const other = random.below(k + 1)
        const name = names[k]!
        names[k] = names[other]!
        names[other] = name
      }
      if (random.below(20) === 0) names.push(...names.slice(0, 1))
      const blank = (): string => random.pick(['', '', '', ' ', '\t'])
      const value = (name: string): string => (random.below(9) ? JSON.stringify(values[name]) : 'null')
      return `{${names.map(name => `${blank()}"${name}"${blank()}:${blank()}${value(name)}${blank()}`).join(',')}}${blank()}`
    })
    const { rows, badCount } = decodeBothWays(all.join('\n'))
    expect(badCount).toBe(0)
    expect(rows).toEqual(all.map(text => {
      const values = JSON.parse(text) as Record<string, Decoded['rows'][number][number]>
      return Object.keys(READINGS).map(name => values[name] ?? null)
    }))
  })

  it('read numbers of any length in columns of every type', () => {
    const random = new Random(11)
    const digits = (count: number): string => Array.from({ length: count }, () => random.below(10)).join('')
    const whole = (max: number): string => random.pick(['', '-']) + digits(1 + random.below(max)).replace(/^0+(?=.)/, '')
    const decimal = (): string => whole(17) + (random.below(4) ? `.${digits(1 + random.below(16))}` : '')
    const all = Array.from({ length: 3000 }, () => [decimal(), decimal(), whole(18), whole(9), whole(15)] as const)
    const text = all.map(([a, b, c, d, e]) => `{"a":${a},"b":${b},"c":${c},"d":${d},"e":${e}}`).join('\n')
    const { rows, badCount } = decodeBothWays(text,
      { ...OPTIONS, schema: { a: 'f64', b: 'f32', c: 'i64', d: 'i32', e: 'timestamp' } })
    expect(badCount).toBe(0)
    expect(rows).toEqual(all.map(([a, b, c, d, e]) =>
      [Number(a), Math.fround(Number(b)), BigInt(c), Number(d) | 0, Number(e)]))
  })

  it('read numbers as long as the one before, whatever stands where its point and its digits were', () => {
    const texts = ['12345', '1.345', '12.45', '123.5', '-1234', '-1.34', '0.345', '-0.00', '1e045', '1e-45', '12E+1', 'null ']
    const wrong = ['01234', '00.45', '1234.', '.1234', '1/345', '1:345', '12..5', '1-345', '-.123', '-1234-', '12 45']
    for (const before of texts) {
      const all = [...texts, ...wrong].map(text => `{"value":${before}}\n{"value":${text}}`)
      const { rows, badCount } = decodeBothWays(all.join('\n'), { ...OPTIONS, schema: { value: 'f64' } })
      expect(badCount).toBe(wrong.length)
      const right = [...texts.flatMap(text => [before, text]), ...wrong.map(() => before)]
      expect(rows).toEqual(right.map(text => [JSON.parse(text)]))
    }
  })

  it('take shapes in any order, with and without the last column, and lines that are too long', () => {
    const random = new Random(12)
    const shapes = [
      (i: number) => `{"sensor":"s-${i % 9}","at":${i},"value":${i / 4},"ok":true,"n":${i}}`,
      (i: number) => `{"at":${i},"sensor":"s-${i % 9}"}`,
      (i: number) => `{"more":{"a":[${i}]},"n":${i},"value":${i / 8} }`,
      (i: number) => `{"n":${i},"text":"${'x'.repeat(random.below(90))}","more":"${'y'.repeat(random.below(300))}"}`,
    ]
    const all = Array.from({ length: 3000 }, (_, i) => random.pick(shapes)(i))
    const { rows, badCount } = decodeBothWays(all.join('\n'))
    const right = all.filter(text => text.length <= 300)
    expect(badCount).toBe(all.length - right.length)
    expect(badCount).toBeGreaterThan(20)
    expect(rows).toEqual(right.map(text => {
      const values = JSON.parse(text) as Record<string, Decoded['rows'][number][number]>
      return Object.keys(READINGS).map(name => values[name] ?? null)
    }))
  })

  it('take only text that is UTF-8, in columns and beside them', () => {
    const bytes = new TextEncoder().encode(withOdd('{"sensor":"s€","at":1,"value":1,"ok":true,"n":1}'))
    const at = bytes.indexOf(0x82)
    for (const byte of [0x82, 0x41, 0xff, 0xc3, 0x2c]) {
      const damaged = bytes.slice()
      damaged[at] = byte
      for (const columnsRead of [undefined, ['at', 'n']]) {
        const { bad } = decodeBothWays(damaged, { ...OPTIONS, ...(columnsRead ? { columnsRead } : {}) })
        expect(bad.map(({ reason }) => reason)).toEqual(byte === 0x82 ? [] : ['not valid UTF-8'])
      }
    }
  })

  it('check what no column reads', () => {
    const cases = [['01', 'cannot go on'], ['"\\x"', 'an escape cannot'], ['[1,]', 'a value is expected'], ['trux', 'a value']]
    for (const [value, reason] of cases) {
      const odd = `{"sensor":"s","at":1,"value":1,"ok":true,"n":${value}}`
      const { bad, rows } = decodeBothWays(withOdd(odd), { ...OPTIONS, columnsRead: ['sensor'] })
      expect(bad[0]!.reason).toContain(reason)
      expect(rows.length).toBe(40)
    }
  })

  it('hold objects of any size, and give up on those that are larger than a template', () => {
    const wide = (members: number, i: number): string =>
      `{${Array.from({ length: members }, (_, k) => `"a member with a long name ${k}":${k}`).join(',')},"n":${i}}`
    for (const members of [1, 60, 130, 500]) {
      const text = Array.from({ length: 9 }, (_, i) => wide(members, i)).join('\n')
      const { rows } = decodeBothWays(text, { ...OPTIONS, schema: { n: 'i32' }, recordBytesMax: 1e6 })
      expect(rows.map(([n]) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    }
  })

  it('never write into the text that they read', () => {
    const text = new TextEncoder().encode(withOdd('{"sensor":"a\\nb","at":1,"value":1,"ok":true,"n":1}'))
    const set = wasmKernelSet('simd')
    const before = text.slice()
    decodeText(set, text, OPTIONS)
    expect(text).toEqual(before)
  })
})
