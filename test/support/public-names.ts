/**
 * The names that the entry files of the package export, as text for the blessed list `test/public-names.txt`.
 * `export *` is followed, so that the list is what a user can import.
 */
import ts from 'typescript'
import { importsOf, type SourceFile } from './source-tree.js'

/** Entry files, as package.json `exports` names them. */
const ENTRIES = { 'millrace': 'src/index.ts', 'millrace (node)': 'src/node.ts', 'millrace/testing': 'src/testing.ts' } as const

/**
 * One paragraph per entry: its name, then the exported names in order, types marked; of later entries, how they differ from the
 * first.
 */
export function publicNames(files: readonly SourceFile[]): string {
  const byPath = new Map(files.map(file => [file.path, file]))
  const [first, ...others] = Object.entries(ENTRIES).map(([entry, path]) => {
    const file = byPath.get(path)
    return { entry, names: file ? [...new Set(exportedNames(file, byPath))].sort(byName) : ['(missing)'] }
  })
  const main = [first!.entry, ...first!.names]
  const differences = others.map(({ entry, names }) => [
    `${entry}: as ${first!.entry}`,
    ...names.filter(name => !first!.names.includes(name)).map(name => `+ ${name}`),
    ...first!.names.filter(name => !names.includes(name)).map(name => `- ${name}`),
  ])
  return [main, ...differences].map(([head, ...names]) => [head, ...names.map(name => `  ${name}`), ''].join('\n')).join('\n')
}

const byName = (a: string, b: string): number => {
  const [x, y] = [a.replace('type ', ''), b.replace('type ', '')]
  return x < y ? -1 : x > y ? 1 : 0
}

function exportedNames(file: SourceFile, byPath: ReadonlyMap<string, SourceFile>): string[] {
  const names: string[] = []
  for (const statement of file.tree.statements) {
    if (ts.isExportDeclaration(statement)) names.push(...namesOfExport(statement, file, byPath))
    else if (isExported(statement)) names.push(...declared(statement))
  }
  return names
}

function isExported(statement: ts.Statement): boolean {
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some(m => m.kind === ts.SyntaxKind.ExportKeyword)
}

function namesOfExport(statement: ts.ExportDeclaration, file: SourceFile, byPath: ReadonlyMap<string, SourceFile>): string[] {
  const clause = statement.exportClause
  if (clause && ts.isNamedExports(clause)) {
    return clause.elements.map(element => `${statement.isTypeOnly || element.isTypeOnly ? 'type ' : ''}${element.name.text}`)
  }
  if (clause) return [clause.name.text]
  const specifier = ts.isStringLiteral(statement.moduleSpecifier!) ? statement.moduleSpecifier.text : ''
  const target = byPath.get(importsOf(file).find(i => i.specifier === specifier)?.path ?? '')
  return target ? exportedNames(target, byPath) : [`* from ${specifier}`]
}

function declared(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(each => each.name.getText())
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return [`type ${statement.name.text}`]
  if (ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)) return [statement.name?.text ?? 'default']
  return []
}
