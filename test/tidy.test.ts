/**
 * The rules of CONTRIBUTING.md over every code file of the project, and the public names against the blessed list.
 * Each rule is also shown a file that breaks it: a rule that cannot fail guards nothing.
 */
import { describe, expect, it } from 'vitest'
import { expectGolden } from './support/golden-file.js'
import { publicNames } from './support/public-names.js'
import { parse, readSourceTree, type SourceFile } from './support/source-tree.js'
import * as rules from './support/tidy-rules.js'

const files = readSourceTree()
const head = '/** A file that is here to break a rule. */\n'
const bad = (path: string, text: string): SourceFile => parse(path, head + text)
const whats = (rule: rules.Rule, ...broken: SourceFile[]): string[] => rule(broken).map(breach => breach.what)
const listed = (rule: rules.Rule): string[] => rule(files).map(({ path, line, what }) => `${path}:${line} ${what}`)

describe('the source tree', () => {
  it('is read whole', () => {
    expect(files.filter(file => file.path.startsWith('src/')).length).toBeGreaterThan(20)
    expect(files.some(file => file.path === 'test/tidy.test.ts')).toBe(true)
  })

  it('imports along the data path only', () => expect(listed(rules.importDirection)).toEqual([]))
  it('has no import cycles', () => expect(listed(rules.noCycles)).toEqual([]))
  it('has a header in every file', () => expect(listed(rules.header)).toEqual([]))
  it('has short files, functions and lines', () => expect(listed(rules.size)).toEqual([]))
  it('reaches clock, chance, network and threads through ports', () => expect(listed(rules.bannedCalls)).toEqual([]))
  it('keeps the module style', () => expect(listed(rules.moduleStyle)).toEqual([]))
  it('keeps the names', () => expect(listed(rules.names)).toEqual([]))
  it('keeps only constants in static memory', () => expect(listed(rules.staticData)).toEqual([]))
  it('leaves nothing for later', () => expect(listed(rules.finished)).toEqual([]))

  it('exports the blessed public names', () => expectGolden(new URL('public-names.txt', import.meta.url), publicNames(files)))
})

describe('the rules', () => {
  it('refuse an import against the data path', () => {
    const breach = (path: string, text: string): string[] => whats(rules.importDirection, bad(path, text))
    expect(breach('src/scheduler/a.ts', `import type { X } from '../worker/x.js'`)).toEqual(['scheduler may not import worker'])
    expect(breach('src/data/a.ts', `export { X } from '../index.js'`)).toEqual(['data imports the entry file src/index.ts'])
    expect(breach('src/data/a.ts', `await import('../plan/x.js')`)).toEqual(['data may not import plan'])
    expect(breach('assembly/a.ts', `import { X } from '../src/base/x'`)).toEqual(['assembly/ imports src/base/x'])
    expect(breach('src/kernel/a.ts', `import { X } from '../../assembly/hash.js'`))
      .toEqual(['src/ imports assembly/hash.ts, which is not portable'])
    expect(breach('src/helpers/a.ts', '')).toEqual([`'helpers' is not a room of src/`])
  })

  it('refuse a circle of imports, but not of types', () => {
    const circle = (keyword: string): SourceFile[] =>
      [bad('src/base/a.ts', `import ${keyword} { b } from './b.js'`), bad('src/base/b.ts', `import { a } from './a.js'`)]
    expect(whats(rules.noCycles, ...circle(''))).toEqual(['imports in a circle: src/base/a.ts → src/base/b.ts → src/base/a.ts'])
    expect(whats(rules.noCycles, ...circle('type'))).toEqual([])
  })

  it('refuse a file without a header, and an endless one', () => {
    expect(whats(rules.header, parse('src/base/a.ts', 'export const a = 1\n'))).toEqual(['has no header comment'])
    const endless = `/**\n${' * more\n'.repeat(9)} */\n`
    expect(whats(rules.header, parse('src/base/a.ts', endless))).toEqual(['has a header of more than 10 lines'])
    expect(whats(rules.header, parse('src/base/a.ts', '/** A. */\n'))).toEqual(['has a header that says nothing'])
  })

  it('refuse what is too long', () => {
    expect(whats(rules.size, bad('test/a.ts', '\n'.repeat(400)))).toEqual(['has 401 lines, more than 400'])
    expect(whats(rules.size, bad('test/a.ts', `// ${'x'.repeat(128)}`))).toEqual(['is 131 columns wide, more than 130'])
    const long = `function f() {${'\n'.repeat(70)}}`
    expect(whats(rules.size, bad('src/a.ts', long))).toEqual(['is a function of 71 lines, more than 70'])
    expect(whats(rules.size, bad('src/a.ts', '\n'.repeat(150)))).toEqual(['has a median of 151 lines a file, more than 150'])
  })

  it.each([
    ['Date.now()', 'Date.now'], ['new Date()', 'Date.now'], ['performance.now()', 'performance.now'],
    ['setTimeout(f, 1)', 'setTimeout'], ['globalThis.setInterval(f)', 'setInterval'], ['Math.random()', 'Math.random'],
    ['fetch(url)', 'fetch'], ['new Worker(url)', 'new Worker'],
    ['console.log(1)', 'console'], ['eval(x)', 'eval'], ['new Function(x)', 'Function'],
  ])('refuse %s in a control class', (call, name) => {
    expect(whats(rules.bannedCalls, bad('src/scheduler/a.ts', call))).toEqual([`uses ${name}`])
    expect(whats(rules.bannedCalls, bad('demo/a.ts', call))).toEqual([])
  })

  it('refuse default exports, any, enums and imports without .js', () => {
    const breach = (text: string): string[] => whats(rules.moduleStyle, bad('src/a.ts', text))
    expect(breach('export default 1')).toEqual(['has a default export'])
    expect(breach('export default function f() {}')).toEqual(['has a default export'])
    expect(breach('const x: any = 1')).toEqual(['uses the type any'])
    expect(breach('enum E { A }')).toEqual(['declares an enum: write a union of string literals'])
    expect(breach(`import './b'`)).toEqual([`imports './b', which does not end in .js`])
  })

  it('refuse names of other houses', () => {
    expect(whats(rules.names, bad('src/base/myFile.ts', ''))).toEqual(['is not named in kebab-case'])
    expect(whats(rules.names, bad('src/base/a.ts', 'interface IThing {}'))).toEqual(['names a type IThing'])
    expect(whats(rules.names, bad('src/base/a.ts', 'class TaskManager {}'))).toEqual(['names a type TaskManager'])
  })

  it('refuse static memory that kernels write', () => {
    const breach = (text: string): string[] => whats(rules.staticData, bad('assembly/a.ts', text))
    const what = 'keeps static memory that is written: ask the host for staticRoom'
    expect(breach('const table = memory.data(16, 8)')).toEqual([what])
    expect(breach('const table = new StaticArray<i32>(4)')).toEqual([what])
    expect(breach('const table = memory.data<i32>([1, 2])')).toEqual([])
  })

  it('refuse what is left for later, and skipped tests', () => {
    expect(whats(rules.finished, bad('src/a.ts', `// ${'TO' + 'DO'}: more`))).toEqual(['leaves something for later'])
    expect(whats(rules.finished, bad('test/a.test.ts', `it${'.skip'}('x')`))).toEqual(['skips tests'])
  })
})
