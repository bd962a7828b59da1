/**
 * Sliding windows by two stacks: panes lie in stretches as long as a window; a window is the end of one stretch, merged from the
 * stretch's last pane backwards, and the beginning of the next one, merged forwards. Both are kept from window to window, so a
 * window costs a few merges of its groups however many panes it has (Tangwongsan, Hirzel, Schneider 2015). Of the ends that
 * the next windows do not need yet one in √panes is kept, from which those before it are merged again when their turn comes:
 * one merge more for a window, and no border of a stretch at which memory doubles.
 * Invariant: what comes out depends on the panes alone, not on what was kept: every window merges its panes in the same nesting.
 * Windows are asked for in ascending order.
 */
import type { KernelSet } from '../kernel/kernel-set.js'
import type { RowShape } from '../kernel/row-shape.js'
import { RowTable, type RowList } from '../kernel/row-table.js'
import type { TextTable } from '../kernel/text-table.js'
import { lowerBound, type PaneGrid } from './pane-grid.js'

/** Panes by number, ascending, and the rows of them that count. */
export interface NumberedPanes {
  readonly numbers: readonly number[]
  readonly tables: readonly RowTable[]
  readonly rowsOf: (table: RowTable) => RowList
}

/** A pane merged with all that follow it in its stretch. */
interface Suffix {
  readonly pane: number
  readonly table: RowTable
}

export class WindowStacks {
  readonly #set: KernelSet
  readonly #shape: RowShape
  readonly #text: TextTable
  readonly #grid: PaneGrid
  /** So many suffixes are kept for the next windows, and of the others one in so many panes. */
  readonly #span: number
  /** The pane where the stretch of the suffixes ends and that of the prefix begins. */
  #border = NaN
  /** Panes descend: the last one is the next to be used. */
  readonly #suffixes: Suffix[] = []
  #prefix: RowTable | null = null
  /** Panes up to here are in the prefix. */
  #prefixEnd = NaN

  constructor(set: KernelSet, shape: RowShape, text: TextTable, grid: PaneGrid) {
    this.#set = set
    this.#shape = shape
    this.#text = text
    this.#grid = grid
    this.#span = Math.ceil(Math.sqrt(grid.width))
  }

  /** Bytes of kernel memory that it holds. */
  get usedBytes(): number {
    return this.#suffixes.reduce((bytes, { table }) => bytes + table.usedBytes, this.#prefix?.usedBytes ?? 0)
  }

  /** Rows were merged into a pane: what was made of it before is forgotten. */
  changed(pane: number): void {
    if (pane < this.#border) while (this.#suffixes.length > 0 && this.#suffixes.at(-1)!.pane <= pane) this.#pop()
    else if (pane < this.#prefixEnd) this.#startPrefix()
  }

  /** The groups of window k, of which at least one pane has rows, in a table that is the caller's to free. */
  window(k: number, panes: NumberedPanes): RowTable {
    const { width, step } = this.#grid
    const first = k * step
    const border = (Math.floor(first / width) + 1) * width
    if (border !== this.#border) {
      this.clear()
      this.#border = border
      this.#startPrefix()
    }
    while (this.#suffixes.length > 0 && this.#suffixes.at(-1)!.pane < first) this.#pop()
    this.#extendSuffixes(first, panes)
    this.#extendPrefix(first + width, panes)
    const suffix = this.#suffixes.at(-1)
    const isUsedAgain = suffix !== undefined && suffix.pane >= first + step
    const table = suffix && !isUsedAgain ? this.#suffixes.pop()!.table : this.#table((suffix?.table ?? this.#prefix)!.count)
    if (suffix && isUsedAgain) this.#merge(table, suffix.table)
    if (this.#prefix) this.#merge(table, this.#prefix)
    return table
  }

  /** Forgets everything. */
  clear(): void {
    while (this.#suffixes.length > 0) this.#pop()
    this.#prefix?.free()
    this.#prefix = null
    this.#border = NaN
  }

  #pop(): void {
    this.#suffixes.pop()!.table.free()
  }

  #startPrefix(): void {
    this.#prefix?.free()
    this.#prefix = null
    this.#prefixEnd = this.#border
  }

  /** Merges backwards from the suffix that is used last of all kept ones, down to the one that begins at `first`. */
  #extendSuffixes(first: number, { numbers, tables, rowsOf }: NumberedPanes): void {
    const next = this.#suffixes.at(-1)
    let later = next?.table
    const low = lowerBound(numbers, first)
    for (let i = lowerBound(numbers, next?.pane ?? this.#border) - 1; i >= low; i--) {
      const pane = numbers[i]!
      const list = rowsOf(tables[i]!)
      const table = this.#table(Math.max(list.count, later?.count ?? 0))
      this.#merge(table, tables[i]!, list)
      if (later) this.#merge(table, later)
      if (later !== this.#suffixes.at(-1)?.table) later!.free()
      later = table
      if (i === low || pane < first + this.#span || pane % this.#span === 0) this.#suffixes.push({ pane, table })
    }
  }

  #extendPrefix(end: number, { numbers, tables, rowsOf }: NumberedPanes): void {
    for (let i = lowerBound(numbers, this.#prefixEnd); i < numbers.length && numbers[i]! < end; i++) {
      const list = rowsOf(tables[i]!)
      this.#prefix ??= this.#table(list.count)
      this.#merge(this.#prefix, tables[i]!, list)
    }
    this.#prefixEnd = end
  }

  #table(rows: number): RowTable {
    return new RowTable(this.#set, this.#shape, this.#text, NaN, rows)
  }

  #merge(to: RowTable, from: RowTable, { numbers, count } = from.all()): void {
    this.#set.kernels.mergeTable(to.ptr, this.#shape.ptr, from.ptr, numbers, count)
  }
}
