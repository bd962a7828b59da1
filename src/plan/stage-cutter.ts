/**
 * Logical plan → physical plan: cuts the DAG at its shuffles into stages. Every way from a stage's input to a shuffle or an
 * output becomes one branch, so that unions and shared prefixes need no operators of their own.
 * Invariants: one stage per source, and per aggregation (by node and mode) and limit (by node) however many outputs share it;
 * stage ids count up from parents to children.
 */
import { assert } from '../base/errors.js'
import type { Schema } from '../data/schema.js'
import { columnsReadBy } from './columns-read.js'
import type { TableDescription } from './join.js'
import { canBeLate, hasTime, isInTime, isLate } from './lateness.js'
import type {
  AggregateNode, AggregateSpec, JoinNode, LateRowsNode, LimitNode, Output, OutputMode, PlanNode, SourceNode, WatermarkNode,
  WindowSpec,
} from './node.js'
import { resolveMode } from './output-mode.js'
import type {
  Branch, PhysicalOutput, PhysicalPlan, PhysicalWatermark, Shuffle, Stage, StageInput, Step, Terminal,
} from './stage.js'

interface StageDraft {
  readonly input: StageInput
  readonly branches: Branch[]
  /** Places at which a watermark is already reported by some branch. */
  readonly reported: Set<string>
}

/** One way from a stage's input up to a node. */
interface Way {
  readonly stage: StageDraft
  readonly steps: readonly PlacedStep[]
  /** The nodes passed so far: equal places of two ways of a stage have seen the same rows. */
  readonly place: string
}

interface PlacedStep {
  readonly step: Step
  readonly place: string
}

type Target =
  | Omit<Extract<Terminal, { kind: 'result' }>, 'order'>
  | Omit<Extract<Terminal, { kind: 'aggregate' }>, 'order'>
  | Omit<Extract<Terminal, { kind: 'gather' }>, 'order'>

/** The physical plan of a context's outputs. */
export function cutStages(outputs: readonly Output[]): PhysicalPlan {
  return new StageCutter().cut(outputs)
}

class StageCutter {
  readonly #sources = new Map<number, { stage: StageDraft; node: SourceNode }>()
  readonly #shuffled = new Map<string, StageDraft>()
  readonly #shuffles: { readonly by: Shuffle['by']; readonly parents: Set<StageDraft>; child: StageDraft | null }[] = []
  readonly #watermarks = new Map<number, PhysicalWatermark>()
  readonly #tables = new Map<number, TableDescription>()
  /** Nodes by identity: rewritten ones may share a nodeId. */
  readonly #identities = new Map<PlanNode, number>()

  cut(outputs: readonly Output[]): PhysicalPlan {
    const physicalOutputs = outputs.map(output => this.#cutOutput(output))
    const sources = [...this.#sources.values()].sort((a, b) => a.node.sourceId - b.node.sourceId)
    const drafts = [...sources.map(source => source.stage), ...this.#shuffled.values()]
    const stageIds = new Map(drafts.map((draft, stageId) => [draft, stageId]))
    return Object.freeze({
      stages: Object.freeze(drafts.map(toStage)),
      outputs: Object.freeze(physicalOutputs),
      shuffles: Object.freeze(this.#shuffles.map(({ by, parents, child }, shuffleId) => Object.freeze({
        shuffleId,
        by,
        parents: [...parents].map(parent => stageIds.get(parent)!).sort((a, b) => a - b),
        child: stageIds.get(child!)!,
      }))),
      watermarks: Object.freeze([...this.#watermarks.values()].sort((a, b) => a.watermarkId - b.watermarkId)),
      sources: Object.freeze(sources.map(({ node }) => Object.freeze({ sourceId: node.sourceId, name: node.name }))),
      tables: Object.freeze([...this.#tables.values()].sort((a, b) => a.tableId - b.tableId)),
    })
  }

  #cutOutput({ outputId, name, node, mode: asked }: Output): PhysicalOutput {
    const { mode, reason } = resolveMode(node, asked, name)
    this.#end(this.#waysTo(node, mode), { kind: 'result', outputId }, node.schema)
    return Object.freeze({ outputId, name, schema: node.schema, mode, modeReason: reason })
  }

  /** Ends every way in the terminal, in order, as branches of their stages. */
  #end(ways: readonly Way[], target: Target, schema: Schema): void {
    ways.forEach(({ stage, steps }, order) => {
      stage.branches.push({ steps: withoutReported(stage, steps), terminal: Object.freeze({ ...target, order }), schema })
    })
  }

  /** `mode`: of the first aggregation on the way down; those below it run in append. */
  #waysTo(node: PlanNode, mode: OutputMode): readonly Way[] {
    switch (node.kind) {
      case 'source': return [startOf(this.#sourceStage(node))]
      case 'aggregate': return [startOf(this.#aggregateStage(node, mode))]
      case 'limit': return [startOf(this.#gatherStage(node, mode))]
      case 'union': return node.inputs.flatMap(input => this.#waysTo(input, mode))
      case 'project': return this.#extend(node, mode, { kind: 'project', columns: node.columns })
      case 'filter': return this.#extend(node, mode, { kind: 'filter', predicate: node.predicate, reason: 'filtered' })
      case 'sample': return this.#extend(node, mode, { kind: 'sample', fraction: node.fraction, seed: node.seed })
      case 'watermark': return this.#watermarkWays(node, mode)
      case 'join': return this.#joinWays(node, mode)
      case 'lateRows': return this.#lateWays(node)
    }
  }

  #extend(node: Exclude<PlanNode, { kind: 'source' | 'union' | 'lateRows' }>, mode: OutputMode, step: Step): readonly Way[] {
    return this.#waysTo(node.input, mode).map(way => extended(way, step, `${this.#identityOf(node)}`))
  }

  #watermarkWays(node: WatermarkNode, mode: OutputMode): readonly Way[] {
    const { watermarkId, delayMs, idleTimeoutMs } = node
    this.#watermarks.set(watermarkId, Object.freeze({ watermarkId, sourceIds: sourceIdsOf(node), delayMs, idleTimeoutMs }))
    const time = { kind: 'column', name: node.column, type: 'timestamp' } as const
    return this.#extend(node, mode, { kind: 'watermark', watermarkId, time })
  }

  /** Narrow: every worker has the whole table. */
  #joinWays(node: JoinNode, mode: OutputMode): readonly Way[] {
    this.#tables.set(node.join.table.tableId, node.join.table)
    return this.#extend(node, mode, { kind: 'join', join: node.join })
  }

  #lateWays(node: LateRowsNode): readonly Way[] {
    const { aggregate, input } = node.input
    assert(aggregate.window && canBeLate(aggregate), 'lateRows over an aggregation whose rows cannot be late')
    const present: Step = { kind: 'filter', predicate: hasTime(aggregate.window), reason: null }
    const late: Step = { kind: 'filter', predicate: isLate(aggregate, aggregate.window), reason: null }
    return this.#waysTo(input, 'append').map(way => extended(extended(way, present, 'time'), late, 'late'))
  }

  #identityOf(node: PlanNode): number {
    const known = this.#identities.get(node)
    if (known !== undefined) return known
    this.#identities.set(node, this.#identities.size)
    return this.#identities.size - 1
  }

  #sourceStage(node: SourceNode): StageDraft {
    const known = this.#sources.get(node.sourceId)
    if (known) return known.stage
    const stage = draftOf({ kind: 'source', sourceId: node.sourceId, format: node.format, schema: node.schema, columnsRead: [] })
    this.#sources.set(node.sourceId, { stage, node })
    return stage
  }

  #aggregateStage(node: AggregateNode, mode: OutputMode): StageDraft {
    const { aggregate } = node
    const ownMode = aggregate.scope === 'batch' ? 'append' : mode
    return this.#shuffledStage(`${this.#identityOf(node)} ${ownMode}`, 'keys', shuffleId => {
      const checks: PlacedStep[] = aggregate.window ? timeChecks(aggregate, aggregate.window, ownMode) : []
      const ways = this.#waysTo(node.input, 'append').map(way => ({ ...way, steps: [...way.steps, ...checks] }))
      this.#end(ways, { kind: 'aggregate', shuffleId, aggregate }, node.input.schema)
      return { kind: 'aggregate', shuffleId, aggregate, mode: ownMode, schema: aggregate.outputSchema }
    })
  }

  /** Each task passes on at most `rows` rows, in order; the gathering task takes the first of them all. */
  #gatherStage(node: LimitNode, mode: OutputMode): StageDraft {
    return this.#shuffledStage(`${this.#identityOf(node)} ${mode}`, 'gather', shuffleId => {
      const step: Step = { kind: 'limit', rows: node.rows }
      this.#end(this.#extend(node, mode, step), { kind: 'gather', shuffleId }, node.schema)
      return { kind: 'gather', shuffleId, schema: node.schema, limit: node.rows }
    })
  }

  /** The stage with this key; `cutParents` cuts what feeds it and gives its input. Parents are numbered first. */
  #shuffledStage(key: string, by: Shuffle['by'], cutParents: (shuffleId: number) => StageInput): StageDraft {
    const known = this.#shuffled.get(key)
    if (known) return known
    const shuffleId = this.#shuffles.length
    const shuffle = { by, parents: new Set<StageDraft>(), child: null as StageDraft | null }
    this.#shuffles.push(shuffle)
    const stage = draftOf(cutParents(shuffleId))
    shuffle.child = stage
    this.#shuffled.set(key, stage)
    for (const parent of [...[...this.#sources.values()].map(source => source.stage), ...this.#shuffled.values()]) {
      if (parent.branches.some(branch => writes(branch, shuffleId))) shuffle.parents.add(parent)
    }
    return stage
  }
}

function writes({ terminal }: Branch, shuffleId: number): boolean {
  return terminal.kind !== 'result' && terminal.shuffleId === shuffleId
}

function draftOf(input: StageInput): StageDraft {
  return { input, branches: [], reported: new Set() }
}

function startOf(stage: StageDraft): Way {
  return { stage, steps: [], place: '' }
}

function extended(way: Way, step: Step, name: string): Way {
  const place = `${way.place} ${name}`
  return { stage: way.stage, steps: [...way.steps, { step: Object.freeze(step), place }], place }
}

/** In complete mode everything is kept for ever, so nothing comes too late (as in Spark). */
function timeChecks(aggregate: AggregateSpec, window: WindowSpec, mode: OutputMode): PlacedStep[] {
  const present: Step = { kind: 'filter', predicate: hasTime(window), reason: 'nullTime' }
  const inTime: Step = { kind: 'filter', predicate: isInTime(aggregate, window), reason: 'late' }
  const checks = canBeLate(aggregate) && mode !== 'complete' ? [present, inTime] : [present]
  return checks.map(step => ({ step: Object.freeze(step), place: '' }))
}

/** The steps of a branch: a watermark that another branch of the stage reports for the same rows is left out. */
function withoutReported(stage: StageDraft, steps: readonly PlacedStep[]): readonly Step[] {
  const kept = steps.filter(({ step, place }) => {
    if (step.kind !== 'watermark') return true
    if (stage.reported.has(place)) return false
    stage.reported.add(place)
    return true
  })
  return Object.freeze(kept.map(({ step }) => step))
}

/** Branches in the order of their outputs, but those with uncounted rows last: the first branch's figures stand for the task. */
function toStage(draft: StageDraft, stageId: number): Stage {
  const isUncounted = ({ steps }: Branch): boolean => steps.some(step => step.kind === 'filter' && step.reason === null)
  const branches = [...draft.branches.filter(branch => !isUncounted(branch)), ...draft.branches.filter(isUncounted)]
  const input = draft.input.kind === 'source'
    ? { ...draft.input, columnsRead: columnsReadBy(branches, draft.input.schema) }
    : draft.input
  branches.forEach(Object.freeze)
  return Object.freeze({ stageId, input: Object.freeze(input), branches: Object.freeze(branches) })
}

function sourceIdsOf(node: PlanNode): readonly number[] {
  const found = new Set<number>()
  const visit = (at: PlanNode): void => {
    if (at.kind === 'source') found.add(at.sourceId)
    else if (at.kind === 'union') at.inputs.forEach(visit)
    else visit(at.input)
  }
  visit(node)
  return Object.freeze([...found].sort((a, b) => a - b))
}
