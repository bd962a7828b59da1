/**
 * Logical plan nodes: what the typed builders of `stream/` make, one frozen node per verb, and what the optimizer rewrites.
 * A plan is a DAG with sources as leaves and outputs as roots. Every verb that only computes or renames columns is a `project`.
 * Invariant: a node is plain data; `schema` is what it gives; `nodeId` is unique in its context and counts up in program order.
 */
import type { TextFormat } from '../data/block.js'
import type { OutputMode } from '../data/output-mode.js'
import type { Schema } from '../data/schema.js'
import type { AggregateCall, Expression, NamedExpression } from './expression.js'
import type { JoinSpec } from './join.js'

export type { OutputMode }

interface NodeBase {
  readonly nodeId: number
  readonly schema: Schema
}

/** A source's rows. `format` says whether its blocks hold columns or text that the workers decode. */
export interface SourceNode extends NodeBase {
  readonly kind: 'source'
  readonly sourceId: number
  /** What `explain` and errors call it, such as `webSocket(wss://plant.example/readings)`. */
  readonly name: string
  readonly format: 'columns' | TextFormat
}

/** Exactly the listed columns: map, select, with, drop and rename. */
export interface ProjectNode extends NodeBase {
  readonly kind: 'project'
  readonly input: PlanNode
  readonly columns: readonly NamedExpression[]
}

/** Rows whose predicate is true; null is not true. */
export interface FilterNode extends NodeBase {
  readonly kind: 'filter'
  readonly input: PlanNode
  readonly predicate: Expression
}

/** Rows of all inputs, which have equal schemas, in the order of the inputs within each batch. */
export interface UnionNode extends NodeBase {
  readonly kind: 'union'
  readonly inputs: readonly PlanNode[]
}

/**
 * Each row with probability `fraction`, decided by a hash of (seed, batchId, the row's ordinal in the task): the same rows
 * on a re-run.
 */
export interface SampleNode extends NodeBase {
  readonly kind: 'sample'
  readonly input: PlanNode
  readonly fraction: number
  readonly seed: number
}

/** The first `rows` rows of each batch. */
export interface LimitNode extends NodeBase {
  readonly kind: 'limit'
  readonly input: PlanNode
  readonly rows: number
}

/** Declares `column` (a timestamp) as event time, its watermark being the largest value seen less `delayMs`. */
export interface WatermarkNode extends NodeBase {
  readonly kind: 'watermark'
  readonly input: PlanNode
  readonly watermarkId: number
  readonly column: string
  readonly delayMs: number
  readonly idleTimeoutMs: number | null
}

/** Windows `[start, start + sizeMs)` with `start = offsetMs + n · slideMs`; tumbling when slide = size. 0 < slideMs ≤ sizeMs. */
export interface WindowSpec {
  /** The user's name of the window key; the columns are `${name}.start` and `${name}.end`. */
  readonly name: string
  readonly time: Expression
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs: number
}

/**
 * The aggregation itself, shared by its node, its two physical halves and its state. Its schema is the keys in the order the user
 * wrote them, a window among them as two columns, then the aggregates.
 */
export interface AggregateSpec {
  readonly operatorId: number
  /** Keys other than the window. */
  readonly keys: readonly NamedExpression[]
  readonly window: WindowSpec | null
  readonly aggregates: readonly AggregateCall[]
  /**
   * `stream`: over all batches, kept in the state store. `batch`: each batch by itself (reduceByKey, countByKey,
   * countByValue).
   */
  readonly scope: 'stream' | 'batch'
  readonly outputSchema: Schema
  /** Watermarks that close its windows, the smallest counting; empty = none. */
  readonly watermarkIds: readonly number[]
  /**
   * Taken off that watermark for this operator: by how much the time column lags behind it (window starts of an earlier
   * aggregation).
   */
  readonly watermarkLagMs: number
}

export interface AggregateNode extends NodeBase {
  readonly kind: 'aggregate'
  readonly input: PlanNode
  readonly aggregate: AggregateSpec
}

/** The rows that `input` dropped because they came too late, with the schema of `input.input`. */
export interface LateRowsNode extends NodeBase {
  readonly kind: 'lateRows'
  readonly input: AggregateNode
}

/** Rows of the input with columns of the table's rows whose keys match theirs. */
export interface JoinNode extends NodeBase {
  readonly kind: 'join'
  readonly input: PlanNode
  readonly join: JoinSpec
}

export type PlanNode =
  | SourceNode | ProjectNode | FilterNode | UnionNode | SampleNode | LimitNode | WatermarkNode | JoinNode | AggregateNode
  | LateRowsNode

/** A root of the plan: what goes to one sink. */
export interface Output {
  readonly outputId: number
  readonly name: string
  readonly node: PlanNode
  /** As the user asked, or null: append where the plan can, else update. */
  readonly mode: OutputMode | null
}
