/**
 * What the compiler makes of programs: `typed-programs.ts` must compile, and each line in it that is marked as wrong must not.
 */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const programs = fileURLToPath(new URL('typed-programs.ts', import.meta.url))

const sys = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined }
const { options } = ts.getParsedCommandLineOfConfigFile(`${root}tsconfig.json`, { noEmit: true }, sys)!
const files = [programs, `${root}assembly/portable/types.d.ts`]
let earlier: ts.Program | undefined

/** Errors of the compiler in the text, which stands in for `typed-programs.ts`. */
function errorsOf(text: string): string[] {
  const host = ts.createCompilerHost(options)
  const readFile = host.getSourceFile.bind(host)
  host.getSourceFile = (name, version, ...rest) =>
    name === programs
      ? ts.createSourceFile(name, text, version, true)
      : earlier?.getSourceFile(name) ?? readFile(name, version, ...rest)
  const program = earlier = ts.createProgram(files, options, host, earlier)
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(programs)).map(({ file, start, messageText }) => {
    const line = file!.getLineAndCharacterOfPosition(start!).line + 1
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

describe('typed programs', () => {
  it('are accepted and refused as marked', () => {
    const text = ts.sys.readFile(programs)!
    expect(errorsOf(text)).toEqual([])
    // Without its mark each wrong line is an error: nothing is marked in vain, and nothing wrong is missed.
    const marks = text.split('\n').filter(line => line.includes('@ts-expect-error'))
    expect(marks.length).toBeGreaterThan(25)
    expect(errorsOf(text.replaceAll('@ts-expect-error', 'was marked')).length).toBeGreaterThanOrEqual(marks.length)
  })
})
