/** The same work in C, where a compiler is there: built once a run, each round a process that takes its own time. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Unavailable } from './bench.mjs'
import { checksum } from './checksum.mjs'

const COMPILERS = ['cc', 'gcc', 'clang']
const FLAGS = ['-O3', '-march=native', '-std=gnu17']

/**
 * A contender that runs native/<source>. The program prints a JSON line: `ms` and the sums of the checksum by name.
 * @param {string} source @param {number} amount given to the program
 * @returns {import('./bench.mjs').Contender}
 */
export function byC(source, amount) {
  return {
    name: `C ${FLAGS.slice(0, 2).join(' ')}, one thread`,
    prepare() {
      const compiler = COMPILERS.find(name => spawnSync(name, ['--version']).status === 0)
      if (!compiler) throw new Unavailable('no C compiler on this machine')
      const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
      const program = join(folder, 'program')
      const path = fileURLToPath(new URL(`../native/${source}`, import.meta.url))
      const { status, stderr } = spawnSync(compiler, [...FLAGS, '-o', program, path, '-lm'], { encoding: 'utf8' })
      if (status !== 0) throw new Error(`${compiler} failed on ${path}:\n${stderr}`)
      return {
        async run() {
          const { stdout } = await promisify(execFile)(program, [String(amount)])
          const { ms, ...sums } = JSON.parse(stdout)
          return { checksum: checksum(sums), ms }
        },
        stop: () => rmSync(folder, { recursive: true }),
      }
    },
  }
}
