/**
 * One plan run for one batch: log the offsets, run the stages, hand the results to the sinks, log the commit. While a job writes
 * and commits, or still merges, the next one may read its sources already.
 * Invariants: a job advances the watermarks only when the one before has reported all its event times; its keyed stages run only
 * when those of the one before are done; its results are written only when the one before is committed.
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
import { ShuffleTracker } from './shuffle-tracker.js'
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

/** What all jobs of a query share. */
export interface JobContext {
  readonly clock: Clock
  readonly plan: PhysicalPlan
  readonly partitions: number
  readonly blocks: BlockTracker
  readonly tasks: TaskScheduler
  readonly tables: TableTracker
  readonly watermarks: WatermarkTracker
  readonly log: BatchLog
  readonly listener: ListenerBus
  /** By outputId. */
  readonly sinks: ReadonlyMap<number, Sink>
  readonly badRecordPolicies: BadRecordPolicies
}

/** A point that a job passes once, or never gets to because it failed. */
class Milestone {
  isReached = false
  reach!: () => void
  readonly reached: Promise<void>

  constructor() {
    this.reached = new Promise(resolve => {
      this.reach = () => {
        this.isReached = true
        resolve()
      }
    })
  }
}

export class Job {
  readonly batch: SubmittedBatch
  readonly #context: JobContext
  #previous: Job | null
  readonly #shuffles = new ShuffleTracker()
  readonly #stages: StageScheduler
  readonly #results: TaskResult[] = []
  /** The sources are read and every event time is reported. */
  readonly #read = new Milestone()
  /** All stages are done, and with them the state of the batch. */
  readonly #computed = new Milestone()
  readonly #ended = new Milestone()
  #isAborted = false

  /** @param previous the job before, if it has not ended. */
  constructor(context: JobContext, batch: SubmittedBatch, previous: Job | null) {
    this.#context = context
    this.#stages = new StageScheduler(context.plan)
    this.#previous = previous
    this.batch = batch
  }

  /** The next job may begin. */
  get hasRead(): boolean {
    return this.#read.isReached
  }

  /** Resolves when the next job may begin; never, where the job fails before. */
  get read(): Promise<void> {
    return this.#read.reached
  }

  /** Gives the job up at its next step. */
  abort(): void {
    this.#isAborted = true
    // Who waits goes on, and finds that it is to stop.
    for (const milestone of [this.#computed, this.#ended]) milestone.reach()
  }

  /** Runs the job to its commit. */
  async run(): Promise<JobFigures> {
    const { clock, listener, watermarks, log, tasks, plan, badRecordPolicies } = this.#context
    const { batchId, batchTimeMs, sources } = this.batch
    const schedulingDelayMs = Math.max(0, clock.now() - batchTimeMs)
    listener.post('batchStarted', { batchId, batchTimeMs, schedulingDelayMs })
    const lap = stopwatch(clock)
    const tables = this.batch.tables ? { tables: this.batch.tables } : {}
    const spec: JobSpec = { batchId, batchTimeMs, watermarks: watermarks.advance(batchTimeMs), ...tables }
    const { currentMs: watermarkMs } = watermarks
    await log.logOffsets({ ...spec, sources })
    const walCommitMs = lap()
    await this.#runStages(spec)
    const snapshots = tasks.takeSnapshots()
    this.#computed.reach()
    await this.#previousEnd()
    this.#checkAborted()
    const results = this.#results.sort((a, b) => a.stageId - b.stageId || a.taskIndex - b.taskIndex)
    applyBadRecordPolicies(plan, badRecordPolicies, batchId, results, listener)
    const stagesMs = lap()
    const outputs = await this.#writeOutputs(results)
    const sinksMs = lap()
    await log.logCommit(batchId)
    const commitMs = lap()
    this.#context.tables.release(batchId)
    await snapshots
    return {
      batchId, batchTimeMs, schedulingDelayMs, walCommitMs, stagesMs, sinksMs, commitMs, sources, results, outputs,
      workers: tasks.takeFigures(batchId), watermarkMs,
    }
  }

  /** Told once the batch is committed and reported: the next job may write. */
  end(): void {
    this.#ended.reach()
  }

  async #runStages(spec: JobSpec): Promise<void> {
    try {
      await this.#runReady(spec)
    } catch (error) {
      // Batches end in order: the one before is not to suffer from this one.
      await this.#previousEnd()
      throw error
    }
  }

  async #previousEnd(): Promise<void> {
    if (this.#previous) await this.#previous.#ended.reached
    this.#previous = null
  }

  /** Starts the stages that have become ready. Each starts the next ones itself: two chains do not wait for each other. */
  async #runReady(spec: JobSpec): Promise<void> {
    const outcomes = await Promise.allSettled(this.#stages.takeReady().map(stage => this.#runStage(stage, spec)))
    const failed = outcomes.find(outcome => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #runStage(stage: Stage, spec: JobSpec): Promise<void> {
    const { clock, plan, partitions, blocks, tasks, listener } = this.#context
    if (stage.input.kind !== 'source' && this.#previous) await this.#previous.#computed.reached
    this.#checkAborted()
    const lap = stopwatch(clock)
    const { stageId } = stage
    const planned = buildTasks({ plan, partitions, blocks, shuffles: this.#shuffles }, stage, spec)
    const results = planned.length === 0 ? [] : await tasks.runStage(stage, planned)
    if (stage.input.kind !== 'source') this.#shuffles.letGo(stage.input.shuffleId)
    for (const result of results) this.#shuffles.add(result)
    this.#results.push(...results)
    listener.post('stageCompleted', { batchId: spec.batchId, stageId, numTasks: planned.length, durationMs: lap() })
    this.#stages.complete(stageId)
    this.#noteRead()
    await this.#runReady(spec)
  }

  /** Once every stage that reads a source or an event time is done, the next job may begin. */
  #noteRead(): void {
    const { plan, watermarks, blocks } = this.#context
    const isDone = plan.stages.every(stage => !isReading(stage) || this.#stages.isComplete(stage.stageId))
    if (!isDone || this.#read.isReached) return
    watermarks.observe(this.batch.batchTimeMs, this.#results.map(result => result.figures.maxEventTimeMs))
    blocks.release(this.batch.batchId)
    this.#read.reach()
  }

  async #writeOutputs(results: readonly TaskResult[]): Promise<JobFigures['outputs']> {
    const written: JobFigures['outputs'][number][] = []
    for (const output of this.#context.plan.outputs) {
      this.#checkAborted()
      written.push(await this.#writeOutput(output, results))
    }
    return written
  }

  async #writeOutput(output: PhysicalOutput, results: readonly TaskResult[]): Promise<JobFigures['outputs'][number]> {
    const { batchId, batchTimeMs } = this.batch
    const { outputId, name, schema, mode } = output
    const blocks = results.flatMap(({ results: own, stageId, taskIndex }) =>
      own.filter(result => result.outputId === outputId).map(({ order, block }) => ({ order, stageId, taskIndex, block })))
    blocks.sort((a, b) => a.order - b.order || a.stageId - b.stageId || a.taskIndex - b.taskIndex)
    const batch = new Batch(schema, blocks.map(({ block }) => block))
    const sink = this.#context.sinks.get(outputId)
    try {
      await sink?.write(batch, { batchId, time: batchTimeMs, mode })
    } catch (error) {
      throw new MillraceError('SINK_FAILED', `${sink?.name ?? name}: ${messageOf(error)} (batch ${batchId}).`,
        { cause: error, where: { batchId } })
    }
    return { description: sink?.name ?? name, numOutputRows: batch.numRows }
  }

  #checkAborted(): void {
    if (this.#isAborted) throw new MillraceError('INVALID_STATE', 'The context was stopped while a batch ran.')
  }
}

function isReading({ input, branches }: Stage): boolean {
  return input.kind === 'source' || branches.some(({ steps }) => steps.some(step => step.kind === 'watermark'))
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
