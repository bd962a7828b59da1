/**
 * All programs of a plan. A branch whose joins may multiply rows has programs for its parts too: up to such a join, and from
 * behind it on; which of them run depends on the tables of the day.
 * Invariant: a part begins with the same columns whichever part led to it, so that a join ends each part in one program.
 */
import type { Schema } from '../data/schema.js'
import { columnsReadBy } from '../plan/columns-read.js'
import type { FastPaths } from '../plan/fast-path.js'
import { canMultiply, joinedSchema, type JoinSpec } from '../plan/join.js'
import type { Branch, PhysicalPlan, Step } from '../plan/stage.js'
import { compileBranch, compileMatches, MATCH } from './program-compiler.js'
import type { BranchPart, BranchPrograms, PlanPrograms } from './program.js'

export function compilePlan({ stages }: PhysicalPlan, fastPaths?: FastPaths): PlanPrograms {
  return stages.map(({ input, branches }) => branches.map(branch => compileParts(input.schema, branch, fastPaths)))
}

export function compileParts(inputSchema: Schema, branch: Branch, fastPaths?: FastPaths): BranchPrograms {
  const { steps, terminal, schema } = branch
  const joins = steps.flatMap((step, at) => step.kind === 'join' && canMultiply(step.join) ? [{ at, join: step.join }] : [])
  const part = (partSchema: Schema, matched: JoinSpec | null, from: number, next: number): BranchPart => {
    const streamed = matched ? joinedSchema(partSchema, matched) : partSchema
    return {
      whole: compileBranch(partSchema, { steps: steps.slice(from), terminal, schema }, fastPaths, matched),
      matches: joins.slice(next).map(({ at, join }) => {
        const scope = schemaAfter(streamed, steps.slice(from, at))
        const kept = columnsReadBy([{ steps: steps.slice(at), terminal, schema }], scope).map(index => scope[index]!)
        return compileMatches(partSchema, steps.slice(from, at), matched, join, kept, fastPaths)
      }),
    }
  }
  const first = part(inputSchema, null, 0, 0)
  const others = joins.map(({ at, join }, i) => part(first.matches[i]!.outputSchema, join, at + 1, i + 1))
  return { joins: joins.map(({ join }) => join), parts: [first, ...others], blocks: [] }
}

/** The columns in scope after some steps. */
function schemaAfter(input: Schema, steps: readonly Step[]): Schema {
  return steps.reduce((schema, step): Schema => {
    if (step.kind === 'join') return joinedSchema(schema, step.join)
    return step.kind === 'project' ? step.columns.map(({ name, expression: { type } }) => ({ name, type })) : schema
  }, input.filter(({ name }) => name !== MATCH))
}
