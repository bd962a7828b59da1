/**
 * One branch of a stage: runs its program over a task's columns and packs what its terminal collects.
 * Invariant: what leaves is in buffers of its own; nothing of the task stays in the arena but what the scope frees.
 */
import { aggregateLayout } from '../kernel/aggregate-layout.js'
import type { ArenaScope } from '../kernel/arena.js'
import { GroupTable } from '../kernel/group-table.js'
import { unloadColumns, type KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { CompiledBranch } from '../kernel/program.js'
import { BranchProgram, type BranchResult, type SecondTier, type TableParts } from '../kernel/program-runner.js'
import { RowShape } from '../kernel/row-shape.js'
import type { TextTable } from '../kernel/text-table.js'
import { writePartialGroups } from '../operator/partial-aggregate.js'
import type { FastPaths } from '../plan/fast-path.js'
import type { Terminal } from '../plan/stage.js'
import type { BranchFigures, ShuffleBlock, TaskResult, TaskSpec } from '../plan/task.js'
import type { WorkerTables } from './worker-tables.js'

const CAPACITY_MIN = 64

/** What a branch gave of a task. */
export interface BranchOutput {
  readonly results: TaskResult['results']
  readonly shuffles: readonly ShuffleBlock[]
  readonly figures: BranchFigures
  readonly overflows: number
  readonly maxEventTimeMs: Readonly<Record<number, number>>
}

/** What all branches of a worker share. */
export interface BranchOptions {
  readonly text: TextTable
  readonly partitions: number
  readonly fastPaths?: FastPaths | undefined
  readonly secondTier?: SecondTier
  readonly tables: WorkerTables
}

export class BranchRunner {
  readonly #set: KernelSet
  readonly #terminal: Terminal
  readonly #text: TextTable
  readonly #partitions: number
  readonly #tables: TableParts
  readonly #fastPaths: FastPaths | undefined
  readonly #program: BranchProgram
  readonly #shape: RowShape | null
  /** Groups of the last task: the next one will have about as many. */
  #capacity = CAPACITY_MIN

  constructor(set: KernelSet, compiled: CompiledBranch, terminal: Terminal, options: BranchOptions) {
    this.#set = set
    this.#terminal = terminal
    this.#text = options.text
    this.#partitions = options.partitions
    this.#tables = options.tables
    this.#fastPaths = options.fastPaths
    this.#program = new BranchProgram(set, compiled, options.text, options.secondTier)
    this.#shape = terminal.kind === 'aggregate' ? new RowShape(set, aggregateLayout(terminal.aggregate)) : null
  }

  run(scope: ArenaScope, task: TaskSpec, columns: KernelColumns): BranchOutput {
    return this.#shape ? this.#group(scope, task, columns, this.#shape) : this.#collect(scope, task, columns)
  }

  free(): void {
    this.#program.free()
    this.#shape?.free()
  }

  #group(scope: ArenaScope, task: TaskSpec, columns: KernelColumns, shape: RowShape): BranchOutput {
    const table = new GroupTable(this.#set, shape.layout, this.#text, this.#capacity, this.#fastPaths)
    const run = this.#run(scope, task, columns, table.ptr)
    const { shuffleId, order } = this.#terminal as Extract<Terminal, { kind: 'aggregate' }>
    const shuffles = writePartialGroups(this.#set, scope, shape, table,
      { text: this.#text, partitions: this.#partitions, shuffleId, order, allocate: bytes => new ArrayBuffer(bytes) })
    this.#capacity = Math.max(CAPACITY_MIN, 2 ** Math.ceil(Math.log2(Math.max(table.count, 1))))
    table.free()
    return { ...outcomeOf(run), results: [], shuffles }
  }

  #collect(scope: ArenaScope, task: TaskSpec, columns: KernelColumns): BranchOutput {
    const run = this.#run(scope, task, columns)
    const outcome = outcomeOf(run)
    if (!run.output || run.output.numRows === 0) return { ...outcome, results: [], shuffles: [] }
    const block = unloadColumns(this.#set, run.output, this.#text)
    const { order } = this.#terminal
    if (this.#terminal.kind === 'result') {
      return { ...outcome, results: [{ outputId: this.#terminal.outputId, order, block }], shuffles: [] }
    }
    return { ...outcome, results: [], shuffles: [{ shuffleId: this.#terminal.shuffleId, order, block }] }
  }

  #run(scope: ArenaScope, task: TaskSpec, columns: KernelColumns, groupTable?: number): BranchResult {
    const { watermarks, batchId, firstOrdinal } = task
    return this.#program.run(scope, columns,
      { parameters: watermarks, batchId, firstOrdinal, tables: this.#tables, ...groupTable === undefined ? {} : { groupTable } })
  }
}

function outcomeOf(
  { figures: { overflows, ...figures }, maxEventTimeMs }: BranchResult,
): Pick<BranchOutput, 'figures' | 'overflows' | 'maxEventTimeMs'> {
  return { figures: { ...figures, multiplied: 0 }, overflows, maxEventTimeMs }
}
