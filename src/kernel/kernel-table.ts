/**
 * One version of a table in the memory of one worker: the columns that the plan reads, their text, and an index for each way in
 * which rows are found, made when it is first asked for: before tasks run.
 * Invariant: everything is in the table's own scope and ends with `free`; a task changes nothing of it.
 */
import { assert } from '../base/errors.js'
import type { ColumnBlock } from '../data/block.js'
import { validityBytes } from '../data/column.js'
import { ArenaScope } from './arena.js'
import { loadSlices, type KernelColumn, type KernelColumns } from './kernel-columns.js'
import type { KernelSet } from './kernel-set.js'
import type { KeyColumn } from './key-words.js'
import type { IndexSpec, TablePart } from './program.js'
import { TableIndex } from './table-index.js'
import { TextTable } from './text-table.js'

export class KernelTable {
  readonly version: number
  readonly #set: KernelSet
  readonly #scope: ArenaScope
  readonly #text: TextTable
  readonly #columns: KernelColumns
  readonly #indexes = new Map<string, TableIndex>()

  /** @param columns those that are read. */
  constructor(set: KernelSet, version: number, block: ColumnBlock, columns: ReadonlySet<string>) {
    this.version = version
    this.#set = set
    this.#scope = new ArenaScope(set.arena)
    this.#text = new TextTable(set)
    const read = block.schema.flatMap(({ name }, index) => columns.has(name) ? [index] : [])
    const slices = [{ block, start: 0, end: block.numRows }]
    this.#columns = loadSlices(set, this.#scope, block.schema, slices, this.#text, read)
  }

  placeOf(part: TablePart): { readonly values: number; readonly validity: number } {
    switch (part.kind) {
      case 'level': return { values: this.indexOf(part.index).levels[part.level]!, validity: 0 }
      // Nothing is left to be taken where the index has led to the values.
      case 'column': return this.indexOf(part.index).isOfValues ? { values: 0, validity: 0 } : this.#column(part.column)
      case 'text': return { values: this.#text.ptr, validity: 0 }
    }
  }

  indexOf({ keys, leadsTo }: IndexSpec): TableIndex {
    const name = JSON.stringify([leadsTo, ...keys.map(({ column, type }) => [column, type])])
    let index = this.#indexes.get(name)
    if (!index) {
      const values = leadsTo === null ? null : this.#rowColumn(leadsTo)
      const columns = keys.map(key => ({ ...key, ...this.#rowColumn(key.column) }))
      index = new TableIndex(this.#scope, this.#columns.numRows, columns, values)
      this.#indexes.set(name, index)
    }
    return index
  }

  free(): void {
    this.#scope.release()
    this.#text.free()
  }

  #column(name: string): KernelColumn {
    const index = this.#columns.schema.findIndex(field => field.name === name)
    assert(index >= 0, `a table has no column '${name}'`)
    return this.#columns.columns[index]!
  }

  /** Copies, which stay right when the memory grows. */
  #rowColumn(name: string): KeyColumn {
    const { type, values, validity } = this.#column(name)
    const { memory } = this.#set
    const { numRows } = this.#columns
    const at = (view: { slice(start: number, end: number): ArrayLike<number | bigint> }, width: number): KeyColumn['values'] =>
      view.slice(values / width, values / width + numRows)
    const bits = validity ? memory.u8.slice(validity, validity + validityBytes(numRows)) : null
    const copied = { columnType: type, validity: bits }
    switch (type) {
      case 'bool': return { ...copied, values: at(memory.u8, 1) }
      case 'i64': return { ...copied, values: at(memory.i64, 8) }
      case 'f32': return { ...copied, values: at(memory.f32, 4) }
      case 'i32': case 'utf8': return { ...copied, values: at(memory.i32, 4) }
      case 'f64': case 'timestamp': return { ...copied, values: at(memory.f64, 8) }
    }
  }
}
