/**
 * The format of golden scripts: reading and writing are each other's inverse, mistakes are refused.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatRow, formatScript, parseInput, parseScript } from './script.js'

const folder = new URL('./', import.meta.url)
const names = readdirSync(folder).filter(name => name.endsWith('.txt'))

describe('a golden script', () => {
  it.each(names)('%s is read and written without a change', name => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    const script = parseScript(text)
    const bare = text.split('\n').filter(line => !line.startsWith('>')).join('\n')
    expect(formatScript(script, [])).toBe(bare)
  })

  it('takes answers after each step', () => {
    const text = 'Title.\n\n## pipeline\nconst a = 1\n\n## push\na {x: 1}\n> old\n'
    const script = parseScript(text)
    expect(script.pipeline).toBe('const a = 1')
    expect(formatScript(script, [[], ['new', '']])).toBe('Title.\n\n## pipeline\nconst a = 1\n\n## push\na {x: 1}\n> new\n>\n')
  })

  it('has rows as object literals and lines of text', () => {
    expect(parseInput('a {x: NaN, y: -0}')).toEqual({ source: 'a', row: { x: NaN, y: -0 } })
    expect(parseInput('a | {"x": 1}')).toEqual({ source: 'a', text: '{"x": 1}' })
    expect(parseInput('a |')).toEqual({ source: 'a', text: '' })
  })

  it('writes rows by all their digits', () => {
    expect(formatRow({ w: { start: 0, end: 10 }, x: -0, y: 0.1 + 0.2, s: 'a', b: 2n, n: null }))
      .toBe('w=[0, 10) x=-0 y=0.30000000000000004 s="a" b=2n n=null')
  })

  it('refuses sections and lines that it does not know', () => {
    expect(() => parseScript('x\n\n## pull\n')).toThrow('not a section')
    expect(() => parseInput('what')).toThrow('neither')
  })
})
