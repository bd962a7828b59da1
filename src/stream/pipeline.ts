/**
 * What a context's streams have in common: its sources, its outputs with their sinks, and the ids of nodes, operators and
 * watermarks. On the data path: typed builders → this → `planPipeline` → scheduler.
 * Invariant: sealed at start; after that no source or output is added.
 */
import { MillraceError } from '../base/errors.js'
import { invalid } from '../plan/invalid.js'
import type { AggregateNode, Output, OutputMode, PlanNode, SourceNode } from '../plan/node.js'
import { resolveMode } from '../plan/output-mode.js'
import { planOutputs } from '../plan/plan-outputs.js'
import { inputsOf } from '../plan/rewrite.js'
import type { PhysicalPlan, Stage } from '../plan/stage.js'
import type { ProgramTable } from '../scheduler/table-tracker.js'
import type { Sink } from '../sink/sink.js'
import type { Source } from '../source/source.js'

/** An output and where it goes. */
export interface PipelineOutput {
  readonly output: Output
  readonly sink: Sink
}

type WithoutId<N> = N extends PlanNode ? Omit<N, 'nodeId'> : never
type NodeKind = PlanNode['kind']
type NodeOf<K extends NodeKind> = Extract<PlanNode, { kind: K }>

export class Pipeline {
  readonly #sources: Source[] = []
  readonly #tables: ProgramTable[] = []
  readonly #sourceNodes: SourceNode[] = []
  readonly #outputs: PipelineOutput[] = []
  #nodes = 0
  #operators = 0
  #watermarks = 0
  #isSealed = false
  /** Set by the context: the vector programs of a stage as text, for `explain`. */
  describePrograms: ((stage: Stage) => string) | null = null

  /** By sourceId. */
  get sources(): readonly Source[] {
    return this.#sources
  }

  /** By tableId. */
  get tables(): readonly ProgramTable[] {
    return this.#tables
  }

  /** By outputId. */
  get outputs(): readonly PipelineOutput[] {
    return this.#outputs
  }

  get isSealed(): boolean {
    return this.#isSealed
  }

  /** Called at start. */
  seal(): void {
    this.#isSealed = true
  }

  /** The node of a source; adding one twice gives the same node. */
  addSource(source: Source): SourceNode {
    const known = this.#sources.indexOf(source)
    if (known >= 0) return this.#sourceNodes[known]!
    this.#requireOpen('a source')
    const node = this.node(
      'source', { sourceId: this.#sources.length, name: source.name, format: source.blockFormat, schema: source.fields }
    )
    this.#sources.push(source)
    this.#sourceNodes.push(node)
    return node
  }

  /** Gives a table its id. */
  addTable(table: ProgramTable): number {
    this.#requireOpen('a table')
    return this.#tables.push(table) - 1
  }

  /**
   * Registers a root of the plan and its sink.
   * @throws MillraceError INVALID_STATE after start, INVALID_PIPELINE when the plan cannot run in `mode`.
   */
  addOutput(node: PlanNode, sink: Sink, mode: OutputMode | null): Output {
    this.#requireOpen('an output')
    resolveMode(node, mode, sink.name)
    const output: Output = Object.freeze({ outputId: this.#outputs.length, name: sink.name, node, mode })
    this.#outputs.push({ output, sink })
    return output
  }

  /** A frozen node with the next id. */
  node<K extends NodeKind>(kind: K, rest: Omit<WithoutId<NodeOf<K>>, 'kind'>): NodeOf<K> {
    const node = { kind, nodeId: this.#nodes, ...rest }
    this.#nodes += 1
    return Object.freeze(node) as unknown as NodeOf<K>
  }

  nextOperatorId(): number {
    return this.#operators++
  }

  nextWatermarkId(): number {
    return this.#watermarks++
  }

  #requireOpen(what: string): void {
    if (this.#isSealed) {
      throw new MillraceError(
        'INVALID_STATE',
        `The context has started; ${what} can only be added before start(). Make streams and outputs first, then start.`
      )
    }
  }
}

/**
 * The physical plan of everything that the pipeline puts out.
 * @throws MillraceError INVALID_PIPELINE when late rows are put out of an aggregation that is not, or that keeps everything.
 */
export function planPipeline(pipeline: Pipeline): PhysicalPlan {
  const outputs = pipeline.outputs.map(({ output }) => output)
  const late = lateAggregations(outputs)
  const plan = planOutputs(outputs)
  for (const [{ aggregate }, output] of late) {
    const isDropping = plan.stages.some(({ input }) =>
      input.kind === 'aggregate' && input.aggregate.operatorId === aggregate.operatorId && input.mode !== 'complete')
    if (isDropping) continue
    throw invalid(
      `${output} takes the late rows of an aggregation that runs in mode 'complete', which keeps every row: none is late.`)
  }
  return plan
}

/**
 * The aggregations whose late rows are put out, and by which output. Lateness is a matter of an aggregation at work: its
 * watermark advances only if it runs.
 */
function lateAggregations(outputs: readonly Output[]): ReadonlyMap<AggregateNode, string> {
  const running = new Set<PlanNode>()
  const late = new Map<AggregateNode, string>()
  const visit = (node: PlanNode, output: string): void => {
    if (running.has(node)) return
    if (node.kind === 'lateRows') {
      late.set(node.input, output)
      return visit(node.input.input, output)
    }
    running.add(node)
    inputsOf(node).forEach(input => visit(input, output))
  }
  for (const { node, name } of outputs) visit(node, name)
  for (const [aggregation, output] of late) {
    if (running.has(aggregation)) continue
    throw invalid(
      `${output} takes the late rows of an aggregation whose results nobody takes; give the aggregated stream an output too.`)
  }
  return late
}
