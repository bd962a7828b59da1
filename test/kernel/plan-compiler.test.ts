/** The programs of a branch with joins that may multiply rows: one part behind each, which every part before it can lead to. */
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/data/schema.js'
import { compileParts } from '../../src/kernel/plan-compiler.js'
import type { JoinSpec } from '../../src/plan/join.js'
import type { Branch, Step } from '../../src/plan/stage.js'
import { column } from '../support/task-driver.js'

const input: Schema = [{ name: 'unused', type: 'f64' }, { name: 'a', type: 'i32' }, { name: 'b', type: 'utf8' }]

/** Takes the column `taken` of a table whose rows repeat, unless `key` is its own. */
const join = (tableId: number, on: string, taken: string, key: readonly string[] | null = null): Step & { join: JoinSpec } => ({
  kind: 'join',
  join: {
    table: { tableId, name: `t${tableId}`, key, schema: [{ name: 'k', type: 'i32' }, { name: taken, type: 'i32' }] },
    type: 'inner', keys: [{ column: 'k', value: column(on, 'i32') }], columns: [{ column: taken, name: taken, type: 'i32' }],
  },
})

const branchOf = (...steps: readonly Step[]): Branch => ({
  steps: [...steps, { kind: 'project', columns: ['b', 'x', 'z'].map(name =>
    ({ name, expression: column(name, name === 'b' ? 'utf8' : 'i32') })) }],
  terminal: { kind: 'result', outputId: 0, order: 0 },
  schema: [{ name: 'b', type: 'utf8' }, { name: 'x', type: 'i32' }, { name: 'z', type: 'i32' }],
})

describe('the programs of a branch', () => {
  it('are one where no join can multiply rows', () => {
    const { joins, parts } = compileParts(input, branchOf(join(0, 'a', 'x', ['k']), join(1, 'x', 'z', ['k'])))
    expect([joins, parts.length, parts[0]!.matches]).toEqual([[], 1, []])
  })

  it('have a part behind each join that can, which begins with the same columns after every other', () => {
    const steps = [join(0, 'a', 'x'), join(1, 'x', 'y', ['k']), join(2, 'y', 'z'), join(3, 'z', 'v')]
    const { joins, parts } = compileParts(input, branchOf(...steps))
    expect(joins).toEqual([steps[0]!.join, steps[2]!.join, steps[3]!.join])
    expect(parts.map(({ matches }) => matches.length)).toEqual([3, 2, 1, 0])
    joins.forEach((_, i) => {
      const begins = parts[i + 1]!.whole.inputSchema
      expect(begins.map(({ name }) => name)).toEqual([['a', 'b', '#row'], ['b', 'x', 'y', '#row'], ['b', 'x', 'z', '#row']][i])
      for (let from = 0; from <= i; from++) expect(parts[from]!.matches[i - from]!.outputSchema).toEqual(begins)
    })
    for (const { whole } of parts) expect(whole.outputSchema.map(({ name }) => name)).toEqual(['b', 'x', 'z'])
  })
})
