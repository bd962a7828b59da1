/**
 * `Stream`: what users build pipelines of. Every verb makes a new stream over a new plan node; nothing runs without an output.
 * On the data path: source → these verbs → plan nodes → stages.
 * Invariant: a stream is immutable, and a wrong verb throws when it is called, not when the pipeline runs.
 */
import { toMs, type Duration } from '../base/duration.js'
import { quoteNames } from '../base/errors.js'
import { invalid, invalidOption } from '../plan/invalid.js'
import type { Batch } from '../data/batch.js'
import type { Schema } from '../data/schema.js'
import { aggregateCallOf } from '../plan/aggregate-table.js'
import { explainOutputs } from '../plan/explain.js'
import type { AggregateCall, NamedExpression } from '../plan/expression.js'
import { canBeLate } from '../plan/lateness.js'
import type { AggregateNode, Output, OutputMode, PlanNode } from '../plan/node.js'
import { batchFunctionSink, rowFunctionSink } from '../sink/function-sink.js'
import { IteratorSink } from '../sink/iterator-sink.js'
import { readableStreamSink } from '../sink/readable-sink.js'
import type { BatchInfo, Sink } from '../sink/sink.js'
import { TableSink, type Table } from '../sink/table-sink.js'
import type { Source, SourceSchema } from '../source/source.js'
import { aggregateNode, NO_KEYS, regroupedWindow } from './grouping.js'
import { GroupedStream } from './grouped-stream.js'
import type { Pipeline } from './pipeline.js'
import { planJoin, type JoinColumns, type JoinRequest, type PairsLambda } from './join.js'
import { tableOf, type LookupTable } from './lookup-table.js'
import { resultKeys } from './result-keys.js'
import {
  aggregateListOf, checkedSchema, columnListOf, columnNames, columnOf, conditionOf, keyListOf, requireColumn,
  type ColumnList, type KeyList, type RegroupWindow,
} from './typed-row.js'
import type {
  Aggregates, Columns, Fields, FieldsOf, FieldsOfSchema, Flat, Joined, Keys, Merged, Renamed, RowOf, TimestampName,
} from './types.js'
import type { BoolExpr, NumberExpr } from './expressions.js'

/** How an output gives its rows. */
export interface OutputOptions {
  /**
   * `append`: each row once, final; `update`: rows that changed in the batch; `complete`: all rows. Default: append where the
   * plan can, else update.
   */
  readonly mode?: OutputMode
}

export class Stream<F extends Fields> {
  readonly #pipeline: Pipeline
  readonly #node: PlanNode

  /** @internal Streams come from `context.source` and from verbs. */
  constructor(pipeline: Pipeline, node: PlanNode) {
    this.#pipeline = pipeline
    this.#node = node
  }

  /** @internal */
  static nodeOf<F extends Fields>(stream: Stream<F>): PlanNode {
    return stream.#node
  }

  /** Its columns, as `explain` and batches have them: a window is two. */
  get schema(): Schema {
    return this.#node.schema
  }

  // ── project ──

  /** Exactly the columns that the lambda returns. */
  map<O extends Columns>(lambda: (row: F) => O): Stream<FieldsOf<O>> {
    return this.#project(columnListOf(this.schema, 'map', lambda))
  }

  /** These columns, in this order. */
  select<C extends keyof F & string>(...names: readonly [C, ...C[]]): Stream<Flat<Pick<F, C>>> {
    const fields = names.flatMap(name => requireColumn(this.schema, name, 'select'))
    return this.#project({ columns: fields.map(passed), schema: checkedSchema(fields, 'select') })
  }

  /** All columns, and those that the lambda returns: new ones last, ones of the same name in place. */
  with<O extends Columns>(lambda: (row: F) => O): Stream<Merged<F, O>> {
    const added = columnListOf(this.schema, 'with', lambda)
    return this.#project(merged(this.schema, added))
  }

  /** All columns but these. */
  drop<C extends keyof F & string>(...names: readonly [C, ...C[]]): Stream<Flat<Omit<F, C>>> {
    const dropped = names.flatMap(name => requireColumn(this.schema, name, 'drop'))
    const fields = this.schema.filter(field => !dropped.includes(field))
    if (fields.length === 0) throw invalid(`drop: no column would be left of ${quoteNames(columnNames(this.schema))}.`)
    return this.#project({ columns: fields.map(passed), schema: fields })
  }

  /** All columns, some under another name: `rename({ old: 'new' })`. */
  rename<const M extends { readonly [C in keyof F & string]?: string }>(names: M): Stream<Renamed<F, M>> {
    return this.#project(renamed(this.schema, names))
  }

  // ── rows ──

  /** Rows for which the condition is true; null is not true. */
  filter(lambda: (row: F) => BoolExpr): Stream<F> {
    return this.#filter('filter', lambda)
  }

  /** Another name of `filter`. */
  where(lambda: (row: F) => BoolExpr): Stream<F> {
    return this.#filter('where', lambda)
  }

  /** Rows of both, which have the same columns; within a batch those of this stream first. */
  union(other: Stream<F>, ...others: readonly Stream<F>[]): Stream<F> {
    const inputs = [this, other, ...others].map(stream => this.#unionInput(stream))
    return this.#next(this.#pipeline.node('union', { inputs: Object.freeze(inputs), schema: this.schema }))
  }

  /** Each row with probability `fraction`; the same seed picks the same rows of the same data. */
  sample(fraction: number, { seed = 0 }: { readonly seed?: number } = {}): Stream<F> {
    if (!(fraction >= 0 && fraction <= 1)) throw invalidOption(`sample: fraction must be from 0 to 1, not ${fraction}.`)
    if (!Number.isSafeInteger(seed)) throw invalidOption(`sample: seed must be a whole number, not ${seed}.`)
    return this.#next(this.#pipeline.node('sample', { input: this.#node, fraction, seed, schema: this.schema }))
  }

  /** The first `rows` rows of each batch. */
  limit(rows: number): Stream<F> {
    if (!Number.isSafeInteger(rows) || rows < 0) throw invalidOption(`limit: rows must be a whole number from 0, not ${rows}.`)
    return this.#next(this.#pipeline.node('limit', { input: this.#node, rows, schema: this.schema }))
  }

  // ── join ──

  /**
   * Each row with the columns of the table's rows that it meets: those that have the same values in the columns `on`, of one name
   * on both sides or as pairs `(row, t) => [[row.ad, t.id]]`. Null meets nothing. `type`: 'inner' (default) leaves out rows that
   * meet none; 'left' keeps them, with nulls; 'semi' and 'anti' only keep rows that meet one, or none. All columns of both, those
   * of names `on` once; a name that is taken gets `_right`; or what `select: (row, t) => ({ … })` makes of both.
   */
  join<G extends Fields, O extends Columns>(
    table: LookupTable<G>,
    options: { readonly on: JoinColumns<F, G>; readonly type?: 'inner' | 'left'; readonly select: (row: F, tableRow: G) => O }
  ): Stream<FieldsOf<O>>
  join<G extends Fields, const On extends keyof F & keyof G & string>(
    table: LookupTable<G>, options: { readonly on: readonly [On, ...On[]]; readonly type?: 'inner' | 'left' }
  ): Stream<Joined<F, G, On>>
  join<G extends Fields>(
    table: LookupTable<G>, options: { readonly on: PairsLambda<F, G>; readonly type?: 'inner' | 'left' }
  ): Stream<Joined<F, G, never>>
  join<G extends Fields>(
    table: LookupTable<G>, options: { readonly on: JoinColumns<F, G>; readonly type: 'semi' | 'anti' }
  ): Stream<F>
  join(table: LookupTable<Fields>, request: JoinRequest): unknown {
    const { join, schema, selected } = planJoin(this.schema, tableOf(table, this.#pipeline), request)
    const joined = this.#next(this.#pipeline.node('join', { input: this.#node, join, schema }))
    return selected ? joined.#project(selected) : joined
  }

  // ── event time ──

  /**
   * Declares a timestamp column as event time: no more rows older than its largest value less `delay` are expected.
   * `idleTimeout`: a source that gave nothing for so long no longer holds the watermark back.
   */
  withWatermark(column: TimestampName<F>, delay: Duration, { idleTimeout }: { readonly idleTimeout?: Duration } = {}): Stream<F> {
    const [field] = requireColumn(this.schema, column, 'withWatermark')
    if (field!.type !== 'timestamp' || field!.part) {
      throw invalid(
        `withWatermark: column '${column}' is ${field!.part ? 'a window' : field!.type}; event time is a timestamp column.`
      )
    }
    return this.#next(this.#pipeline.node('watermark', {
      input: this.#node,
      schema: this.schema,
      watermarkId: this.#pipeline.nextWatermarkId(),
      column,
      delayMs: toMs(delay, 'withWatermark: delay'),
      idleTimeoutMs: idleTimeout === undefined ? null : toMs(idleTimeout, 'withWatermark: idleTimeout'),
    }))
  }

  // ── aggregate ──

  /** Groups by the keys that the lambda returns, `tumbling(…)` or `sliding(…)` among them for windows. */
  groupBy<K extends Keys>(lambda: (row: F) => K): GroupedStream<F, K> {
    return new GroupedStream<F, K>(
      this.#pipeline, this.#node, this.#keys('groupBy', lambda), node => new AggregatedStream(this.#pipeline, node)
    )
  }

  /** One row: aggregates over the whole stream so far. */
  aggregate<A extends Aggregates>(lambda: (row: F) => A): AggregatedStream<FieldsOf<A>, F> {
    return this.#aggregated('aggregate', 'stream', NO_KEYS, lambda)
  }

  /** Aggregates per key, over each batch by itself. */
  reduceByKey<K extends Keys, A extends Aggregates>(
    keys: (row: F) => K, aggregates: (row: F) => A
  ): AggregatedStream<Flat<FieldsOf<K> & FieldsOf<A>>, F> {
    return this.#aggregated('reduceByKey', 'batch', this.#keys('reduceByKey', keys), aggregates)
  }

  /** Rows per key, in column `count`, over each batch by itself. */
  countByKey<K extends Keys>(keys: (row: F) => K): AggregatedStream<Flat<FieldsOf<K> & { readonly count: NumberExpr }>, F> {
    return this.#counted('countByKey', this.#keys('countByKey', keys))
  }

  /** How often each distinct row occurs, in column `count`, over each batch by itself. */
  countByValue(): AggregatedStream<Flat<F & { readonly count: NumberExpr }>, F> {
    return this.#counted('countByValue', { keys: Object.freeze(this.schema.map(passed)), window: null, schema: this.schema })
  }

  // ── outputs ──

  /**
   * Gives every batch of results to a sink.
   * @throws MillraceError INVALID_PIPELINE when the plan cannot run in the mode, INVALID_STATE after start; so do all outputs.
   */
  to(sink: Sink<RowOf<F>>, { mode }: OutputOptions = {}): void {
    this.#pipeline.addOutput(this.#node, sink as Sink, modeOf(mode))
  }

  /**
   * Calls the function with each batch that has rows; a promise that it returns is awaited before the batch counts.
   * @example
   * stream.forEachBatch((batch, { batchId }) => { for (const row of batch) chart.add(row.sensor, row.mean) })
   */
  forEachBatch(onBatch: (batch: Batch<RowOf<F>>, info: BatchInfo) => unknown, options: OutputOptions = {}): void {
    this.to(batchFunctionSink(requireFunction(onBatch, 'forEachBatch')), options)
  }

  /** Calls the function with each row, one after the other; a promise that it returns is awaited before the next. */
  forEachRow(onRow: (row: RowOf<F>, info: BatchInfo) => unknown, options: OutputOptions = {}): void {
    this.to(rowFunctionSink(requireFunction(onRow, 'forEachRow')), options)
  }

  /** The result as it stands, to be asked at any time: updated rows are put by the keys of the aggregation. */
  toTable(name: string, { rowsMax, ...options }: OutputOptions & { readonly rowsMax?: number } = {}): Table<RowOf<F>> {
    if (typeof name !== 'string' || name === '') throw invalidOption('toTable takes a name first.')
    const isTaken = this.#pipeline.outputs.some(({ sink }) => sink instanceof TableSink && sink.name === name)
    if (isTaken) throw invalid(`toTable: there is a table '${name}' already.`)
    const table = new TableSink<RowOf<F>>({ name, keys: resultKeys(this.#node), ...(rowsMax === undefined ? {} : { rowsMax }) })
    this.to(table, options)
    return table
  }

  /** Batches as a web stream; the engine waits when it is not read. */
  toReadableStream(options: OutputOptions = {}): ReadableStream<Batch<RowOf<F>>> {
    const { sink, stream } = readableStreamSink<RowOf<F>>()
    this.to(sink, options)
    return stream
  }

  /** Batches for `for await`; the loop must be entered before the context starts, and the engine waits for it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Batch<RowOf<F>>> {
    const sink = new IteratorSink<RowOf<F>>()
    this.to(sink)
    return sink
  }

  /**
   * The plan of this stream as text: as written, as optimized, and its stages with their programs.
   * @throws MillraceError INVALID_PIPELINE when the plan cannot run in the mode.
   */
  explain({ mode }: OutputOptions = {}): string {
    const output: Output = { outputId: 0, name: 'explain()', node: this.#node, mode: modeOf(mode) }
    return explainOutputs([output], this.#pipeline.describePrograms)
  }

  #next<O extends Fields>(node: PlanNode): Stream<O> {
    return new Stream<O>(this.#pipeline, node)
  }

  #project<O extends Fields>({ columns, schema }: ColumnList): Stream<O> {
    return this.#next(this.#pipeline.node('project', { input: this.#node, columns: Object.freeze(columns), schema }))
  }

  #filter(verb: string, lambda: (row: F) => BoolExpr): Stream<F> {
    const predicate = conditionOf(this.schema, verb, lambda)
    return this.#next(this.#pipeline.node('filter', { input: this.#node, predicate, schema: this.schema }))
  }

  #keys(verb: string, lambda: (row: F) => unknown): KeyList {
    const regroup: RegroupWindow = verb === 'groupBy' ? (name, start) => regroupedWindow(this.#node, name, start) : () => null
    return keyListOf(this.schema, verb, lambda, regroup)
  }

  #aggregated<O extends Fields>(
    verb: string, scope: 'stream' | 'batch', keys: KeyList, lambda: (row: F) => Aggregates
  ): AggregatedStream<O, F> {
    return this.#aggregatedBy(verb, scope, keys, aggregateListOf(this.schema, verb, lambda))
  }

  #aggregatedBy<O extends Fields>(
    verb: string, scope: 'stream' | 'batch', keys: KeyList, aggregates: readonly AggregateCall[],
  ): AggregatedStream<O, F> {
    const node = aggregateNode({ pipeline: this.#pipeline, input: this.#node, verb, scope, keys, aggregates })
    return new AggregatedStream(this.#pipeline, node)
  }

  #counted<O extends Fields>(verb: string, keys: KeyList): AggregatedStream<O, F> {
    return this.#aggregatedBy(verb, 'batch', keys, [aggregateCallOf('count', 'count', [], null)])
  }

  #unionInput(other: Stream<F>): PlanNode {
    if (!(other instanceof Stream)) throw invalid('union takes streams.')
    if (other.#pipeline !== this.#pipeline) throw invalid('union: the streams belong to different contexts.')
    const differences = schemaDifferences(this.schema, other.schema)
    if (differences.length === 0) return other.#node
    throw invalid(`union: the streams must have the same columns in the same order: ${differences.join('; ')}.`)
  }
}

/** A stream of groups, straight from an aggregation. */
export class AggregatedStream<F extends Fields, Input extends Fields> extends Stream<F> {
  readonly #pipeline: Pipeline
  readonly #node: AggregateNode

  /** @internal */
  constructor(pipeline: Pipeline, node: AggregateNode) {
    super(pipeline, node)
    this.#pipeline = pipeline
    this.#node = node
  }

  /**
   * The rows that this aggregation dropped because all their windows were closed, with the columns that it was given.
   * @throws MillraceError INVALID_PIPELINE when no row can be late.
   */
  lateRows(): Stream<Input> {
    if (!canBeLate(this.#node.aggregate)) {
      throw invalid('lateRows: no row can be late, because the aggregation has no window over a column with a watermark.')
    }
    return new Stream<Input>(
      this.#pipeline, this.#pipeline.node('lateRows', { input: this.#node, schema: this.#node.input.schema })
    )
  }
}

/** The stream of a source's rows. */
export function streamOfSource<S extends SourceSchema>(pipeline: Pipeline, source: Source<S>): Stream<FieldsOfSchema<S>> {
  return new Stream(pipeline, pipeline.addSource(source as unknown as Source))
}

const OUTPUT_MODES: readonly OutputMode[] = ['append', 'update', 'complete']

function modeOf(mode: OutputMode | undefined): OutputMode | null {
  if (mode === undefined || OUTPUT_MODES.includes(mode)) return mode ?? null
  throw invalidOption(`mode: ${String(mode)} is not an output mode. Write one of ${quoteNames(OUTPUT_MODES)}.`)
}

function requireFunction<T>(value: T, verb: string): T {
  if (typeof value === 'function') return value
  throw invalid(`${verb} takes a function.`)
}

function passed(field: { readonly name: string; readonly type: Schema[number]['type'] }): NamedExpression {
  return Object.freeze({ name: field.name, expression: columnOf(field) })
}

/** Columns of `schema` with those of the same user's name replaced in place, and new ones after them. */
function merged(schema: Schema, added: ColumnList): ColumnList {
  const nameOf = (field: Schema[number]): string => field.part?.of ?? field.name
  const columnsNamed = (name: string): readonly { column: NamedExpression; field: Schema[number] }[] =>
    added.schema.flatMap((field, i) => nameOf(field) === name ? [{ column: added.columns[i]!, field }] : [])
  const names = [...new Set([...schema, ...added.schema].map(nameOf))]
  const entries = names.flatMap(name => {
    const replaced = columnsNamed(name)
    return replaced.length > 0 ? replaced : schema.filter(field => nameOf(field) === name).map(
      field => ({ column: passed(field), field })
    )
  })
  return { columns: entries.map(entry => entry.column), schema: checkedSchema(entries.map(entry => entry.field), 'with') }
}

function renamed(schema: Schema, names: Readonly<Record<string, string | undefined>>): ColumnList {
  for (const name of Object.keys(names)) requireColumn(schema, name, 'rename')
  const fields = schema.map(field => {
    const from = field.part?.of ?? field.name
    const to = Object.hasOwn(names, from) ? names[from] ?? from : from
    return field.part ? { ...field, name: `${to}.${field.part.as}`, part: { ...field.part, of: to } } : { ...field, name: to }
  })
  const columns = fields.map((field, i) => Object.freeze({ name: field.name, expression: columnOf(schema[i]!) }))
  return { columns, schema: checkedSchema(fields, 'rename') }
}

function schemaDifferences(left: Schema, right: Schema): readonly string[] {
  const text = (schema: Schema, i: number): string => schema[i] ? `'${schema[i].name}' (${schema[i].type})` : 'nothing'
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => i)
    .filter(i => text(left, i) !== text(right, i))
    .map(i => `column ${i + 1} is ${text(left, i)} on one side and ${text(right, i)} on the other`)
}
