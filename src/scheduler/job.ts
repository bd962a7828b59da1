/**
 * One plan run for one batch: log the offsets, run the stages, hand the results to the sinks, log the commit. While a job still
 * reads, merges, writes or commits, the next one may read its sources already: what it drops as late is known by then.
 * Invariants: a job advances the watermarks only when the one before has reported all its event times, and until then it runs
 * nothing but tasks that read sources; its keyed stages run only when those of the one before are done; its results are written
 * only when the one before is committed.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import type { Clock } from '../base/ports.js'
import { Batch } from '../data/batch.js'
import { byTask, writtenFor } from '../plan/shuffle-inputs.js'
import type { PhysicalOutput, PhysicalPlan, Stage } from '../plan/stage.js'
import type { TableVersions, TaskResult } from '../plan/task.js'
import type { Sink } from '../sink/sink.js'
import { applyBadRecordPolicies, type BadRecordPolicies } from './bad-record-policy.js'
import type { BatchLog } from './batch-log.js'
import type { BlockTracker, SourceRange } from './block-tracker.js'
import type { ListenerBus } from './listener.js'
import type { MergeBacklog } from './merge-backlog.js'
import { outputBlocks } from './output-blocks.js'
import type { JobFigures } from './progress.js'
import { StageScheduler } from './stage-scheduler.js'
import type { TableTracker } from './table-tracker.js'
import { buildRiders, buildTasks, type JobSpec, type PlannedStage } from './task-builder.js'
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
  readonly merges: MergeBacklog
  readonly tables: TableTracker | null
  readonly watermarks: WatermarkTracker
  readonly log: BatchLog | null
  readonly listener: ListenerBus
  /** By outputId. */
  readonly sinks: ReadonlyMap<number, Sink>
  readonly badRecordPolicies: BadRecordPolicies
  /** There is one slot: what merges runs in one call with what reads, where it can. */
  readonly readsAndMerges: boolean
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
  readonly #stages: StageScheduler
  /** In order. */
  readonly #results: TaskResult[] = []
  /** The watermarks are in force and the offsets logged. */
  readonly #begun = new Milestone()
  /** The sources are read and every event time is reported. */
  readonly #read = new Milestone()
  /** All stages are done, and with them the state of the batch. */
  readonly #computed = new Milestone()
  readonly #ended = new Milestone()
  /** What its tasks have in common: until the watermarks are in force, what is known ahead. */
  #spec!: JobSpec
  #hasWatermarks = false
  /** Settles as the job has begun, or has failed to. */
  #begin!: Promise<void>
  /** The watermark that it runs by. */
  #watermarkMs: number | null = null
  #walCommitMs = 0
  #isAborted = false

  /** @param previous the job before, if it has not ended. */
  constructor(context: JobContext, batch: SubmittedBatch, previous: Job | null) {
    this.#context = context
    this.#stages = new StageScheduler(context.plan)
    this.#previous = previous
    this.batch = batch
  }

  /** The next job may begin. */
  get hasBegun(): boolean {
    return this.#begun.isReached
  }

  /** Its sources are read: the next job would not wait. */
  get hasRead(): boolean {
    return this.#read.isReached
  }

  /** Resolves when the next job may begin; never, where the job fails before. */
  get begun(): Promise<void> {
    return this.#begun.reached
  }

  get read(): Promise<void> {
    return this.#read.reached
  }

  /** Gives the job up at its next step. */
  abort(): void {
    this.#isAborted = true
    // Who waits goes on, and finds that it is to stop.
    for (const milestone of [this.#read, this.#computed, this.#ended]) milestone.reach()
  }

  /** Runs the job to its commit. */
  async run(): Promise<JobFigures> {
    const { clock, listener, watermarks, log, tasks, plan, badRecordPolicies } = this.#context
    const { batchId, batchTimeMs, sources } = this.batch
    const schedulingDelayMs = Math.max(0, clock.now() - batchTimeMs)
    listener.post('batchStarted', { batchId, batchTimeMs, schedulingDelayMs })
    const lap = stopwatch(clock)
    const tables = this.batch.tables ? { tables: this.batch.tables } : {}
    this.#spec = { batchId, batchTimeMs, watermarks: watermarks.ahead(), ...tables }
    this.#begin = this.#start()
    await this.#runStages()
    const snapshots = tasks.takeSnapshots()
    const states = tasks.stateFigures()
    this.#computed.reach()
    await this.#previousEnd()
    this.#checkAborted()
    const results = this.#results
    applyBadRecordPolicies(plan, badRecordPolicies, batchId, results, listener)
    const stagesMs = Math.max(0, lap() - this.#walCommitMs)
    const outputs = await this.#writeOutputs(results)
    const sinksMs = lap()
    if (log) await log.logCommit(batchId)
    const commitMs = lap()
    this.#context.tables?.release(batchId)
    await snapshots
    return {
      batchId, batchTimeMs, schedulingDelayMs, walCommitMs: this.#walCommitMs, stagesMs, sinksMs, commitMs, sources, outputs,
      // Their blocks are the sinks' alone: whoever keeps the figures keeps no block.
      results: results.map(({ stageId, figures }) => ({ stageId, figures })),
      workers: tasks.takeFigures(batchId), states, watermarkMs: this.#watermarkMs,
    }
  }

  /** Told once the batch is committed and reported: the next job may write. */
  end(): void {
    this.#ended.reach()
  }

  /** Puts the watermarks in force once the job before has reported all its event times, and logs what the batch is. */
  async #start(): Promise<void> {
    const { clock, watermarks, log } = this.#context
    if (this.#previous && !this.#previous.hasRead) await this.#previous.#read.reached
    this.#checkAborted()
    this.#spec = { ...this.#spec, watermarks: watermarks.advance(this.batch.batchTimeMs) }
    this.#hasWatermarks = true
    this.#watermarkMs = watermarks.currentMs
    if (log) {
      const lap = stopwatch(clock)
      await log.logOffsets({ ...this.#spec, sources: this.batch.sources })
      this.#walCommitMs = lap()
    }
    this.#begun.reach()
  }

  async #runStages(): Promise<void> {
    try {
      await this.#runReady()
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
  async #runReady(): Promise<void> {
    const stages = this.#stages.takeReady().map(stage => this.#runStage(stage))
    if (stages.length === 0) return
    const outcomes = await Promise.allSettled([this.#begin, ...stages])
    const failed = outcomes.find(outcome => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #runStage(stage: Stage): Promise<void> {
    const { clock, tasks } = this.#context
    if (stage.input.kind !== 'source') {
      await this.#begin
      if (this.#previous) await this.#previous.#computed.reached
    }
    this.#checkAborted()
    const lap = stopwatch(clock)
    const planned = this.#planCall(stage)
    const specs = planned.flatMap(part => part.tasks)
    const results = specs.length === 0 ? [] : await tasks.runStage(stage, specs)
    this.#results.push(...results)
    this.#results.sort(byTask)
    this.#reportStages(planned, results, lap())
    await this.#begin
    for (const part of planned) this.#stages.complete(part.stage.stageId)
    this.#noteRead()
    await this.#runReady()
  }

  /** A stage, and those that run in one call with it. */
  #planCall(stage: Stage): PlannedStage[] {
    const { plan, partitions, blocks, merges, readsAndMerges } = this.#context
    const own = buildTasks({ plan, partitions, blocks, merges, results: this.#results }, stage, this.#spec)
    // States are merged in the order of the batches, and by watermarks that the job before has a part in.
    const mayMerge = this.#hasWatermarks && (!this.#previous || this.#previous.#computed.isReached)
    if (!readsAndMerges || stage.input.kind !== 'source' || !mayMerge) return [own]
    const riders = buildRiders({ plan, partitions, merges }, stage, this.#spec)
    for (const rider of riders) this.#stages.start(rider.stage.stageId)
    return [own, ...riders]
  }

  /** Lets go of what the stages have read, and tells that they are done. */
  #reportStages(planned: readonly PlannedStage[], results: readonly TaskResult[], durationMs: number): void {
    const { batchId } = this.batch
    for (const { stage: { stageId }, tasks, read, readsShuffle } of planned) {
      for (const { held } of readsShuffle === undefined ? read : [...read, ...writtenFor(readsShuffle, results)]) held?.letGo()
      this.#context.listener.post('stageCompleted', { batchId, stageId, numTasks: tasks.length, durationMs })
    }
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
    const batch = new Batch(schema, outputBlocks(results, outputId))
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
