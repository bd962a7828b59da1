/**
 * Runs every script of this folder: the blessed answers, and the same answers with any number of workers and partitions and with
 * every build of the kernels. The order of rows within a batch may depend on the number of partitions, and on nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { expectGolden } from '../support/golden-file.js'
import { runScript, type ScriptRun } from './run-script.js'
import { formatScript, parseScript, type Script } from './script.js'

const BLESSED_PARTITIONS = 3
const PARTITIONS = [1, 3, 8]
const WORKERS = [0, 1, 2, 4]

const folder = new URL('./', import.meta.url)
const names = readdirSync(folder).filter(name => name.endsWith('.txt'))

const textOf = (script: Script, { answers }: ScriptRun): string => formatScript(script, answers)

/** The answers with the rows of each batch in alphabetical order; the plan says how many partitions there are. */
const sortedText = (script: Script, { answers }: ScriptRun): string => formatScript(script, answers.map((answer, i) => {
  if (script.steps[i]?.verb === 'explain') return []
  const batches = answer.join('\n').split(/\n(?=batch )/).map(batch => batch.split('\n'))
  return batches.flatMap(([head = '', ...rows]) => [head, ...rows.sort()])
}))

describe.each(names)('%s', name => {
  const url = new URL(name, folder)
  const script = parseScript(readFileSync(url, 'utf8'))

  it('gives what is blessed', async () => {
    const run = await runScript(script, { workers: 0, partitions: BLESSED_PARTITIONS })
    expectGolden(url, textOf(script, run))
  })

  it('counts every row', async () => {
    const { batches } = await runScript(script, { workers: 0, partitions: BLESSED_PARTITIONS })
    expect(batches.length).toBeGreaterThan(0)
    for (const { batchId, rows } of batches) {
      expect(rows.out + rows.filtered + rows.late + rows.bad + rows.nullTime, `rows of batch ${batchId}`)
        .toBe(rows.in + rows.multiplied)
    }
  })

  it.each(PARTITIONS)('gives the same with %i partitions and any number of workers', async partitions => {
    const blessed = await runScript(script, { workers: 0, partitions: BLESSED_PARTITIONS })
    const alone = await runScript(script, { workers: 0, partitions })
    expect(sortedText(script, alone)).toBe(sortedText(script, blessed))
    for (const workers of WORKERS.slice(1)) {
      const run = await runScript(script, { workers, partitions })
      expect(textOf(script, run), `${workers} workers`).toBe(textOf(script, alone))
    }
  })

  it.each(['scalar', 'reference'] as const)('gives the same with %s kernels', async kernels => {
    const simd = await runScript(script, { workers: 0, partitions: BLESSED_PARTITIONS, kernels: 'simd' })
    const run = await runScript(script, { workers: 0, partitions: BLESSED_PARTITIONS, kernels })
    expect(textOf(script, run)).toBe(textOf(script, simd))
  })
})
