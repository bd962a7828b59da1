/**
 * `stream.groupBy(r => ({ …keys }))`: a stream with keys, waiting for its aggregates.
 */
import type { AggregateNode, PlanNode } from '../plan/node.js'
import { aggregateNode } from './grouping.js'
import type { Pipeline } from './pipeline.js'
import type { AggregatedStream } from './stream.js'
import { aggregateListOf, type KeyList } from './typed-row.js'
import type { Aggregates, Fields, FieldsOf, Flat } from './types.js'

/** Makes the stream of an aggregation; `stream.ts` gives it, since it needs this file. */
export type StreamMaker<F extends Fields> = <O extends Fields>(node: AggregateNode) => AggregatedStream<O, F>

/** Rows of F, grouped by the keys K. */
export class GroupedStream<F extends Fields, K> {
  readonly #pipeline: Pipeline
  readonly #input: PlanNode
  readonly #keys: KeyList
  readonly #stream: StreamMaker<F>

  /** @internal */
  constructor(pipeline: Pipeline, input: PlanNode, keys: KeyList, stream: StreamMaker<F>) {
    this.#pipeline = pipeline
    this.#input = input
    this.#keys = keys
    this.#stream = stream
  }

  /**
   * One row per group: its keys, then the aggregates.
   * @throws MillraceError INVALID_PIPELINE when a value is not an aggregate, or an aggregation below cannot give final rows.
   * @example
   * readings.groupBy(r => ({ sensor: r.sensor })).aggregate(r => ({ n: count(), mean: avg(r.value) }))
   */
  aggregate<A extends Aggregates>(lambda: (row: F) => A): AggregatedStream<Flat<FieldsOf<K> & FieldsOf<A>>, F> {
    const aggregates = aggregateListOf(this.#input.schema, 'aggregate', lambda)
    const node = aggregateNode({
      pipeline: this.#pipeline, input: this.#input, verb: 'aggregate', scope: 'stream', keys: this.#keys, aggregates,
    })
    return this.#stream(node)
  }
}
