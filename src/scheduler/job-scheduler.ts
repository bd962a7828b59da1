/**
 * Runs one job per batch, in the order of batch ids: log the offsets, run the stages, hand the results to the sinks, log the
 * commit, release the blocks. A batch counts only when its commit is logged.
 * Invariant: one job at a time; nothing of batch N+1 runs before batch N is committed, for its watermark comes from N.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import type { Clock } from '../base/ports.js'
import { Batch } from '../data/batch.js'
import type { PhysicalOutput, PhysicalPlan, Stage } from '../plan/stage.js'
import type { TableVersions, TaskResult } from '../plan/task.js'
import type { Sink } from '../sink/sink.js'
import { applyBadRecordPolicies, type BadRecordPolicies } from './bad-record-policy.js'
import type { BatchLog } from './batch-log.js'
import type { BlockTracker, SourceRange } from './block-tracker.js'
import type { ListenerBus } from './listener.js'
import type { JobFigures } from './progress.js'
import type { ShuffleTracker } from './shuffle-tracker.js'
import { StageScheduler } from './stage-scheduler.js'
import type { TableTracker } from './table-tracker.js'
import { buildTasks, type JobSpec } from './task-builder.js'
import type { TaskScheduler } from './task-scheduler.js'
import type { WatermarkTracker } from './watermark-tracker.js'

/** A batch that was made: its blocks are allocated in the block tracker. */
export interface SubmittedBatch {
  readonly batchId: number
  readonly batchTimeMs: number
  readonly sources: readonly SourceRange[]
  /** The versions of tables that it sees. */
  readonly tables?: TableVersions
}

export interface JobSchedulerOptions {
  readonly clock: Clock
  readonly plan: PhysicalPlan
  readonly partitions: number
  readonly blocks: BlockTracker
  readonly shuffles: ShuffleTracker
  readonly tasks: TaskScheduler
  readonly tables: TableTracker
  readonly watermarks: WatermarkTracker
  readonly log: BatchLog
  readonly listener: ListenerBus
  /** By outputId. */
  readonly sinks: ReadonlyMap<number, Sink>
  readonly badRecordPolicies: BadRecordPolicies
  readonly onCompleted: (figures: JobFigures) => void
  /** Called once; no job runs afterwards. */
  readonly onFailed: (error: unknown) => void
}

export class JobScheduler {
  readonly #options: JobSchedulerOptions
  readonly #queue: SubmittedBatch[] = []
  #running: Promise<void> | null = null
  #isAborted = false

  constructor(options: JobSchedulerOptions) {
    this.#options = options
  }

  /** Batches submitted and not completed. */
  get batchesInFlight(): number {
    return this.#queue.length
  }

  submit(batch: SubmittedBatch): void {
    const { batchId, batchTimeMs, sources } = batch
    this.#options.listener.post('batchSubmitted', { batchId, batchTimeMs, sources })
    this.#queue.push(batch)
    this.#running ??= this.#runQueue()
  }

  /** Gives up what waits and, at its next step, what runs; resolves when nothing runs any more. */
  async abort(): Promise<void> {
    this.#isAborted = true
    await this.#running
    this.#queue.length = 0
  }

  async #runQueue(): Promise<void> {
    try {
      for (let batch = this.#queue[0]; batch && !this.#isAborted; batch = this.#queue[0]) {
        const figures = await this.#runJob(batch)
        this.#queue.shift()
        this.#options.onCompleted(figures)
      }
    } catch (error) {
      if (!this.#isAborted) this.#options.onFailed(error)
      this.#isAborted = true
    } finally {
      this.#running = null
    }
  }

  async #runJob(batch: SubmittedBatch): Promise<JobFigures> {
    const { clock, listener, watermarks, log, blocks, tasks, plan, badRecordPolicies } = this.#options
    const { batchId, batchTimeMs, sources } = batch
    const schedulingDelayMs = Math.max(0, clock.now() - batchTimeMs)
    listener.post('batchStarted', { batchId, batchTimeMs, schedulingDelayMs })
    const lap = stopwatch(clock)
    const tables = batch.tables ? { tables: batch.tables } : {}
    const job: JobSpec = { batchId, batchTimeMs, watermarks: watermarks.advance(batchTimeMs), ...tables }
    await log.logOffsets({ ...job, sources })
    const walCommitMs = lap()
    const results = await this.#runStages(job)
    applyBadRecordPolicies(plan, badRecordPolicies, batchId, results, listener)
    const stagesMs = lap()
    const outputs = await this.#writeOutputs(job, results)
    const sinksMs = lap()
    await log.logCommit(batchId)
    const commitMs = lap()
    watermarks.observe(batchTimeMs, results.map(result => result.figures.maxEventTimeMs))
    blocks.release(batchId)
    this.#options.tables.release(batchId)
    await tasks.takeSnapshots()
    return {
      batchId, batchTimeMs, schedulingDelayMs, walCommitMs, stagesMs, sinksMs, commitMs, sources, results, outputs,
      workers: tasks.takeFigures(), watermarkMs: watermarks.currentMs,
    }
  }

  async #runStages(job: JobSpec): Promise<TaskResult[]> {
    const stages = new StageScheduler(this.#options.plan)
    const results: TaskResult[] = []
    const run = async (stage: Stage): Promise<void> => {
      results.push(...await this.#runStage(stage, job))
      stages.complete(stage.stageId)
      await runReady()
    }
    // A stage starts the next ones itself, so that two chains do not wait for each other.
    const runReady = async (): Promise<void> => {
      const outcomes = await Promise.allSettled(stages.takeReady().map(run))
      const failed = outcomes.find(outcome => outcome.status === 'rejected')
      if (failed) throw failed.reason
    }
    await runReady()
    return results.sort((a, b) => a.stageId - b.stageId || a.taskIndex - b.taskIndex)
  }

  async #runStage(stage: Stage, job: JobSpec): Promise<TaskResult[]> {
    const { clock, plan, partitions, blocks, shuffles, tasks, listener } = this.#options
    this.#checkAborted()
    const lap = stopwatch(clock)
    const planned = buildTasks({ plan, partitions, blocks, shuffles }, stage, job)
    const results = planned.length === 0 ? [] : await tasks.runStage(stage, planned)
    for (const result of results) shuffles.add(result)
    listener.post('stageCompleted', { batchId: job.batchId, stageId: stage.stageId, numTasks: planned.length, durationMs: lap() })
    return results
  }

  async #writeOutputs(job: JobSpec, results: readonly TaskResult[]): Promise<JobFigures['outputs']> {
    const written: JobFigures['outputs'][number][] = []
    for (const output of this.#options.plan.outputs) {
      this.#checkAborted()
      written.push(await this.#writeOutput(output, job, results))
    }
    return written
  }

  async #writeOutput(output: PhysicalOutput, job: JobSpec,
    results: readonly TaskResult[]): Promise<JobFigures['outputs'][number]> {
    const { outputId, name, schema, mode } = output
    const blocks = results.flatMap(({ results: own, stageId, taskIndex }) =>
      own.filter(result => result.outputId === outputId).map(({ order, block }) => ({ order, stageId, taskIndex, block })))
    blocks.sort((a, b) => a.order - b.order || a.stageId - b.stageId || a.taskIndex - b.taskIndex)
    const batch = new Batch(schema, blocks.map(({ block }) => block))
    const sink = this.#options.sinks.get(outputId)
    try {
      await sink?.write(batch, { batchId: job.batchId, time: job.batchTimeMs, mode })
    } catch (error) {
      throw new MillraceError('SINK_FAILED', `${sink?.name ?? name}: ${messageOf(error)} (batch ${job.batchId}).`,
        { cause: error, where: { batchId: job.batchId } })
    }
    return { description: sink?.name ?? name, numOutputRows: batch.numRows }
  }

  #checkAborted(): void {
    if (this.#isAborted) throw new MillraceError('INVALID_STATE', 'The context was stopped while a batch ran.')
  }
}

/** Milliseconds since the last call. */
function stopwatch(clock: Clock): () => number {
  let last = clock.elapsedMs()
  return () => {
    const now = clock.elapsedMs()
    const ms = now - last
    last = now
    return ms
  }
}
