/**
 * A program: what a branch of a stage compiles to. Frozen plain data; the runner lays it out in kernel memory, `program-text`
 * prints it. Invariants: registers [0, inputSchema.length) are the input columns in order; a temporary is written before it is
 * read in every vector.
 */
import type { ColumnType, Schema } from '../data/schema.js'
import type { LiteralValue, ParameterName } from '../plan/expression.js'
import type { JoinSpec } from '../plan/join.js'

/**
 * One vector of values. In a builder `id` counts values, in a program it is the index of the register that holds the value then.
 */
export interface Register {
  readonly id: number
  readonly type: ColumnType
}

/** A register, or a plain number in [0, 65535]. */
export type Operand = Register | number

/** See assembly/portable/opcodes.ts; at most six operands, those left out are 0. */
export interface Instruction {
  readonly op: number
  readonly dst: Operand
  readonly operands: readonly Operand[]
}

/** Where a register's content comes from. */
export type RegisterSource =
  | { readonly kind: 'input'; readonly type: ColumnType; readonly name: string }
  /** Filled once; text once per task, since a task has its own text table. */
  | { readonly kind: 'constant'; readonly type: ColumnType; readonly value: LiteralValue }
  /** A watermark, filled once per task. */
  | { readonly kind: 'parameter'; readonly type: 'timestamp'; readonly name: ParameterName; readonly operatorId: number }
  /** An i32 made of the seed and the task's batchId. */
  | { readonly kind: 'sampleKey'; readonly type: 'i32'; readonly seed: number }
  /** Bytes of the instruction's own, cleared when a task begins; `f64` is stored in the first eight then. */
  | { readonly kind: 'buffer'; readonly type: ColumnType; readonly bytes: number; readonly f64: number }
  /** Something of a table that the branch joins with, as the task's version has it: set once per task. */
  | { readonly kind: 'table'; readonly type: ColumnType; readonly part: TablePart }
  | { readonly kind: 'temporary'; readonly type: ColumnType }

/**
 * Something of a table in kernel memory: a level of one of its indexes, a column as an index leads to it, or the text table of
 * its text columns.
 */
export type TablePart =
  | { readonly kind: 'level'; readonly tableId: number; readonly index: IndexSpec; readonly level: number }
  | { readonly kind: 'column'; readonly tableId: number; readonly index: IndexSpec; readonly column: string }
  | { readonly kind: 'text'; readonly tableId: number }

/** A column of a table that rows are found by, and the type of the values that it is compared with. */
export interface TableKey {
  readonly column: string
  readonly type: ColumnType
}

/** A way to find rows; or, where only one of their columns is wanted and the version allows it, that column's values. */
export interface IndexSpec {
  readonly keys: readonly TableKey[]
  /** Null: rows. */
  readonly leadsTo: string | null
}

export interface Program {
  readonly inputSchema: Schema
  readonly registers: readonly RegisterSource[]
  readonly instructions: readonly Instruction[]
  /** Columns that `collect` appends to; empty when the branch ends in a group table. */
  readonly outputSchema: Schema
  /** watermarkId by slot of the largest event times. */
  readonly watermarkIds: readonly number[]
}

/** A branch ready to run. */
export type CompiledBranch = Program

/** Instructions [first, end) of a program as a module of WebAssembly; made by `fused/`. */
export interface ProgramBlock {
  readonly first: number
  readonly end: number
  /** Instructions behind them, GROUP_ALL and sums, that the module can do too. */
  readonly sums: number
  readonly module: Uint8Array<ArrayBuffer>
}

/** What of a branch begins at its input, or behind a join that has multiplied rows. */
export interface BranchPart {
  /** All of it, for tables in which no key repeats. */
  readonly whole: CompiledBranch
  /** Up to each of the multiplying joins that follow; behind it the join's own part goes on. */
  readonly matches: readonly CompiledBranch[]
}

/** Everything that a branch may run. */
export interface BranchPrograms {
  /** The joins that may multiply rows, in the order of the steps. */
  readonly joins: readonly JoinSpec[]
  /** From the input, then from behind each of the joins. */
  readonly parts: readonly BranchPart[]
  /** Of the first part's whole program; none where nobody can call them. */
  readonly blocks: readonly ProgramBlock[]
}

/** By stageId and index of the branch. */
export type PlanPrograms = readonly (readonly BranchPrograms[])[]

/** How the rows of a join's table are found. */
export function rowIndex({ keys }: JoinSpec): IndexSpec {
  return { keys: keys.map(({ column, value }) => ({ column, type: value.type })), leadsTo: null }
}
