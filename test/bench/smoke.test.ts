/**
 * Every bench runs, small: it is the same work for all contenders, or the run fails.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** Many small processes, beside other tests. */
const SMOKE_MS = 300_000

const root = fileURLToPath(new URL('../../', import.meta.url))
const workloads = readdirSync(`${root}bench/workloads`).filter(file => file.endsWith('.mjs')).map(file => file.slice(0, -4))

describe('npm run bench -- --smoke', () => {
  it('runs every workload and finds that all contenders do the same work', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/run.mjs', '--smoke'], { cwd: root, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(workloads.filter(name => !stdout.includes(`== ${name}\n`))).toEqual([])
  }, SMOKE_MS)
})
