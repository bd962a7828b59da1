/**
 * The tables of a worker that its tasks join with, each in one version: laid out in kernel memory when the version arrives, with
 * an index for every way in which the plan finds rows.
 * Invariant: a task runs only against the versions that it names.
 */
import { assert } from '../base/errors.js'
import type { KernelSet } from '../kernel/kernel-set.js'
import { KernelTable, type TableUse } from '../kernel/kernel-table.js'
import { tableKeys, type TablePart } from '../kernel/program.js'
import type { TableParts } from '../kernel/program-runner.js'
import type { TableIndex } from '../kernel/table-index.js'
import type { JoinSpec } from '../plan/join.js'
import type { PhysicalPlan } from '../plan/stage.js'
import type { TableContent, TableVersions } from '../plan/task.js'

export class WorkerTables implements TableParts {
  readonly #set: KernelSet
  readonly #uses: ReadonlyMap<number, TableUse>
  readonly #tables = new Map<number, KernelTable>()

  constructor(set: KernelSet, plan: PhysicalPlan) {
    this.#set = set
    this.#uses = tableUses(plan)
  }

  /** Puts a version in the place of an earlier one. */
  put({ tableId, version, block }: TableContent): void {
    const use = this.#uses.get(tableId)
    assert(use, `the plan joins with no table ${tableId}`)
    this.#tables.get(tableId)?.free()
    this.#tables.set(tableId, new KernelTable(this.#set, version, block, use))
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
    return this.#table(join.table.tableId).indexOf(tableKeys(join))
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

/** What the joins of a plan read of each table. */
function tableUses({ stages, tables }: PhysicalPlan): Map<number, TableUse> {
  const joins = stages.flatMap(stage => stage.branches.flatMap(({ steps }) =>
    steps.flatMap(step => step.kind === 'join' ? [step.join] : [])))
  return new Map(tables.map(({ tableId }) => {
    const own = joins.filter(({ table }) => table.tableId === tableId)
    const columns = own.flatMap(join => [...join.keys, ...join.columns].map(({ column }) => column))
    return [tableId, { columns: new Set(columns), indexes: own.map(tableKeys) }]
  }))
}
