/**
 * The optimizer: an ordered list of named rules over the outputs of a context.
 * Invariant: an optimized plan gives the same rows in the same order as the plan it was made from.
 */
import type { Output } from './node.js'

/** What one rule changed, for `explain`. */
export interface RuleTrace {
  readonly rule: string
  readonly changes: readonly string[]
}

export interface Optimized {
  readonly outputs: readonly Output[]
  readonly trace: readonly RuleTrace[]
}

export function optimize(outputs: readonly Output[]): Optimized {
  return { outputs, trace: [] }
}
