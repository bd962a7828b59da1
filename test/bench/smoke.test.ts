/**
 * Every bench runs, small: it is the same work for all contenders, or the run fails.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('npm run bench -- --smoke', () => {
  it('runs every workload and finds the checksums equal', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/run.mjs', '--smoke'], { cwd: root, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout.match(/checksums equal: \d+ rows/g)).toHaveLength(2)
  })
})
