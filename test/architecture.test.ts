/** ARCHITECTURE.md tells the truth: every file that it names exists, and every function stands in the file named before it. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../', import.meta.url)
const text = readFileSync(new URL('ARCHITECTURE.md', root), 'utf8')

interface Reference {
  readonly file: string
  readonly name: string | null
}

/** Files and functions in the order of the text: `src/a.ts`, then `name()`, which belongs to that file. */
function references(): Reference[] {
  const found: Reference[] = []
  for (const [, code] of text.matchAll(/`([^`\n]+)`/g)) {
    const file = found.at(-1)?.file
    const name = /^(\w+)\(\)$/.exec(code!)?.[1]
    if (/^(src|assembly|test|demo|bench|scripts|examples)\//.test(code!)) found.push({ file: code!, name: null })
    else if (name && file) found.push({ file, name })
  }
  return found
}

describe('ARCHITECTURE.md', () => {
  it('names files that exist', () => {
    const files = [...new Set(references().map(reference => reference.file))]
    expect(files.length).toBeGreaterThan(40)
    expect(files.filter(file => !existsSync(new URL(file, root)))).toEqual([])
  })

  it('names functions that stand in the file before them', () => {
    const named = references().filter(reference => reference.name !== null)
    expect(named.length).toBeGreaterThan(20)
    const isMissing = ({ file, name }: (typeof named)[number]): boolean =>
      !new RegExp(`\\b${name}\\b\\s*(<[^(]*>)?\\(`).test(readFileSync(new URL(file, root), 'utf8'))
    expect(named.filter(isMissing)).toEqual([])
  })
})
