/**
 * One branch of a stage: runs its program over a task's columns and packs what its terminal collects.
 * Invariant: what leaves is in memory of its own; nothing of the task stays in the arena but what the scope frees.
 */
import { aggregateLayout } from '../kernel/aggregate-layout.js'
import type { ArenaScope } from '../kernel/arena.js'
import { GroupTable } from '../kernel/group-table.js'
import { unloadColumns, type KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import type { CompiledBranch, ProgramBlock } from '../kernel/program.js'
import { BranchProgram, type BranchResult, type TableParts } from '../kernel/program-runner.js'
import { RowShape } from '../kernel/row-shape.js'
import type { TextTable } from '../kernel/text-table.js'
import { writePartialGroups } from '../operator/partial-aggregate.js'
import type { FastPaths } from '../plan/fast-path.js'
import type { Branch, Terminal } from '../plan/stage.js'
import type { BranchFigures, ShuffleBlock, TaskResult, TaskSpec } from '../plan/task.js'
import type { OutputMemory } from './output-memory.js'
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

/** What a branch gives of no rows. */
const NOTHING: BranchOutput = {
  results: [], shuffles: [], figures: { rowsIn: 0, rowsOut: 0, filtered: 0, late: 0, nullTime: 0, multiplied: 0 }, overflows: 0,
  maxEventTimeMs: {},
}

/** What all branches of a worker share. */
export interface BranchOptions {
  readonly text: TextTable
  readonly partitions: number
  readonly fastPaths?: FastPaths | undefined
  readonly tables: WorkerTables
  readonly outputs: OutputMemory
}

export class BranchRunner {
  readonly #set: KernelSet
  readonly #terminal: Terminal
  readonly #text: TextTable
  readonly #partitions: number
  readonly #tables: TableParts
  readonly #outputs: OutputMemory
  readonly #fastPaths: FastPaths | undefined
  readonly #program: BranchProgram
  readonly #shape: RowShape | null
  /** Whether the rows come out as they are. */
  readonly isPassing: boolean
  /** Groups of the last task: the next one will have about as many. */
  #capacity = CAPACITY_MIN

  /** @param compiled the program of the branch, or of its part behind a join. */
  constructor(
    set: KernelSet, compiled: CompiledBranch, blocks: readonly ProgramBlock[], { steps, terminal }: Branch,
    options: BranchOptions,
  ) {
    const { inputSchema, outputSchema } = compiled
    this.#set = set
    this.#terminal = terminal
    this.isPassing = steps.length === 0 && terminal.kind === 'result' && inputSchema.length === outputSchema.length &&
      inputSchema.every(({ name }, i) => name === outputSchema[i]!.name)
    this.#text = options.text
    this.#partitions = options.partitions
    this.#tables = options.tables
    this.#outputs = options.outputs
    this.#fastPaths = options.fastPaths
    // Switched on by name, blocks do not wait until the program is hot.
    const secondTier = { blocks, ...options.fastPaths?.fusedPrograms ? { afterRows: 0 } : {} }
    this.#program = new BranchProgram(set, compiled, options.text, secondTier)
    this.#shape = terminal.kind === 'aggregate' ? new RowShape(set, aggregateLayout(terminal.aggregate)) : null
  }

  run(scope: ArenaScope, task: TaskSpec, columns: KernelColumns): BranchOutput {
    if (columns.numRows === 0) return NOTHING
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
      { text: this.#text, partitions: this.#partitions, shuffleId, order, allocate: bytes => this.#outputs.allocate(bytes) })
    this.#capacity = Math.max(CAPACITY_MIN, 2 ** Math.ceil(Math.log2(Math.max(table.count, 1))))
    table.free()
    return { ...outcomeOf(run), results: [], shuffles }
  }

  #collect(scope: ArenaScope, task: TaskSpec, columns: KernelColumns): BranchOutput {
    const { output, ...outcome } = this.isPassing ? passed(columns) : collected(this.#run(scope, task, columns))
    if (!output || output.numRows === 0) return { ...outcome, results: [], shuffles: [] }
    const block = unloadColumns(this.#set, output, this.#text)
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

/** Rows that a branch gives, with the rest of what it tells of a task. */
type Collected = ReturnType<typeof outcomeOf> & { readonly output: KernelColumns | null }

function collected(run: BranchResult): Collected {
  return { ...outcomeOf(run), output: run.output }
}

/** The rows as they came. */
function passed(output: KernelColumns): Collected {
  const { numRows } = output
  return { ...NOTHING, figures: { ...NOTHING.figures, rowsIn: numRows, rowsOut: numRows }, output }
}

function outcomeOf(
  { figures: { overflows, ...figures }, maxEventTimeMs }: BranchResult,
): Pick<BranchOutput, 'figures' | 'overflows' | 'maxEventTimeMs'> {
  return { figures: { ...figures, multiplied: 0 }, overflows, maxEventTimeMs }
}
