/** Programs that group, as `explain` prints them. */
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/data/schema.js'
import { compileBranch } from '../../src/kernel/program-compiler.js'
import { describeBranch } from '../../src/kernel/program-text.js'
import { aggregateCallOf } from '../../src/plan/aggregate-table.js'
import { aggregate, aggregationPlan, column, named } from '../support/task-driver.js'

const SCHEMA: Schema = [{ name: 'key', type: 'utf8' }, { name: 'ok', type: 'bool' }, { name: 'value', type: 'f64' }]

describe('group instructions', () => {
  it('print keys, arguments, filters and where the state lies', () => {
    const plan = aggregationPlan({
      schema: SCHEMA, keys: [named('key', 'utf8')],
      aggregates: [
        aggregate('n', 'count'), aggregateCallOf('mean', 'avg', [column('value', 'f64')], column('ok', 'bool')),
        aggregate('best', 'maxBy', column('key', 'utf8'), column('value', 'f64')),
      ],
    })
    const { input, branches } = plan.stages[0]!
    expect(describeBranch(compileBranch(input.schema, branches[0]!)).split('\n')).toEqual([
      'group_key_i32 key, #0', 'group_find #1, #0', 'statistics value where ok → state 16',
      'count → state 8', 'max_by_f64 key, value → state 32', 'end_rows',
    ])
  })
})
