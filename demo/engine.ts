/**
 * Starts a context with the demo's pipeline on a feed and a load, and hands what comes out to the page: batches as they are,
 * figures in the page's terms. Between the sources and this file no row touches the page's thread.
 */
import { StreamingContext, type Batch, type Capabilities } from 'millrace'
import type { BatchFigures, MadeUpFigures, WorkerFigures } from './engine-figures.js'
import type { Feed } from './feed/feed.js'
import type { Load } from './feed/load-feed.js'
import { madeUpPipeline, sensorPipeline } from './pipeline.js'

export interface EngineSettings {
  readonly batchIntervalMs: number
  readonly workers: number
}

/** Where the results go; called as batches complete. */
export interface Receiver {
  readings(rows: Batch<ReadingRow>): void
  hours(rows: Batch<HourRow>): void
  madeUp(figures: MadeUpFigures): void
  batch(figures: BatchFigures): void
  failed(error: unknown): void
  /** The feed was lost, or is there again. */
  connected(isConnected: boolean): void
}

export interface ReadingRow {
  readonly sensor: string
  readonly at: number
  readonly value: number
}

export interface HourRow {
  readonly sensor: string
  readonly hour: { readonly start: number; readonly end: number }
  readonly mean: number
  readonly sd: number | null
  readonly isUnusual: boolean
}

export interface RunningEngine {
  /** The plan as text. */
  readonly plan: string
  /** In one sentence: how the engine runs here. */
  readonly how: string
  workers(): readonly WorkerFigures[]
  stop(): Promise<void>
}

export async function startEngine(settings: EngineSettings, feed: Feed, load: Load, receiver: Receiver): Promise<RunningEngine> {
  const context = new StreamingContext({ batchInterval: settings.batchIntervalMs, workers: settings.workers })
  const { readings, hours } = sensorPipeline(context, feed.source)
  const madeUp = madeUpPipeline(context, load.source)
  readings.forEachBatch(batch => receiver.readings(batch))
  hours.forEachBatch(batch => receiver.hours(batch))
  madeUp.forEachBatch(batch => {
    for (const second of batch) receiver.madeUp(second)
  })

  const work = new WorkTally()
  context.on('batchCompleted', ({ batchId, progress }) => {
    for (const { slot, numTasks, runMs } of progress.workers) work.add(slot, numTasks, runMs)
    receiver.batch({
      batchId, timeMs: Date.parse(progress.timestamp), rows: progress.numInputRows,
      schedulingDelayMs: progress.schedulingDelay, processingTimeMs: progress.batchDuration, totalDelayMs: progress.totalDelay,
      status: 'completed',
    })
  })
  context.on('sourceEvent', ({ event }) => receiver.connected(event.kind === 'connected'))
  context.on('failed', ({ error }) => receiver.failed(error))
  await context.start()

  return {
    plan: context.explain(),
    how: describe(context.capabilities),
    workers: () => work.figures(context.capabilities.workers),
    stop: () => context.stop({ graceful: false }),
  }
}

/** Tasks and busy time of each worker since the start. */
class WorkTally {
  readonly #bySlot: { tasks: number; busyMs: number }[] = []

  add(slot: number, tasks: number, busyMs: number): void {
    const work = (this.#bySlot[slot] ??= { tasks: 0, busyMs: 0 })
    work.tasks += tasks
    work.busyMs += busyMs
  }

  figures(workers: number): readonly WorkerFigures[] {
    return Array.from({ length: Math.max(workers, 1) }, (_, slot) => ({
      name: workers === 0 ? 'This page' : `Worker ${slot + 1}`,
      tasks: this.#bySlot[slot]?.tasks ?? 0,
      busyMs: this.#bySlot[slot]?.busyMs ?? 0,
    }))
  }
}

const TRANSPORT = {
  shared: 'Readings reach them in memory that they share with the page.',
  transfer: 'Readings are handed over to them as copies.',
  none: '',
} as const
const KERNELS = {
  simd: 'WebAssembly kernels with SIMD',
  scalar: 'WebAssembly kernels',
  reference: 'kernels in JavaScript, as WebAssembly is refused here',
} as const

function describe({ workers, kernels, blockTransport }: Capabilities): string {
  const some = workers === 1 ? 'One worker runs' : `${workers} workers run`
  const who = workers === 0 ? 'Everything runs on the page’s own thread' : `${some} the plan`
  return `${who}, by ${KERNELS[kernels]}. ${TRANSPORT[blockTransport]}`.trim()
}
