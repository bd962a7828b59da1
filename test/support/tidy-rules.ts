/**
 * The rules of the house that a machine can check; CONTRIBUTING.md lists them in words. Each rule takes all files and gives
 * its breaches.
 * Invariant: a rule reads names, imports and syntax only, never a list of exceptions by file but the ones written here.
 */
import { posix } from 'node:path'
import ts from 'typescript'
import { importsOf, lineOf, walk, type Breach, type SourceFile } from './source-tree.js'

export type Rule = (files: readonly SourceFile[]) => Breach[]

const HEADER_LINES_MAX = 10
const FILE_LINES_MAX = 400
const MEDIAN_LINES_MAX = 150
const FUNCTION_LINES_MAX = 70
const COLUMNS_MAX = 130

/** What each room of src/ may import besides itself; rooms stand in the order of the data path. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  data: ['base'],
  plan: ['base', 'data'],
  kernel: ['base', 'data', 'plan'],
  state: ['base', 'data', 'plan', 'kernel'],
  operator: ['base', 'data', 'plan', 'kernel', 'state'],
  source: ['base', 'data'],
  sink: ['base', 'data'],
  worker: ['base', 'data', 'plan', 'kernel', 'state', 'operator'],
  scheduler: ['base', 'data', 'plan', 'source', 'sink'],
  stream: ['base', 'data', 'plan', 'source', 'sink', 'scheduler'],
  platform: ['base'],
}

/** Calls that bind code to a clock, chance, the network or a thread, and where in src/ each may stand. */
const BANNED: readonly { readonly name: string; readonly allowed: RegExp }[] = [
  { name: 'Date.now', allowed: /^src\/platform\// },
  { name: 'performance.now', allowed: /^src\/platform\// },
  { name: 'setTimeout', allowed: /^src\/platform\// },
  { name: 'setInterval', allowed: /^src\/platform\// },
  { name: 'setImmediate', allowed: /^src\/platform\// },
  { name: 'Math.random', allowed: /^src\/platform\// },
  { name: 'fetch', allowed: /^src\/(platform|source)\// },
  { name: 'new Worker', allowed: /^src\/platform\// },
  { name: 'console', allowed: /^src\/sink\/console/ },
  { name: 'eval', allowed: /^$/ },
  { name: 'Function', allowed: /^$/ },
]

const inside = (folder: string) => (file: SourceFile): boolean => file.path.startsWith(`${folder}/`)
const isProduct = (file: SourceFile): boolean => /^(src|assembly|demo|bench|examples|scripts)\//.test(file.path)
const isPortable = (path: string): boolean => path.startsWith('assembly/portable/')
const isAssembly = (path: string): boolean => path.startsWith('assembly/')

type Check = (file: SourceFile, add: (line: number, what: string) => void) => void

const each = (files: readonly SourceFile[], check: Check): Breach[] => {
  const breaches: Breach[] = []
  for (const file of files) check(file, (line, what) => breaches.push({ path: file.path, line, what }))
  return breaches
}

const roomOf = (path: string): string | null => /^src\/([^/]+)\//.exec(path)?.[1] ?? null

/** Imports follow the data path: rooms of src/ by the table; assembly/ nothing of src/, and src/ of it only what is portable. */
export const importDirection: Rule = files => each(files, (file, add) => {
  const room = roomOf(file.path)
  if (room && !Object.hasOwn(ROOMS, room)) add(1, `'${room}' is not a room of src/`)
  for (const { line, path } of importsOf(file)) {
    if (path === null) continue
    const target = roomOf(path)
    if (isAssembly(file.path) && !isAssembly(path)) add(line, `assembly/ imports ${path}`)
    if (isPortable(file.path) && !isPortable(path)) add(line, `portable code imports ${path}`)
    if (!file.path.startsWith('src/')) continue
    if (isAssembly(path) && !isPortable(path)) add(line, `src/ imports ${path}, which is not portable`)
    if (!isAssembly(path) && !path.startsWith('src/')) add(line, `src/ imports ${path}`)
    if (!room || target === room || isAssembly(path)) continue
    if (target === null) add(line, `${room} imports the entry file ${path}`)
    else if (!ROOMS[room]?.includes(target)) add(line, `${room} may not import ${target}`)
  }
})

/** No file needs, at run time, a file that needs it. */
export const noCycles: Rule = files => {
  const needs = (file: SourceFile): string[] => importsOf(file).flatMap(i => i.typeOnly || i.path === null ? [] : [i.path])
  const imports = new Map(files.map(file => [file.path, needs(file)]))
  const done = new Set<string>()
  const breaches: Breach[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      breaches.push({ path, line: 1, what: `imports in a circle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}` })
      return
    }
    if (done.has(path)) return
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of imports.keys()) visit(path, [])
  return breaches
}

/** Every file opens with a comment that says what it is. */
export const header: Rule = files => each(files, (file, add) => {
  const text = file.text.replace(/^#!.*\n/, '')
  const comment = /^\/\*\*[\s\S]*?\*\/|^(\/\/.*\n)+/.exec(text)?.[0].trimEnd()
  if (!comment) return add(1, 'has no header comment')
  if (comment.split('\n').length > HEADER_LINES_MAX) add(1, `has a header of more than ${HEADER_LINES_MAX} lines`)
  if (comment.replace(/[\s/*]/g, '').length < 20) add(1, 'has a header that says nothing')
})

/** Files, functions and lines are short. */
export const size: Rule = files => [
  ...each(files, (file, add) => {
    if (file.lines.length > FILE_LINES_MAX) add(file.lines.length, `has ${file.lines.length} lines, more than ${FILE_LINES_MAX}`)
    file.lines.forEach((line, i) => {
      if ([...line].length > COLUMNS_MAX) add(i + 1, `is ${[...line].length} columns wide, more than ${COLUMNS_MAX}`)
    })
  }),
  ...each(files.filter(isProduct), (file, add) => walk(file, node => {
    if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return
    const lines = file.tree.getLineAndCharacterOfPosition(node.end).line + 2 - lineOf(file, node)
    if (lines > FUNCTION_LINES_MAX) add(lineOf(file, node), `is a function of ${lines} lines, more than ${FUNCTION_LINES_MAX}`)
  })),
  ...medianSize(files.filter(inside('src'))),
]

function medianSize(files: readonly SourceFile[]): Breach[] {
  const sizes = files.map(file => file.lines.length).sort((a, b) => a - b)
  const median = sizes[sizes.length >> 1] ?? 0
  if (median <= MEDIAN_LINES_MAX) return []
  return [{ path: 'src', line: 1, what: `has a median of ${median} lines a file, more than ${MEDIAN_LINES_MAX}` }]
}

/** Clocks, timers, chance, network, workers and the console are reached through ports alone. */
export const bannedCalls: Rule = files => each(files.filter(inside('src')), (file, add) => walk(file, node => {
  const name = calledName(node)
  const banned = BANNED.find(entry => entry.name === name)
  if (banned && !banned.allowed.test(file.path)) add(lineOf(file, node), `uses ${banned.name}`)
}))

/** The name a node calls or reads, as the table spells it; `globalThis.` in front makes no difference. */
function calledName(node: ts.Node): string | null {
  if (ts.isNewExpression(node)) {
    const name = node.expression.getText().replace(/^(globalThis|self|window)\./, '')
    if (name === 'Worker') return 'new Worker'
    if (name === 'Date' && (node.arguments?.length ?? 0) === 0) return 'Date.now'
    return name === 'Function' ? name : null
  }
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/^(globalThis|self|window)\./, '')
    return text.startsWith('console.') ? 'console' : text
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) return node.expression.text
  return null
}

/** Named exports, typed values, `.js` at the end of relative imports. */
export const moduleStyle: Rule = files => each(files, (file, add) => {
  walk(file, node => {
    const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined
    const isDefault = ts.isExportAssignment(node) || modifiers?.some(modifier => modifier.kind === ts.SyntaxKind.DefaultKeyword)
    if (isDefault && !/\.config\.(ts|mjs)$/.test(file.path)) add(lineOf(file, node), 'has a default export')
    if (node.kind === ts.SyntaxKind.AnyKeyword && isProduct(file)) add(lineOf(file, node), 'uses the type any')
    const isEnum = ts.isEnumDeclaration(node) && !isAssembly(file.path)
    if (isEnum) add(lineOf(file, node), 'declares an enum: write a union of string literals')
  })
  if (!file.path.endsWith('.ts') || isAssembly(file.path)) return
  for (const { line, specifier } of importsOf(file)) {
    const isRelativeCode = specifier.startsWith('.') && !/\.(js|mjs|json|css|svg|csv|txt)(\?[\w&=-]+)?$/.test(specifier)
    if (isRelativeCode) add(line, `imports '${specifier}', which does not end in .js`)
  }
})

/** kebab-case files and folders; types without prefix and empty suffixes. */
export const names: Rule = files => each(files, (file, add) => {
  const isKebab = (part: string): boolean => /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(part)
  if (!posix.normalize(file.path).split('/').every(isKebab)) add(1, 'is not named in kebab-case')
  walk(file, node => {
    if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node) && !ts.isTypeAliasDeclaration(node)) return
    const name = node.name?.text ?? ''
    if (/(Impl|Manager|Helper)$/.test(name) || /^I[A-Z][a-z]/.test(name)) add(lineOf(file, node), `names a type ${name}`)
  })
})

/** Kernels keep nothing at fixed addresses but constants: several instances may share the memory. */
export const staticData: Rule = files => each(files, (file, add) => {
  if (!isAssembly(file.path)) return
  file.lines.forEach((line, i) => {
    const isWritten = /\bnew StaticArray\b/.test(line) || /\bmemory\.data(<[^>]*>)?\((?!\s*\[)/.test(line)
    if (isWritten) add(i + 1, 'keeps static memory that is written: ask the host for staticRoom')
  })
})

/** Nothing is left for later. */
export const finished: Rule = files => each(files, (file, add) => file.lines.forEach((line, i) => {
  if (/\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/.test(line)) add(i + 1, 'leaves something for later')
  if (/\b(it|describe|test)\.(skip|only|todo)\b/.test(line) && !file.path.endsWith('tidy.test.ts')) add(i + 1, 'skips tests')
}))
