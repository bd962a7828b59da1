/**
 * The physical plan: stages cut at shuffles. A stage reads one kind of input, and runs one or more branches over it; a branch
 * is a linear chain of narrow steps that ends in a terminal. Stages are posted to the executor once, at start.
 * Invariants: `stages[i].stageId === i`; a stage's parents have smaller ids; unions and lateRows are gone (a union is several
 * branches that end in the same shuffle or output, ordered by `terminal.order`).
 */
import type { TextFormat } from '../data/block.js'
import type { Schema } from '../data/schema.js'
import type { Expression, NamedExpression } from './expression.js'
import type { JoinSpec, TableDescription } from './join.js'
import type { AggregateSpec, OutputMode } from './node.js'

export interface PhysicalPlan {
  readonly stages: readonly Stage[]
  readonly outputs: readonly PhysicalOutput[]
  readonly shuffles: readonly Shuffle[]
  readonly watermarks: readonly PhysicalWatermark[]
  readonly sources: readonly { readonly sourceId: number; readonly name: string }[]
  /** Tables that some stage joins with, by tableId. */
  readonly tables: readonly TableDescription[]
}

export interface PhysicalOutput {
  readonly outputId: number
  readonly name: string
  readonly schema: Schema
  readonly mode: OutputMode
  /** Why this mode: said by `explain`. */
  readonly modeReason: string
}

export interface PhysicalWatermark {
  readonly watermarkId: number
  readonly sourceIds: readonly number[]
  readonly delayMs: number
  readonly idleTimeoutMs: number | null
}

/**
 * An all-to-all dependency between stages. `keys`: by key hash, one task per partition. `gather`: all rows to one task, in
 * order.
 */
export interface Shuffle {
  readonly shuffleId: number
  readonly by: 'keys' | 'gather'
  /** Stages that write it. */
  readonly parents: readonly number[]
  /** The stage that reads it. */
  readonly child: number
}

export interface Stage {
  readonly stageId: number
  readonly input: StageInput
  readonly branches: readonly Branch[]
}

export type StageInput =
  /**
   * Blocks of a source. `schema` is the source's; `columnsRead` are the indexes in it that some branch reads (others are
   * not decoded).
   */
  | {
      readonly kind: 'source'
      readonly sourceId: number
      readonly format: 'columns' | TextFormat
      readonly schema: Schema
      readonly columnsRead: readonly number[]
    }
  /**
   * Partial groups of a keyed shuffle, merged into the state store; gives the groups that this batch emits. Has state if
   * scope is `stream`.
   */
  | {
      readonly kind: 'aggregate'
      readonly shuffleId: number
      readonly aggregate: AggregateSpec
      readonly mode: OutputMode
      readonly schema: Schema
    }
  /** Rows of a gather shuffle, in order, at most `limit`. */
  | { readonly kind: 'gather'; readonly shuffleId: number; readonly schema: Schema; readonly limit: number }

export interface Branch {
  readonly steps: readonly Step[]
  readonly terminal: Terminal
  /** What reaches the terminal. */
  readonly schema: Schema
}

/** Why a row did not pass, and the figure that counts it. */
export type DropReason = 'filtered' | 'late' | 'nullTime'

export type Step =
  | { readonly kind: 'project'; readonly columns: readonly NamedExpression[] }
  /** `reason` null: not counted (the complement is counted by another branch). */
  | { readonly kind: 'filter'; readonly predicate: Expression; readonly reason: DropReason | null }
  | { readonly kind: 'sample'; readonly fraction: number; readonly seed: number }
  /** The task's first `rows` rows; what lies beyond counts as filtered. */
  | { readonly kind: 'limit'; readonly rows: number }
  /** Reports the largest value of `time` among the rows. */
  | { readonly kind: 'watermark'; readonly watermarkId: number; readonly time: Expression }
  /** Adds the table's columns to the row, or only keeps rows by whether there is a match. Rows without one count as filtered. */
  | { readonly kind: 'join'; readonly join: JoinSpec }

export type Terminal =
  | { readonly kind: 'result'; readonly outputId: number; readonly order: number }
  /**
   * Rows are grouped and aggregated within the task; the partial groups go to `partitionOf(key)`. Its filter and window
   * steps stand before it.
   */
  | { readonly kind: 'aggregate'; readonly shuffleId: number; readonly aggregate: AggregateSpec; readonly order: number }
  | { readonly kind: 'gather'; readonly shuffleId: number; readonly order: number }

/** Whether the tasks of a stage keep state from batch to batch. */
export function isStateful(stage: Stage): boolean {
  return stage.input.kind === 'aggregate' && stage.input.aggregate.scope === 'stream'
}
