/**
 * A branch of a stage with whatever joins are on it. While no key repeats in the tables it is one program. Where keys repeat, it
 * ends at that join: what it has met is multiplied by the matches, and the rest of the branch runs over that.
 * Invariant: the rows and their order do not depend on which way was taken.
 */
import { assert } from '../base/errors.js'
import type { ArenaScope } from '../kernel/arena.js'
import type { KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { BranchPrograms } from '../kernel/program.js'
import { BranchProgram, type BranchResult } from '../kernel/program-runner.js'
import { expandMatches } from '../operator/match-expansion.js'
import type { JoinSpec } from '../plan/join.js'
import type { Branch } from '../plan/stage.js'
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
  readonly #branch: Branch
  readonly #programs: BranchPrograms
  readonly #options: BranchOptions
  readonly #part: number
  #whole: BranchRunner | null = null
  /** By index of the join. */
  readonly #splits = new Map<number, Split>()

  /** @param part where it begins: at the input, or behind join `part − 1`. */
  constructor(set: KernelSet, branch: Branch, programs: BranchPrograms, options: BranchOptions, part = 0) {
    this.#set = set
    this.#branch = branch
    this.#programs = programs
    this.#options = options
    this.#part = part
  }

  /** Its rows come out as they are. */
  get isPassing(): boolean {
    return this.#programs.joins.length === 0 && this.#wholeRunner().isPassing
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
    const index = this.#programs.joins.findIndex((join, i) => i >= this.#part && tables.indexOf(join).nextRow !== null)
    return index < 0 ? null : this.#split(index)
  }

  #wholeRunner(): BranchRunner {
    const { parts, blocks } = this.#programs
    return this.#whole ??= new BranchRunner(this.#set, parts[this.#part]!.whole, this.#part === 0 ? blocks : [], this.#branch,
      this.#options)
  }

  #split(index: number): Split {
    let split = this.#splits.get(index)
    if (!split) {
      split = {
        matches: new BranchProgram(this.#set, this.#programs.parts[this.#part]!.matches[index - this.#part]!, this.#options.text),
        rest: new JoinedBranch(this.#set, this.#branch, this.#programs, this.#options, index + 1),
        join: this.#programs.joins[index]!,
      }
      this.#splits.set(index, split)
    }
    return split
  }
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
