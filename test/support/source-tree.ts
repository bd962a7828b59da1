/**
 * The project's own files as the tidy test reads them: text, and for TypeScript the parsed syntax tree.
 * Generated folders (dist, node_modules) and data are left out.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join, posix } from 'node:path'
import ts from 'typescript'

export interface SourceFile {
  /** From the project's root, with `/`. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  /** The syntax tree; empty for files that are not TypeScript or JavaScript. */
  readonly tree: ts.SourceFile
}

/** One breach of a rule. */
export interface Breach {
  readonly path: string
  readonly line: number
  readonly what: string
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDERS = ['src', 'assembly', 'demo', 'test', 'bench', 'examples', 'scripts']
const CODE = /\.(ts|mjs)$/
const GENERATED = new Set(['node_modules', 'dist', '__screenshots__'])

/** Every code file of the project, in the order of paths. */
export function readSourceTree(): SourceFile[] {
  return FOLDERS.flatMap(folder => codeFiles(folder)).sort().map(path => parse(path, readFileSync(join(ROOT, path), 'utf8')))
}

/** A file as the rules see it; tests of the rules make their own. */
export function parse(path: string, text: string): SourceFile {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return { path, text, lines, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) }
}

/** Line of a node, from 1. */
export function lineOf(file: SourceFile, node: ts.Node): number {
  return file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1
}

/** Calls `visit` for every node of the tree. */
export function walk(file: SourceFile, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node)
    ts.forEachChild(node, step)
  }
  step(file.tree)
}

export interface Import {
  readonly line: number
  /** As written. */
  readonly specifier: string
  /** Path of the file for a relative import, else null. */
  readonly path: string | null
  readonly typeOnly: boolean
}

/** Imports and re-exports of a file, dynamic imports of literals among them. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = []
  const add = (node: ts.Node, specifier: string, typeOnly: boolean): void => {
    found.push({ line: lineOf(file, node), specifier, path: resolve(file.path, specifier), typeOnly })
  }
  walk(file, node => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node, node.moduleSpecifier.text, node.importClause?.isTypeOnly ?? false)
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node, node.moduleSpecifier.text, node.isTypeOnly)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const specifier = node.arguments[0]
      if (specifier && ts.isStringLiteral(specifier)) add(node, specifier.text, false)
    }
  })
  return found
}

function resolve(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null
  const path = posix.normalize(posix.join(posix.dirname(from), specifier))
  return path.endsWith('.js') ? path.replace(/\.js$/, '.ts') : path
}

function codeFiles(folder: string): string[] {
  let entries
  try {
    entries = readdirSync(join(ROOT, folder), { withFileTypes: true })
  } catch {
    return []
  }
  return entries.flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return GENERATED.has(entry.name) ? [] : codeFiles(path)
    return CODE.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}
