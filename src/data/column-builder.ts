/**
 * The inside of the block builder: what takes the values of one column, each into its place in the open block. Values are
 * appended column by column, so that each loop sees one type.
 * Invariant: a bad value leaves a null in its place and is reported; the caller then takes the rows back by `truncate` and
 * appends the good ones.
 */
import type { HeldMemory } from './block-memory.js'
import type { Column } from './column.js'
import type { Field } from './schema.js'

/** Called for each value that is not of the column's type; `index` counts from the first value of the append. */
export type OnBadValue = (index: number, reason: string) => void

export type Rows = readonly Readonly<Record<string, unknown>>[]

/** Values of a column with their parts apart; row i of coded text is `dictionary[values[i]]`. */
export interface CheckedInput {
  readonly values: ArrayLike<unknown>
  readonly validity: Uint8Array | null
  readonly dictionary: readonly string[] | null
}

/** Takes values of a column, whether they are kept or only looked at. */
export interface ColumnTaker {
  readonly field: Field
  /** Takes its value of each row of `[start, end)`, from row `at` of the block on; null, undefined and missing keys are nulls. */
  appendRows(rows: Rows, start: number, end: number, at: number, onBad: OnBadValue): void
  /**
   * Takes `values[start … end)`; a null bit in the validity (whose bit i belongs to `values[i]`) is a null whatever the value.
   */
  appendValues(input: CheckedInput, start: number, end: number, at: number, onBad: OnBadValue): void
}

/** Where a column of a block lies in the block's memory. */
export interface ColumnRoom {
  readonly capacity: number
  readonly buffer: ArrayBufferLike
  readonly valuesOffset: number
  readonly validityOffset: number
}

export interface ColumnBuilder extends ColumnTaker {
  /** Bytes of the strings that the open block has brought; 0 for other types. */
  readonly textBytes: number
  /** Begins a block. */
  open(room: ColumnRoom): void
  /** Takes back the last values down to `length`. */
  truncate(length: number): void
  /**
   * The column of the block's `numRows` rows; the builder is done with its memory.
   * @param holds gets what else must be held as long as somebody reads the block
   */
  seal(numRows: number, holds: HeldMemory[]): Column
}
