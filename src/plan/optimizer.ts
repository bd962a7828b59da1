/**
 * The optimizer: an ordered list of named rules, applied over and over until none changes anything.
 * Invariant: an optimized plan gives the same rows in the same order as the plan it was made from.
 */
import { assert } from '../base/errors.js'
import type { Output } from './node.js'
import type { Rule } from './rewrite.js'
import { constantFilters } from './rules/constant-filters.js'
import { constantFolding } from './rules/constant-folding.js'
import { deadColumns } from './rules/dead-columns.js'
import { filterPushDown } from './rules/filter-push-down.js'
import { joinPushDown } from './rules/join-push-down.js'
import { projectionFusion } from './rules/projection-fusion.js'
import { unionPushDown } from './rules/union-push-down.js'

/** In the order in which they are applied. */
export const RULES: readonly Rule[] = Object.freeze([
  constantFolding, constantFilters, unionPushDown, filterPushDown, joinPushDown, projectionFusion, deadColumns,
])

/** Every rule makes a plan smaller or moves something down, so a few rounds are enough; more are a rule's fault. */
const ROUNDS_MAX = 1000

/** What one rule changed, for `explain`. */
export interface RuleTrace {
  readonly rule: string
  readonly changes: readonly string[]
}

export interface Optimized {
  readonly outputs: readonly Output[]
  readonly trace: readonly RuleTrace[]
}

/** The outputs after `rules`, and what each of them changed. */
export function optimize(outputs: readonly Output[], rules: readonly Rule[] = RULES): Optimized {
  const trace: RuleTrace[] = []
  let current = outputs
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = trace.length
    for (const rule of rules) {
      const changes: string[] = []
      current = rule.apply(current, change => changes.push(change))
      if (changes.length > 0) trace.push({ rule: rule.name, changes })
    }
    if (trace.length === before) return { outputs: current, trace }
  }
  return assert(false, `the optimizer's rules do not come to an end`) as never
}
