/**
 * The versions of the program's tables that batches see: which batch sees which, and which worker has which. A batch sees the
 * version that was current when it was made, however often its tasks are run again.
 * Invariant: a version is held as long as a batch in flight sees it, and posted to a worker once.
 */
import { assert } from '../base/errors.js'
import type { ColumnBlock } from '../data/block.js'
import { packBlock } from '../data/wire.js'
import type { TableContent, TableExecutor, TableVersions } from '../plan/task.js'

/** A table that the program gave and may change. */
export interface ProgramTable {
  /** The rows as they are now; `version` counts the changes. */
  current(): { readonly version: number; readonly block: ColumnBlock }
}

export interface TableTrackerOptions {
  readonly executor: TableExecutor
  /** By tableId; those in the plan. */
  readonly tables: ReadonlyMap<number, ProgramTable>
}

export class TableTracker {
  readonly #options: TableTrackerOptions
  /** By tableId: the last version and those that batches in flight see. */
  readonly #contents = new Map<number, TableContent[]>()
  readonly #batches = new Map<number, TableVersions>()
  /** By slot: the version that it has, by tableId. */
  readonly #posted = new Map<number, Map<number, number>>()

  constructor(options: TableTrackerOptions) {
    this.#options = options
  }

  /** The versions that a new batch sees. */
  capture(batchId: number): TableVersions {
    const { tables } = this.#options
    const versions = Object.fromEntries([...tables].map(([tableId, table]) => [tableId, this.#take(tableId, table)]))
    this.#batches.set(batchId, versions)
    return versions
  }

  /** Posts to a slot the versions that it lacks; if that fails it is to be told to forget the slot. */
  async provide(slot: number, versions: TableVersions | undefined): Promise<void> {
    if (!versions) return
    const posted = this.#posted.get(slot) ?? new Map<number, number>()
    this.#posted.set(slot, posted)
    const lacking = Object.entries(versions).map(([tableId, version]) => this.#contentOf(Number(tableId), version))
      .filter(({ tableId, version }) => posted.get(tableId) !== version)
    if (lacking.length === 0) return
    for (const { tableId, version } of lacking) posted.set(tableId, version)
    await this.#options.executor.putTables(slot, lacking)
  }

  /** The slot has lost what it had. */
  forget(slot: number): void {
    this.#posted.delete(slot)
  }

  /** The batch is committed: versions that only it saw are let go. */
  release(batchId: number): void {
    if (!this.#batches.delete(batchId)) return
    const seen = [...this.#batches.values()]
    for (const [tableId, contents] of this.#contents) {
      const held = contents.filter((content, i) =>
        i === contents.length - 1 || seen.some(versions => versions[tableId] === content.version))
      this.#contents.set(tableId, held)
    }
  }

  clear(): void {
    this.#batches.clear()
    this.#contents.clear()
    this.#posted.clear()
  }

  get isEmpty(): boolean {
    return this.#batches.size === 0 && this.#contents.size === 0
  }

  #take(tableId: number, table: ProgramTable): number {
    const { version, block } = table.current()
    const contents = this.#contents.get(tableId) ?? []
    this.#contents.set(tableId, contents)
    if (contents.at(-1)?.version !== version) contents.push({ tableId, version, block: this.#shareable(block) })
    return version
  }

  /** In shared memory, where workers share: then every worker reads the one copy. */
  #shareable(block: ColumnBlock): ColumnBlock {
    const isShared = this.#options.executor.capabilities.blockTransport === 'shared'
    return isShared ? packBlock(block, bytes => new SharedArrayBuffer(bytes)) : block
  }

  #contentOf(tableId: number, version: number): TableContent {
    const content = this.#contents.get(tableId)?.find(held => held.version === version)
    assert(content, `version ${version} of table ${tableId} is not held any more`)
    return content
  }
}
