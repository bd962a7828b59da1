/**
 * A branch of a stage with whatever joins are on it. While no key repeats in the tables it is one program. Where keys repeat, it
 * ends at that join: what it has met is multiplied by the matches, and the rest of the branch runs over that.
 * Invariant: the rows and their order do not depend on which way was taken.
 */
import { assert } from '../base/errors.js'
import type { Schema } from '../data/schema.js'
import type { ArenaScope } from '../kernel/arena.js'
import type { KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { compileBranch, compileMatches, MATCH } from '../kernel/program-compiler.js'
import { BranchProgram, type BranchResult } from '../kernel/program-runner.js'
import { expandMatches } from '../operator/match-expansion.js'
import { columnsReadBy } from '../plan/columns-read.js'
import { canMultiply, joinedSchema, type JoinSpec } from '../plan/join.js'
import type { Branch, Step } from '../plan/stage.js'
import type { TaskSpec } from '../plan/task.js'
import { BranchRunner, type BranchOptions, type BranchOutput } from './branch-runner.js'

/** The program up to a join, and the branch from there on. */
interface Split {
  readonly matches: BranchProgram
  readonly rest: JoinedBranch
  readonly join: JoinSpec
}

export class JoinedBranch {
  readonly #set: KernelSet
  readonly #inputSchema: Schema
  readonly #branch: Branch
  readonly #options: BranchOptions
  readonly #matched: JoinSpec | null
  /** Steps that may multiply rows, by index. */
  readonly #joins: readonly { readonly at: number; readonly join: JoinSpec }[]
  #whole: BranchRunner | null = null
  readonly #splits = new Map<number, Split>()

  /** @param matched the join that has met the rows of `inputSchema`, if one has. */
  constructor(set: KernelSet, inputSchema: Schema, branch: Branch, options: BranchOptions, matched: JoinSpec | null = null) {
    this.#set = set
    this.#inputSchema = inputSchema
    this.#branch = branch
    this.#options = options
    this.#matched = matched
    this.#joins = branch.steps.flatMap((step, at) =>
      step.kind === 'join' && canMultiply(step.join) ? [{ at, join: step.join }] : [])
  }

  /** Makes the programs that a task needs with the tables as they are: what it takes stays beyond the task. */
  prepare(): void {
    const split = this.#presentSplit()
    if (split) split.rest.prepare()
    else this.#wholeRunner()
  }

  run(scope: ArenaScope, task: TaskSpec, columns: KernelColumns): BranchOutput {
    const split = this.#presentSplit()
    if (!split) return this.#wholeRunner().run(scope, task, columns)
    const { matches, rest, join } = split
    const { tables } = this.#options
    const { watermarks, batchId, firstOrdinal } = task
    const met = matches.run(scope, columns, { parameters: watermarks, batchId, firstOrdinal, tables })
    const { nextRow } = tables.indexOf(join)
    assert(met.output && nextRow, 'a join was split that multiplies nothing')
    const expanded = expandMatches(scope, met.output, nextRow)
    return together(met, rest.run(scope, task, expanded), expanded.numRows - met.output.numRows)
  }

  free(): void {
    this.#whole?.free()
    for (const { matches, rest } of this.#splits.values()) {
      matches.free()
      rest.free()
    }
  }

  /** The split at the first join in whose table keys repeat; null where they do in none. */
  #presentSplit(): Split | null {
    const { tables } = this.#options
    const multiplying = this.#joins.find(({ join }) => tables.indexOf(join).nextRow !== null)
    return multiplying ? this.#split(multiplying.at, multiplying.join) : null
  }

  #wholeRunner(): BranchRunner {
    const compiled = (): BranchRunner => new BranchRunner(this.#set,
      compileBranch(this.#inputSchema, this.#branch, this.#options.fastPaths, this.#matched), this.#branch, this.#options)
    return this.#whole ??= compiled()
  }

  #split(at: number, join: JoinSpec): Split {
    const known = this.#splits.get(at)
    if (known) return known
    const { steps, terminal, schema } = this.#branch
    const before = steps.slice(0, at)
    const streamed = schemaAfter(this.#matched ? joinedSchema(this.#inputSchema, this.#matched) : this.#inputSchema, before)
    const kept = columnsReadBy([{ steps: steps.slice(at), terminal, schema }], streamed).map(index => streamed[index]!)
    const program = compileMatches(this.#inputSchema, before, this.#matched, join, kept, this.#options.fastPaths)
    const rest: Branch = { steps: steps.slice(at + 1), terminal, schema }
    // Blocks of the second tier are of the whole program.
    const { secondTier: _, ...options } = this.#options
    const split: Split = {
      matches: new BranchProgram(this.#set, program, this.#options.text),
      rest: new JoinedBranch(this.#set, program.outputSchema, rest, options, join),
      join,
    }
    this.#splits.set(at, split)
    return split
  }
}

/** The columns in scope after some steps. */
function schemaAfter(input: Schema, steps: readonly Step[]): Schema {
  return steps.reduce((schema, step): Schema => {
    if (step.kind === 'join') return joinedSchema(schema, step.join)
    return step.kind === 'project' ? step.columns.map(({ name, expression: { type } }) => ({ name, type })) : schema
  }, input.filter(({ name }) => name !== MATCH))
}

/** What both parts of a branch did, as if it were one. */
function together({ figures, maxEventTimeMs }: BranchResult, rest: BranchOutput, multiplied: number): BranchOutput {
  const times = { ...rest.maxEventTimeMs }
  for (const [watermarkId, timeMs] of Object.entries(maxEventTimeMs)) {
    times[Number(watermarkId)] = Math.max(times[Number(watermarkId)] ?? -Infinity, timeMs)
  }
  return {
    ...rest,
    figures: {
      rowsIn: figures.rowsIn,
      rowsOut: rest.figures.rowsOut,
      filtered: figures.filtered + rest.figures.filtered,
      late: figures.late + rest.figures.late,
      nullTime: figures.nullTime + rest.figures.nullTime,
      multiplied: rest.figures.multiplied + multiplied,
    },
    overflows: figures.overflows + rest.overflows,
    maxEventTimeMs: times,
  }
}
