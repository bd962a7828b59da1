/**
 * The figures of one completed batch, with the names of Spark's StreamingQueryProgress where it has them.
 * Invariant: `rows.in + rows.multiplied = rows.out + rows.filtered + rows.late + rows.nullTime + rows.bad`, counted over the
 * stages that read sources.
 */
import type { SourceRange } from './block-tracker.js'
import { isStateful, type PhysicalPlan } from '../plan/stage.js'
import type { TaskResult } from '../plan/task.js'
import type { StateFigures } from './state-tracker.js'

const SECOND_MS = 1000

export interface StreamingQueryProgress {
  readonly batchId: number
  /** Batch time, ISO 8601. */
  readonly timestamp: string
  /** From the batch's start to its commit, ms. */
  readonly batchDuration: number
  readonly numInputRows: number
  /** Rows of this batch by the time since the batch before. */
  readonly inputRowsPerSecond: number
  /** Rows of this batch by its duration. */
  readonly processedRowsPerSecond: number
  readonly durationMs: {
    readonly triggerExecution: number
    /** Writing the offsets log. */
    readonly walCommit: number
    /** Running the stages and handing the results to the sinks. */
    readonly addBatch: number
    /** The sinks' part of addBatch. */
    readonly sinks: number
    readonly commitOffsets: number
  }
  /** How long the batch waited for its turn, from its batch time to its start, ms. */
  readonly schedulingDelay: number
  /** From the batch time to the commit, ms. */
  readonly totalDelay: number
  /** The watermark in force, ISO 8601; left out before any event. */
  readonly eventTime: { readonly watermark?: string }
  readonly rows: RowCounts
  readonly stateOperators: readonly StateOperatorProgress[]
  readonly sources: readonly SourceProgress[]
  readonly sinks: readonly { readonly description: string; readonly numOutputRows: number }[]
  /** What each worker did. */
  readonly workers: readonly { readonly slot: number; readonly numTasks: number; readonly runMs: number }[]
}

export interface RowCounts {
  readonly in: number
  readonly out: number
  readonly filtered: number
  readonly late: number
  readonly nullTime: number
  /** Rows that joins added: a row with n matches adds n − 1. */
  readonly multiplied: number
  readonly bad: number
  /** i64 results and casts that did not fit and became null. */
  readonly overflows: number
}

/**
 * `numRowsTotal` and `memoryUsedBytes` are those of the last batch that merged groups into the state: where windows come out once
 * they have closed, groups of the batches in between wait.
 */
export interface StateOperatorProgress {
  readonly operatorName: string
  readonly operatorId: number
  readonly numRowsTotal: number
  readonly numRowsDroppedByWatermark: number
  readonly memoryUsedBytes: number
  readonly numShufflePartitions: number
}

export interface SourceProgress {
  readonly description: string
  /** Rows, or bytes of text, since the source's start. */
  readonly startOffset: number
  readonly endOffset: number
  readonly numInputRows: number
  readonly inputRowsPerSecond: number
  readonly processedRowsPerSecond: number
  readonly numBadRecords: number
  /** Rows that the source's overflow policy dropped; they are in no other figure. */
  readonly numDroppedRows: number
}

/** What of a task's result is counted. */
export type CountedTask = Pick<TaskResult, 'stageId' | 'figures'>

/** What a job hands over when it is complete. */
export interface JobFigures {
  readonly batchId: number
  readonly batchTimeMs: number
  readonly schedulingDelayMs: number
  readonly walCommitMs: number
  readonly stagesMs: number
  readonly sinksMs: number
  readonly commitMs: number
  readonly sources: readonly SourceRange[]
  readonly results: readonly CountedTask[]
  readonly outputs: readonly { readonly description: string; readonly numOutputRows: number }[]
  readonly workers: StreamingQueryProgress['workers']
  /** By stageId. */
  readonly states: ReadonlyMap<number, StateFigures>
  readonly watermarkMs: number | null
}

/** Rows of a source that were dropped, or refused before decoding, since the batch before. */
export interface SourceLosses {
  readonly droppedRows: number
  readonly refusedRows: number
}

/** From the batch's start to its commit, ms. */
export function batchDurationOf({ walCommitMs, stagesMs, sinksMs, commitMs }: JobFigures): number {
  return walCommitMs + stagesMs + sinksMs + commitMs
}

/** @param sinceLastMs time between the batch before and this one; the batch's own duration for the first. */
export function progressOf(
  plan: PhysicalPlan, partitions: number, job: JobFigures & { readonly losses: ReadonlyMap<number, SourceLosses> },
    sinceLastMs: number,
): StreamingQueryProgress {
  const addBatch = job.stagesMs + job.sinksMs
  const batchDuration = batchDurationOf(job)
  const sources = plan.sources.map(source => {
    const losses = job.losses.get(source.sourceId) ?? { droppedRows: 0, refusedRows: 0 }
    return sourceProgress(plan, source, { ...job, losses }, { sinceLastMs, batchDuration })
  })
  const numInputRows = sum(sources, source => source.numInputRows)
  return {
    batchId: job.batchId,
    timestamp: new Date(job.batchTimeMs).toISOString(),
    batchDuration,
    numInputRows,
    inputRowsPerSecond: perSecond(numInputRows, sinceLastMs),
    processedRowsPerSecond: perSecond(numInputRows, batchDuration),
    durationMs: { triggerExecution: batchDuration, walCommit: job.walCommitMs, addBatch, sinks: job.sinksMs,
      commitOffsets: job.commitMs },
    schedulingDelay: job.schedulingDelayMs,
    totalDelay: job.schedulingDelayMs + batchDuration,
    eventTime: job.watermarkMs === null ? {} : { watermark: new Date(job.watermarkMs).toISOString() },
    rows: rowCounts(sourceResults(plan, job.results), sum([...job.losses.values()], losses => losses.refusedRows)),
    stateOperators: stateOperators(plan, partitions, job),
    sources,
    sinks: job.outputs,
    workers: job.workers,
  }
}

function sourceProgress(
  plan: PhysicalPlan, { sourceId, name }: PhysicalPlan['sources'][number], job: JobFigures & { readonly losses: SourceLosses },
  { sinceLastMs, batchDuration }: { readonly sinceLastMs: number; readonly batchDuration: number },
): SourceProgress {
  const range = job.sources.find(source => source.sourceId === sourceId)
  const results = sourceResults(plan, job.results, sourceId)
  const numBadRecords = sum(results, result => result.figures.bad) + job.losses.refusedRows
  const numInputRows = sum(results, result => result.figures.rowsIn) + numBadRecords
  return {
    description: name,
    startOffset: range?.startOrdinal ?? 0,
    endOffset: range?.endOrdinal ?? 0,
    numInputRows,
    inputRowsPerSecond: perSecond(numInputRows, sinceLastMs),
    processedRowsPerSecond: perSecond(numInputRows, batchDuration),
    numBadRecords,
    numDroppedRows: job.losses.droppedRows,
  }
}

function sourceResults(plan: PhysicalPlan, results: readonly CountedTask[], sourceId?: number): CountedTask[] {
  return results.filter(({ stageId }) => {
    const { input } = plan.stages[stageId]!
    return input.kind === 'source' && (sourceId === undefined || input.sourceId === sourceId)
  })
}

function rowCounts(results: readonly CountedTask[], refusedRows: number): RowCounts {
  const counts = { in: refusedRows, out: 0, filtered: 0, late: 0, nullTime: 0, multiplied: 0, bad: refusedRows, overflows: 0 }
  for (const { figures: { rowsIn, rowsOut, bad, ...others } } of results) {
    counts.in += rowsIn + bad
    counts.out += rowsOut
    counts.bad += bad
    for (const key of ['filtered', 'late', 'nullTime', 'multiplied', 'overflows'] as const) counts[key] += others[key]
  }
  return counts
}

function stateOperators(plan: PhysicalPlan, partitions: number, { results, states }: JobFigures): StateOperatorProgress[] {
  return plan.stages.filter(isStateful).flatMap(({ stageId, input }) => {
    if (input.kind !== 'aggregate') return []
    const { operatorId, window } = input.aggregate
    const { rows, bytes } = states.get(stageId) ?? { rows: 0, bytes: 0 }
    return [{
      operatorName: window ? 'windowedAggregate' : 'aggregate',
      operatorId,
      numRowsTotal: rows,
      numRowsDroppedByWatermark: sum(results, result => lateRowsFor(plan, operatorId, result)),
      memoryUsedBytes: bytes,
      numShufflePartitions: partitions,
    }]
  })
}

/** Rows that the branches that feed an operator dropped as late. */
function lateRowsFor(plan: PhysicalPlan, operatorId: number, { stageId, figures }: CountedTask): number {
  const { branches } = plan.stages[stageId]!
  return sum(branches, ({ terminal }, index) =>
    terminal.kind === 'aggregate' && terminal.aggregate.operatorId === operatorId ? (figures.branches[index]?.late ?? 0) : 0)
}

function sum<T>(items: readonly T[], value: (item: T, index: number) => number): number {
  return items.reduce((total, item, index) => total + value(item, index), 0)
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? (count / ms) * SECOND_MS : 0
}
