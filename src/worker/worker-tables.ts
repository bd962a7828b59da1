/**
 * The tables of a worker that its tasks join with, each in one version: laid out in kernel memory when the version arrives, with
 * an index for every way in which programs find rows.
 * Invariant: a task runs only against the versions that it names.
 */
import { assert } from '../base/errors.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { KernelTable } from '../kernel/kernel-table.js'
import { rowIndex, type IndexSpec, type PlanPrograms, type TablePart } from '../kernel/program.js'
import type { TableParts } from '../kernel/program-runner.js'
import type { TableIndex } from '../kernel/table-index.js'
import type { JoinSpec } from '../plan/join.js'
import type { PhysicalPlan } from '../plan/stage.js'
import type { TableContent, TableVersions } from '../plan/task.js'
import type { CompiledPlan } from './compiled-plan.js'

export class WorkerTables implements TableParts {
  readonly #set: KernelSet
  /** By tableId: the columns that the plan reads. */
  readonly #columns: ReadonlyMap<number, ReadonlySet<string>>
  readonly #indexes: readonly (readonly [tableId: number, index: IndexSpec])[]
  readonly #tables = new Map<number, KernelTable>()

  constructor(set: KernelSet, { plan, programs }: CompiledPlan) {
    this.#set = set
    this.#columns = columnsRead(plan)
    this.#indexes = indexesOf(programs)
  }

  /** Puts a version in the place of an earlier one. */
  put({ tableId, version, block }: TableContent): void {
    const columns = this.#columns.get(tableId)
    assert(columns, `the plan joins with no table ${tableId}`)
    this.#tables.get(tableId)?.free()
    const table = new KernelTable(this.#set, version, block, columns)
    for (const [ofTable, index] of this.#indexes) if (ofTable === tableId) table.indexOf(index)
    this.#tables.set(tableId, table)
  }

  /** Checks that these are the versions that are here. */
  require(versions: TableVersions): void {
    for (const [tableId, version] of Object.entries(versions)) {
      const here = this.#tables.get(Number(tableId))?.version
      assert(here === version, `a task reads version ${version} of table ${tableId}; here is ${here ?? 'none'}`)
    }
  }

  placeOf(part: TablePart): { readonly values: number; readonly validity: number } {
    return this.#table(part.tableId).placeOf(part)
  }

  /** The index that a join finds its rows by. */
  indexOf(join: JoinSpec): TableIndex {
    return this.#table(join.table.tableId).indexOf(rowIndex(join))
  }

  free(): void {
    for (const table of this.#tables.values()) table.free()
    this.#tables.clear()
  }

  #table(tableId: number): KernelTable {
    const table = this.#tables.get(tableId)
    assert(table, `table ${tableId} has not arrived`)
    return table
  }
}

/** By tableId: the columns that the joins of a plan read. */
function columnsRead({ stages, tables }: PhysicalPlan): Map<number, ReadonlySet<string>> {
  const joins = stages.flatMap(stage => stage.branches.flatMap(({ steps }) =>
    steps.flatMap(step => step.kind === 'join' ? [step.join] : [])))
  return new Map(tables.map(({ tableId }) => {
    const own = joins.filter(({ table }) => table.tableId === tableId)
    return [tableId, new Set(own.flatMap(join => [...join.keys, ...join.columns].map(({ column }) => column)))]
  }))
}

function indexesOf(programs: PlanPrograms): (readonly [number, IndexSpec])[] {
  const parts = programs.flat().flatMap(branch => branch.parts)
  const sources = parts.flatMap(({ whole, matches }) => [whole, ...matches]).flatMap(({ registers }) => registers)
  return sources.flatMap(source => source.kind === 'table' && source.part.kind === 'level'
    ? [[source.part.tableId, source.part.index] as const] : [])
}
