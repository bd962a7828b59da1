/**
 * One stage on one worker: its branches laid out once, its tasks run one after the other.
 * Invariant: all branches of a task read the same columns; the first one's figures stand for the task.
 */
import { ArenaScope } from '../kernel/arena.js'
import type { KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { isOn } from '../plan/fast-path.js'
import { isStateful, type Stage } from '../plan/stage.js'
import type { BranchFigures, ResultBlock, TaskFigures, TaskResult, TaskSpec } from '../plan/task.js'
import type { ColumnarStateStore } from '../state/columnar-state-store.js'
import type { BranchOptions, BranchOutput } from './branch-runner.js'
import type { CompiledPlan } from './compiled-plan.js'
import { JoinedBranch } from './joined-branch.js'
import { TaskInput, type KeyedTask, type LoadedInput } from './task-input.js'

const NO_ROWS: BranchFigures = { rowsIn: 0, rowsOut: 0, filtered: 0, late: 0, nullTime: 0, multiplied: 0 }
/** Of a task that is counted with another: one for all, so that a message holds it once. */
const COUNTED_ELSEWHERE: TaskFigures = {
  ...NO_ROWS, bytesIn: 0, bad: 0, overflows: 0, maxEventTimeMs: {}, branches: [], stateRows: 0, stateBytes: 0, runMs: 0,
}
const NOTHING: readonly never[] = []

export class StageRunner {
  readonly stage: Stage
  readonly #set: KernelSet
  readonly #input: TaskInput
  readonly #branches: readonly JoinedBranch[]
  readonly #mayRunTogether: boolean

  /** @param parts its text table is that of the tasks, which its owner resets after each. */
  constructor(
    set: KernelSet, plan: CompiledPlan, stage: Stage, parts: Pick<BranchOptions, 'text' | 'tables' | 'outputs'>,
  ) {
    this.stage = stage
    this.#set = set
    this.#input = new TaskInput(set, plan, stage.input, parts.text)
    const { partitions, fastPaths } = plan
    const programs = plan.programs[stage.stageId]!
    this.#mayRunTogether = isStateful(stage) && isOn(fastPaths, 'tasksTogether')
    this.#branches = stage.branches.map((branch, i) =>
      new JoinedBranch(set, branch, programs[i]!, { ...parts, partitions, fastPaths }))
  }

  /** Makes what a task needs with the tables as they are. */
  prepare(): void {
    for (const branch of this.#branches) branch.prepare()
  }

  /**
   * Runs a task.
   * @param store the open-able state of the task's partition, if the stage has state.
   * @param elapsedMs what the task is timed by.
   */
  run(scope: ArenaScope, task: TaskSpec, store: ColumnarStateStore | null, elapsedMs: () => number): TaskResult {
    const startMs = elapsedMs()
    const input = this.#input.load(scope, task, store)
    const outputs = this.#branches.map(branch => this.#runBranch(branch, task, input.columns))
    const [only] = outputs
    const { batchId, stageId, taskIndex, attempt } = task
    return {
      batchId, stageId, taskIndex, attempt,
      results: only && outputs.length === 1 ? only.results : outputs.flatMap(output => output.results),
      shuffles: only && outputs.length === 1 ? only.shuffles : outputs.flatMap(output => output.shuffles),
      figures: figuresOf(input, outputs, store ? [store] : NOTHING, elapsedMs() - startMs),
      badRecords: input.bad,
    }
  }

  /** Its tasks merge groups that come out as they are: several at a time give what they give one by one. */
  get runsTogether(): boolean {
    return this.#mayRunTogether && this.#branches.every(branch => branch.isPassing)
  }

  /**
   * Runs tasks on several partitions together: what costs much by the task is done once for all, and the first one's figures are
   * those of all.
   */
  runTogether(scope: ArenaScope, parts: readonly KeyedTask[], elapsedMs: () => number): TaskResult[] {
    const startMs = elapsedMs()
    const { input, ends } = this.#input.loadGroups(scope, parts)
    const outputs = this.#branches.map(branch => this.#runBranch(branch, parts[0]!.task, input.columns))
    const figures = figuresOf(input, outputs, parts.map(({ store }) => store), elapsedMs() - startMs)
    return parts.map(({ task: { batchId, stageId, taskIndex, attempt } }, i): TaskResult => ({
      batchId, stageId, taskIndex, attempt,
      results: rowsOf(outputs, ends[i - 1] ?? 0, ends[i]!),
      shuffles: NOTHING,
      figures: i === 0 ? figures : COUNTED_ELSEWHERE,
      badRecords: NOTHING,
    }))
  }

  free(): void {
    for (const branch of this.#branches) branch.free()
  }

  /** Each branch has a scope of its own, so that a task needs the memory of one at a time. */
  #runBranch(branch: JoinedBranch, task: TaskSpec, columns: KernelColumns): BranchOutput {
    const scope = new ArenaScope(this.#set.arena)
    const output = branch.run(scope, task, columns)
    scope.release()
    return output
  }
}

function figuresOf(
  input: LoadedInput, outputs: readonly BranchOutput[], stores: readonly ColumnarStateStore[], runMs: number,
): TaskFigures {
  const { rowsOut, filtered, late, nullTime, multiplied } = outputs[0]?.figures ?? NO_ROWS
  let { overflows } = input
  for (const output of outputs) overflows += output.overflows
  return {
    rowsIn: input.columns.numRows,
    bytesIn: input.bytesIn,
    rowsOut, filtered, late, nullTime, multiplied,
    bad: input.badCount,
    overflows,
    maxEventTimeMs: outputs.length === 1 ? outputs[0]!.maxEventTimeMs : latestOf(outputs),
    branches: outputs.map(output => output.figures),
    stateRows: stores.reduce((rows, store) => rows + store.numRows, 0),
    stateBytes: stores.reduce((bytes, store) => bytes + store.usedBytes, 0),
    runMs,
  }
}

/** What a task has of the outputs that it shares with others. */
function rowsOf(outputs: readonly BranchOutput[], start: number, end: number): readonly ResultBlock[] {
  if (end === start) return NOTHING
  return outputs.flatMap(({ results }) =>
    results.map(({ outputId, order, block }): ResultBlock => ({ outputId, order, block, rows: [start, end] })))
}

function latestOf(outputs: readonly BranchOutput[]): Record<number, number> {
  const latest: Record<number, number> = {}
  for (const output of outputs) {
    for (const [watermarkId, timeMs] of Object.entries(output.maxEventTimeMs)) {
      latest[Number(watermarkId)] = Math.max(latest[Number(watermarkId)] ?? -Infinity, timeMs)
    }
  }
  return latest
}
