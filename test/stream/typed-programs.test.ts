/**
 * What the compiler makes of programs: `typed-programs.ts` must compile, and each line in it that is marked as wrong must not.
 */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const programs = fileURLToPath(new URL('typed-programs.ts', import.meta.url))

/** Errors of the compiler in the text, which stands in for `typed-programs.ts`. */
function errorsOf(text: string): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    `${root}tsconfig.json`, { noEmit: true }, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} }
  )!
  const host = ts.createCompilerHost(config.options)
  const readFile = host.getSourceFile.bind(host)
  host.getSourceFile = (name, version, ...rest) => name === programs ? ts.createSourceFile(
    name, text, version, true
  ) : readFile(name, version, ...rest)
  const program = ts.createProgram([programs, `${root}assembly/portable/types.d.ts`], config.options, host)
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(programs))
    .map(
      (
        { file, start, messageText }
      ) => `${file!.getLineAndCharacterOfPosition(start!).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    )
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
