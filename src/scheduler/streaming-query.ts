/**
 * A running pipeline, from `start` to `stopped` or `failed`: feeds sources into batches, batches into the job scheduler, and
 * decides when it is over. The one place where the decisions of generator, trackers and controllers are carried out.
 * Invariants: it stops by itself once every source has ended and nothing more can come out; the first error ends it, and whatever
 * way it ends, sources, sinks and executor are closed once.
 */
import { MillraceError } from '../base/errors.js'
import type { Clock, Timer } from '../base/ports.js'
import { isOn, type FastPaths } from '../plan/fast-path.js'
import type { PhysicalPlan } from '../plan/stage.js'
import type { TaskExecutor } from '../plan/task.js'
import type { Sink } from '../sink/sink.js'
import type { SealedBlock } from '../source/intake-queue.js'
import { RECORD_BYTES_MAX } from '../source/source-intake.js'
import type { Source } from '../source/source.js'
import { BatchGenerator, type GeneratorEvent } from './batch-generator.js'
import type { BatchLog } from './batch-log.js'
import { BlockTracker, TASK_BYTES } from './block-tracker.js'
import { JobScheduler } from './job-scheduler.js'
import type { ListenerBus } from './listener.js'
import { MergeBacklog } from './merge-backlog.js'
import { batchDurationOf, progressOf, type JobFigures, type StreamingQueryProgress } from './progress.js'
import type { RateController } from './rate-controller.js'
import { SourceFeed, type IntakeLosses } from './source-feed.js'
import { StateTracker } from './state-tracker.js'
import type { TableTracker } from './table-tracker.js'
import { TaskScheduler } from './task-scheduler.js'
import { WatermarkTracker } from './watermark-tracker.js'

/** Bad records of a task that are kept for the event and for `onBadRecord`. */
const BAD_RECORDS_MAX = 1000

/**
 * What makes a batch of a source that can wait, for each slot: little enough to stay in the caches until tasks have read it, and
 * of rows somewhat less than two tasks, so that the push that fills it does not begin a third.
 */
const ROWS_WAITING_PER_SLOT = 240_000
const TEXT_BYTES_WAITING_PER_SLOT = 4 * TASK_BYTES

export interface StreamingQueryOptions {
  readonly clock: Clock
  /** Null where nothing is kept beyond the query. */
  readonly log: BatchLog | null
  readonly executor: TaskExecutor
  readonly listener: ListenerBus
  readonly plan: PhysicalPlan
  /** By sourceId; those in the plan. */
  readonly sources: ReadonlyMap<number, Source>
  /** Those of the plan; null where it joins with none. */
  readonly tables: TableTracker | null
  /** By outputId. */
  readonly sinks: ReadonlyMap<number, Sink>
  readonly batchIntervalMs: number
  readonly partitions: number
  /** Back-pressure by rate; null: none. */
  readonly newController: (() => RateController) | null
  readonly maxBatchesQueued: number
  readonly taskAttempts: number
  readonly fastPaths?: FastPaths
}

interface DrainWaiter {
  /** Rows of each source that must have left its queue. */
  readonly rows: ReadonlyMap<SourceFeed, number>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class StreamingQuery {
  /** Settles when the query is over; rejects with the first error. */
  readonly termination: Promise<void>
  readonly #options: StreamingQueryOptions
  readonly #feeds: SourceFeed[] = []
  readonly #blocks = new BlockTracker()
  readonly #states: StateTracker
  readonly #tables: TableTracker | null
  readonly #tasks: TaskScheduler
  readonly #watermarks: WatermarkTracker
  readonly #merges: MergeBacklog
  /** What is held of batches. */
  readonly #trackers: readonly { readonly isEmpty: boolean; clear(): void }[]
  readonly #generator: BatchGenerator
  readonly #jobs: JobScheduler
  readonly #openSinks: Sink[] = []
  #phase: 'opening' | 'running' | 'draining' | 'over' = 'opening'
  #timer: Timer | null = null
  #latestMs = -Infinity
  #clockOffsetMs = 0
  #isStepQueued = false
  #nextBatchId = 0
  #completedBatchId = -1
  #lastBatchTimeMs: number
  #lastProgress: (() => StreamingQueryProgress) | null = null
  #drainWaiters: DrainWaiter[] = []
  #settle!: { readonly resolve: () => void; readonly reject: (error: unknown) => void }

  constructor(options: StreamingQueryOptions) {
    this.#options = options
    const { plan, partitions, executor, clock, taskAttempts, listener, log, sinks, sources } = options
    const startMs = clock.now()
    this.#lastBatchTimeMs = startMs
    this.#states = new StateTracker(plan, partitions, executor.memory)
    this.#tables = options.tables
    this.#tasks = new TaskScheduler({ executor, states: this.#states, tables: this.#tables, partitions, taskAttempts, listener })
    this.#watermarks = new WatermarkTracker(plan, startMs)
    this.#merges = new MergeBacklog(plan, isOn(options.fastPaths, 'deferredMerges'))
    this.#trackers = [this.#blocks, this.#states, this.#merges, ...(this.#tables ? [this.#tables] : [])]
    this.#generator = new BatchGenerator(options, startMs)
    this.#jobs = new JobScheduler({
      clock, plan, partitions, listener, sinks, log,
      blocks: this.#blocks, tasks: this.#tasks, tables: this.#tables, merges: this.#merges, watermarks: this.#watermarks,
      readsAndMerges: executor.slots === 1 && isOn(options.fastPaths, 'readAndMerge'),
      overlaps: options.fastPaths?.jobOverlap ?? executor.capabilities.workers > 0,
      onReady: () => this.#wake(),
      badRecordPolicies: new Map([...sources].map(([sourceId, source]) => [sourceId, source.limits.onBadRecord])),
      onCompleted: figures => this.#onCompleted(figures),
      onFailed: error => void this.#finish({ error }),
    })
    this.termination = new Promise((resolve, reject) => { this.#settle = { resolve, reject } })
    // Whoever does not wait for the end learns of it by the event.
    this.termination.catch(() => undefined)
  }

  /** Figures of the last completed batch. */
  get progress(): StreamingQueryProgress | null {
    return this.#lastProgress?.() ?? null
  }

  /** Readies workers and sinks, then opens the sources. On an error everything is closed again. */
  async start(): Promise<void> {
    const { executor, plan, partitions, sinks, listener, fastPaths = {} } = this.#options
    try {
      await executor.open({ plan, partitions, badRecordsMax: BAD_RECORDS_MAX, recordBytesMax: RECORD_BYTES_MAX, fastPaths })
      for (const sink of new Set(sinks.values())) {
        await sink.open?.()
        this.#openSinks.push(sink)
      }
      this.#phase = 'running'
      listener.post('started', { capabilities: executor.capabilities })
      for (const [sourceId, source] of this.#options.sources) this.#feeds.push(this.#createFeed(sourceId, source))
      for (const feed of this.#feeds) feed.open()
    } catch (error) {
      await this.#finish({ error })
      throw error
    }
    this.#wake()
  }

  /** Stops: gracefully after all that was received is with the sinks, else at once. Open windows stay open. */
  async stop(graceful: boolean): Promise<void> {
    if (this.#phase === 'over') return this.termination
    if (graceful) {
      this.#phase = 'draining'
      await Promise.all(this.#feeds.map(feed => feed.close()))
      await this.processAllAvailable()
    }
    await this.#finish({})
  }

  /** Resolves when all that was received until now is with the sinks. */
  processAllAvailable(): Promise<void> {
    if (this.#phase === 'over') return this.termination
    return new Promise((resolve, reject) => {
      for (const feed of this.#feeds) feed.demand()
      this.#drainWaiters.push({ rows: new Map(this.#feeds.map(feed => [feed, feed.receivedRows])), resolve, reject })
      this.#wake()
    })
  }

  /** Every tracker is empty: nothing of any batch is held any more. */
  get isEmpty(): boolean {
    return this.#trackers.every(tracker => tracker.isEmpty) && this.#tasks.isIdle && this.#timer === null
  }

  #createFeed(sourceId: number, source: Source): SourceFeed {
    const { clock, executor, plan, newController, batchIntervalMs, listener } = this.#options
    return new SourceFeed({
      source, sourceId, clock,
      memory: executor.memory,
      columnsRead: columnsReadOf(plan, sourceId),
      pauseAt: { rows: executor.slots * ROWS_WAITING_PER_SLOT, textBytes: executor.slots * TEXT_BYTES_WAITING_PER_SLOT },
      batchIntervalMs, newController,
      onData: () => this.#wake(),
      onEnd: () => this.#wake(),
      onFail: error => void this.#finish({ error }),
      onEvent: event => listener.post('sourceEvent', { source: source.name, event }),
    })
  }

  /** Looks at what is to be done once the present turn is over, so that what is pushed in one turn comes into one batch. */
  #wake(): void {
    if (this.#isStepQueued) return
    this.#isStepQueued = true
    queueMicrotask(() => {
      this.#isStepQueued = false
      if (this.#phase === 'running' || this.#phase === 'draining') this.#step('changed')
    })
  }

  #step(event: GeneratorEvent): void {
    this.#settleSources()
    const nowMs = this.#nowMs()
    const isWanted = this.#drainWaiters.length > 0 || this.#feeds.every(feed => feed.isFed || feed.hasEnded)
    const actions = this.#generator.on(isWanted ? 'drain' : event, {
      nowMs,
      hasData: this.#feeds.some(feed => feed.hasData),
      isFull: this.#feeds.some(feed => feed.isFull),
      batchesInFlight: this.#jobs.batchesInFlight,
      canBegin: this.#jobs.canBegin,
      isReady: this.#jobs.isReady,
      canClose: this.#watermarks.canClose(nowMs),
      nextIdleMs: this.#watermarks.nextIdleMs(nowMs),
    })
    for (const action of actions) {
      if (action.kind === 'makeBatch') this.#makeBatch(action.batchTimeMs, action.limited)
      else this.#setTimer(action.atMs)
    }
    this.#settleWaiters()
  }

  #makeBatch(batchTimeMs: number, isLimited: boolean): void {
    const batchId = this.#nextBatchId
    const taken = new Map<number, SealedBlock[]>()
    for (const feed of this.#feeds) taken.set(feed.sourceId, feed.take(batchId, isLimited))
    // A source's own rate may have let nothing through.
    if ([...taken.values()].every(blocks => blocks.length === 0) && !this.#watermarks.canClose(batchTimeMs)) return
    this.#nextBatchId++
    const tables = this.#tables?.capture(batchId)
    this.#jobs.submit({ batchId, batchTimeMs, sources: this.#blocks.allocate(batchId, taken), ...(tables ? { tables } : {}) })
  }

  #onCompleted(figures: JobFigures): void {
    const { plan, partitions, clock, listener } = this.#options
    this.#completedBatchId = figures.batchId
    const losses = new Map(this.#feeds.map(feed => [feed.sourceId, feed.takeLosses()]))
    const sinceLastMs = figures.batchTimeMs - this.#lastBatchTimeMs
    this.#lastBatchTimeMs = figures.batchTimeMs
    let progress: StreamingQueryProgress | null = null
    // Made when somebody looks: it is put together of every task's figures.
    const lastProgress = (): StreamingQueryProgress =>
      progress ??= progressOf(plan, partitions, { ...figures, losses }, sinceLastMs)
    this.#lastProgress = lastProgress
    this.#reportLosses(figures.batchId, losses)
    for (const { sourceId, numRows } of figures.sources) {
      this.#feeds.find(feed => feed.sourceId === sourceId)
        ?.learn(clock.elapsedMs(), numRows, batchDurationOf(figures), figures.schedulingDelayMs)
    }
    if (listener.isHeard('batchCompleted')) {
      listener.post('batchCompleted', { batchId: figures.batchId, progress: lastProgress() })
    }
    if (this.#phase !== 'over') this.#step('changed')
  }

  #reportLosses(batchId: number, losses: ReadonlyMap<number, IntakeLosses>): void {
    const { listener } = this.#options
    for (const feed of this.#feeds) {
      const { droppedRows, refusedRows, refused } = losses.get(feed.sourceId)!
      const source = feed.source.name
      if (droppedRows > 0) listener.post('rowsDropped', { source, numRows: droppedRows })
      if (refusedRows > 0) listener.post('badRecords', { batchId, source, numBadRecords: refusedRows, records: refused })
    }
  }

  /** Tells the watermarks which sources are done; ends the fed ones when nothing feeds them any more. */
  #settleSources(): void {
    const done = this.#feeds.filter(feed => feed.isDone(this.#completedBatchId))
    for (const feed of done) this.#watermarks.endSource(feed.sourceId)
    const own = this.#feeds.filter(feed => !feed.isFed)
    if (own.every(feed => done.includes(feed))) {
      for (const feed of this.#feeds) if (feed.isFed) feed.end()
    }
  }

  #settleWaiters(): void {
    if (this.#jobs.batchesInFlight > 0 || this.#phase === 'over') return
    // Bad records of what was received are rows of a fed source: they belong to it.
    if (this.#feeds.some(feed => feed.isFed && feed.hasData)) return
    const settled = this.#drainWaiters.filter(({ rows }) => [...rows].every(([feed, count]) => feed.passedRows >= count))
    this.#drainWaiters = this.#drainWaiters.filter(waiter => !settled.includes(waiter))
    for (const waiter of settled) waiter.resolve()
    const isOver = this.#feeds.length > 0 && this.#feeds.every(feed => feed.isDone(this.#completedBatchId))
    if (isOver && this.#phase === 'running') void this.#finish({})
  }

  #setTimer(atMs: number | null): void {
    this.#timer?.cancel()
    this.#timer = null
    if (atMs === null || this.#phase === 'over') return
    this.#timer = this.#options.clock.setTimer(atMs - this.#nowMs(), () => {
      this.#timer = null
      this.#step('timer')
    })
  }

  /** The time of day, which does not go back when the host's clock is set back: batch times must not either. */
  #nowMs(): number {
    const nowMs = this.#options.clock.now() + this.#clockOffsetMs
    if (nowMs < this.#latestMs) this.#clockOffsetMs += this.#latestMs - nowMs
    return this.#latestMs = Math.max(nowMs, this.#latestMs)
  }

  /** Ends the query, once: with the error that ended it, or without. */
  async #finish(outcome: { readonly error?: unknown }): Promise<void> {
    if (this.#phase === 'over') return this.termination.catch(() => undefined)
    const { executor, listener } = this.#options
    const hasFailed = 'error' in outcome
    this.#phase = 'over'
    this.#setTimer(null)
    // Tasks that run are not waited for: closing the executor ends them.
    this.#tasks.stop()
    const jobsDone = this.#jobs.abort()
    await executor.close()
    await Promise.all([jobsDone, ...this.#feeds.map(feed => feed.close())])
    const sinkError = await this.#closeSinks(outcome.error)
    for (const tracker of this.#trackers) tracker.clear()
    const error = hasFailed ? outcome.error : sinkError
    for (const waiter of this.#drainWaiters.splice(0)) waiter.reject(error ?? stoppedError())
    if (error === undefined) {
      this.#settle.resolve()
      listener.post('stopped', {})
    } else {
      this.#settle.reject(error)
      listener.post('failed', { error })
    }
  }

  /** Closes every sink that was opened, whatever the others do; gives the first error. */
  async #closeSinks(cause: unknown): Promise<unknown> {
    let first: unknown
    for (const sink of this.#openSinks.splice(0)) {
      try {
        await sink.close?.(cause)
      } catch (error) {
        first ??= new MillraceError('SINK_FAILED', `${sink.name} could not be closed: ${String(error)}.`, { cause: error })
      }
    }
    return first
  }
}

/** Indexes of the columns of a source that the plan reads. */
function columnsReadOf({ stages }: PhysicalPlan, sourceId: number): readonly number[] {
  return stages.flatMap(({ input }) => (input.kind === 'source' && input.sourceId === sourceId ? input.columnsRead : []))
}

function stoppedError(): MillraceError {
  return new MillraceError('INVALID_STATE', 'The context was stopped before all that was received could be processed.')
}
