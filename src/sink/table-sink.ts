/**
 * The sink behind `toTable(name)`: the result as it stands, to be asked at any time.
 * Invariant: it changes between batches only; append adds rows, update puts them by their keys, complete replaces all.
 */
import type { Batch } from '../data/batch.js'
import { OncePerBatch } from './once-per-batch.js'
import type { BatchInfo, Sink } from './sink.js'

export interface TableOptions {
  readonly name: string
  /**
   * Names of the key columns, in order, as rows have them (a window is one); null: the rows have no keys, and updates are
   * added.
   */
  readonly keys: readonly string[] | null
  /** Rows kept at most; the oldest go first. Default 100,000. */
  readonly rowsMax?: number
}

/** What changed, for `onChange`. */
export interface TableChange<Row> extends BatchInfo {
  readonly batch: Batch<Row>
}

/** A queryable snapshot of a stream's result. */
export interface Table<Row> extends Iterable<Row> {
  readonly name: string
  readonly size: number
  /** Id of the last batch that went in; −1 before the first. */
  readonly batchId: number
  /** All rows, in the order in which they (or their keys) first came. A fresh array. */
  rows(): Row[]
  /** The row of a key, given as the values of the key columns in order; undefined when there is none. */
  get(...key: readonly unknown[]): Row | undefined
  /** Values of one column, in the order of `rows()`. A fresh array. */
  column<C extends keyof Row & string>(name: C): Row[C][]
  /** Calls `listener` after each batch that had rows, or replaced all; returns the function that ends this. */
  onChange(listener: (table: Table<Row>, change: TableChange<Row>) => void): () => void
}

const TABLE_ROWS_MAX = 100_000

/** A table and the sink that fills it. */
export class TableSink<Row> implements Sink<Row>, Table<Row> {
  readonly name: string
  readonly #keys: readonly string[] | null
  readonly #rowsMax: number
  readonly #once = new OncePerBatch()
  readonly #listeners = new Set<(table: Table<Row>, change: TableChange<Row>) => void>()
  /** By key; rows without keys by their number. */
  #rows = new Map<string | number, Row>()
  #rowNumber = 0
  #batchId = -1

  constructor({ name, keys, rowsMax = TABLE_ROWS_MAX }: TableOptions) {
    this.name = name
    this.#keys = keys
    this.#rowsMax = rowsMax
  }

  get size(): number {
    return this.#rows.size
  }

  get batchId(): number {
    return this.#batchId
  }

  write(batch: Batch<Row>, info: BatchInfo): void {
    if (this.#once.isTaken(info)) return
    if (info.mode === 'complete') this.#rows = new Map()
    for (const row of batch) this.#rows.set(info.mode === 'append' ? this.#rowNumber++ : this.#keyOf(row), row)
    this.#dropOldest()
    this.#once.take(info)
    this.#batchId = info.batchId
    if (batch.numRows === 0 && info.mode !== 'complete') return
    for (const listener of [...this.#listeners]) listener(this, { ...info, batch })
  }

  rows(): Row[] {
    return [...this.#rows.values()]
  }

  [Symbol.iterator](): Iterator<Row> {
    return this.#rows.values()
  }

  get(...key: readonly unknown[]): Row | undefined {
    const text = keyText(key)
    return this.#rows.get(text) ?? this.#findAppended(text)
  }

  column<C extends keyof Row & string>(name: C): Row[C][] {
    return this.rows().map(row => row[name])
  }

  onChange(listener: (table: Table<Row>, change: TableChange<Row>) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #keyOf(row: Row): string | number {
    return this.#keys === null ? this.#rowNumber++ : keyText(this.#keys.map(name => (row as Record<string, unknown>)[name]))
  }

  /** Appended rows are not kept by key; a key may come more than once, and its last row counts. */
  #findAppended(text: string): Row | undefined {
    if (this.#keys === null) return undefined
    const keys = this.#keys
    return this.rows().findLast(row => keyText(keys.map(name => (row as Record<string, unknown>)[name])) === text)
  }

  #dropOldest(): void {
    const excess = this.#rows.size - this.#rowsMax
    if (excess <= 0) return
    const keys = this.#rows.keys()
    for (let i = 0; i < excess; i++) this.#rows.delete(keys.next().value!)
  }
}

/** Equal for equal keys: NaN equals NaN, −0 equals 0, null only null; a window counts by its two ends. */
function keyText(key: readonly unknown[]): string {
  return key.map(value => {
    if (typeof value === 'string') return JSON.stringify(value)
    if (typeof value === 'bigint') return `${value}n`
    if (value === undefined || value === null) return 'null'
    if (typeof value === 'object') return `[${(value as { start: number }).start},${(value as { end: number }).end})`
    return `${value as number | boolean}`
  }).join(',')
}
