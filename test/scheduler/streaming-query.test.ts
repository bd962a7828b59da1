/**
 * The running query under a clock that is moved by hand: batches in time, the ways it ends, failures of tasks, workers,
 * sources and sinks.
 */
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/base/errors.js'
import { ManualClock } from '../../src/platform/manual-clock.js'
import { memoryPlatform } from '../../src/platform/memory.js'
import { BatchLog } from '../../src/scheduler/batch-log.js'
import { ListenerBus } from '../../src/scheduler/listener.js'
import { StreamingQuery } from '../../src/scheduler/streaming-query.js'
import { memorySink } from '../../src/sink/memory-sink.js'
import { memory } from '../../src/source/memory.js'
import { count, sum } from '../../src/stream/aggregates.js'
import { Pipeline, planPipeline } from '../../src/stream/pipeline.js'
import { streamOfSource } from '../../src/stream/stream.js'
import { tumbling } from '../../src/stream/windows.js'
import { StreamingContext, type TestContextOptions } from '../../src/testing.js'
import { twinKernels } from '../../src/worker/kernel-loader.js'
import { inlineExecutor } from '../../src/worker/runtime.js'

const SCHEMA = { sensor: 'utf8', at: 'timestamp', value: 'f64' } as const
type Row = { sensor: string; at: number; value: number }

/** Counts and sums per sensor and 10 s window, without delay. */
function counting({ slowSink = false, ...options }: TestContextOptions & { slowSink?: boolean } = {}) {
  const context = new StreamingContext({ batchInterval: '1 s', partitions: 3, kernels: 'reference', ...options })
  const source = memory({ schema: SCHEMA })
  const events: string[] = []
  const batches: { id: number; time: number; rows: string[] }[] = []
  context.source(source).withWatermark('at', 0)
    .groupBy(r => ({ sensor: r.sensor, w: tumbling(r.at, '10 s') }))
    .aggregate(r => ({ n: count(), total: sum(r.value) }))
    .forEachBatch(async (batch, { batchId, time }) => {
      if (slowSink) await settle()
      batches.push({ id: batchId, time,
        rows: [...batch].map(row => `${row.sensor} ${row.w.start} ${row.n} ${row.total}`).sort() })
    })
  for (const type of ['taskFailed', 'workerLost', 'stopped', 'failed'] as const) context.on(type,
    event => void events.push(event.type))
  const push = (...rows: [sensor: string, at: number, value: number][]): Promise<void> =>
    source.push(rows.map(([sensor, at, value]): Row => ({ sensor, at, value })))
  return { context, source, events, batches, push, results: () => batches.flatMap(batch => batch.rows) }
}

/** Turns of the event loop, so that what was started can go on. */
const settle = async (): Promise<void> => { for (let i = 0; i < 50; i++) await new Promise(resolve => { setImmediate(resolve) }) }

describe('streaming query', () => {
  it('makes a batch at each interval in which data came, and none where nothing happens', async () => {
    const { context, push } = counting()
    const times: number[] = []
    context.on('batchStarted', ({ batchTimeMs }) => void times.push(batchTimeMs))
    await context.start()
    await push(['a', 1000, 1])
    await settle()
    expect(times).toEqual([])
    context.clock.advance(1000)
    await settle()
    // The second is without rows: there is a first watermark, which might close something.
    expect(times).toEqual([1000, 1000])
    context.clock.advance(10_000)
    await settle()
    expect(times.length).toBe(2)
    expect(context.clock.numTimers).toBe(0)
    await context.stop()
  })

  it('drops by the watermark before and closes by the one in force: delay 0, one row a batch, t = 1, 25, 3', async () => {
    const { context, push, batches } = counting()
    await context.start()
    await push(['a', 1000, 1])
    context.clock.advance(1000)
    await push(['a', 25_000, 1])
    context.clock.advance(1000)
    await push(['a', 3000, 1])
    context.clock.advance(1000)
    await settle()
    expect(batches.flatMap(batch => batch.rows)).toEqual(['a 0 2 2'])
    await context.stop()
  })

  it('closes windows without waiting for the next event', async () => {
    const { context, push, results } = counting()
    await context.start()
    await push(['a', 1000, 1], ['a', 12_000, 5])
    await context.processAllAvailable()
    expect(results()).toEqual(['a 0 1 1'])
    await context.stop()
  })

  it('ends by itself when its sources have ended, with every window', async () => {
    const { context, push, source, results, events } = counting()
    await context.start()
    await push(['a', 1000, 1], ['b', 12_000, 5])
    source.end()
    await context.awaitTermination()
    expect(results()).toEqual(['a 0 1 1', 'b 10000 1 5'])
    expect(context.state).toBe('stopped')
    expect(events).toEqual(['stopped'])
    expect(context.clock.numTimers).toBe(0)
  })

  it('drains what was received on a graceful stop, and leaves open windows open', async () => {
    const { context, push, results } = counting()
    await context.start()
    await push(['a', 1000, 1], ['a', 12_000, 5], ['a', 13_000, 5])
    await context.stop({ graceful: true })
    expect(results()).toEqual(['a 0 1 1'])
    expect(context.progress?.stateOperators[0]?.numRowsTotal).toBe(1)
  })

  it('lets go of what waits when it is stopped at once', async () => {
    const { context, push, batches } = counting()
    await context.start()
    await push(['a', 1000, 1])
    const waiting = context.processAllAvailable().catch((error: MillraceError) => error.code)
    await context.stop()
    expect(batches).toEqual([])
    expect(await waiting).toBe('INVALID_STATE')
    await expect(context.start()).rejects.toMatchObject({ code: 'INVALID_STATE' })
  })

  it('makes one batch of what waited too long', async () => {
    const context = new StreamingContext({ batchInterval: '1 s', maxBatchesQueued: 0, kernels: 'reference' })
    const source = memory({ schema: { x: 'i32' } })
    let release = (): void => undefined
    const blocked = new Promise<void>(resolve => { release = resolve })
    const seen: number[] = []
    context.source(source).forEachBatch(async batch => {
      seen.push(batch.numRows)
      if (seen.length === 1) await blocked
    })
    await context.start()
    for (let i = 0; i < 5; i++) {
      await source.push({ x: i })
      context.clock.advance(1000)
      await settle()
    }
    release()
    await context.processAllAvailable()
    expect(seen).toEqual([1, 4])
    await context.stop()
  })

  it('queues batches behind the running one up to the limit', async () => {
    const context = new StreamingContext({ batchInterval: '1 s', maxBatchesQueued: 2, kernels: 'reference' })
    const source = memory({ schema: { x: 'i32' } })
    let release = (): void => undefined
    const blocked = new Promise<void>(resolve => { release = resolve })
    const seen: number[] = []
    context.source(source).forEachBatch(async batch => {
      seen.push(batch.numRows)
      if (seen.length === 1) await blocked
    })
    const delays: number[] = []
    context.on('batchStarted', ({ schedulingDelayMs }) => void delays.push(schedulingDelayMs))
    await context.start()
    for (let i = 0; i < 6; i++) {
      await source.push({ x: i })
      context.clock.advance(1000)
      await settle()
    }
    release()
    await context.processAllAvailable()
    expect(seen).toEqual([1, 1, 1, 3])
    expect(delays).toEqual([0, 4000, 3000, 0])
    await context.stop()
  })

  it('does not wait for the interval when a source is full', async () => {
    const context = new StreamingContext({ batchInterval: '1 s', kernels: 'reference' })
    const source = memory({ schema: { x: 'i32' }, queuedRowsMax: 100 })
    const seen: number[] = []
    context.source(source).forEachBatch(batch => void seen.push(batch.numRows))
    await context.start()
    for (let i = 0; i < 10; i++) await source.push({ x: new Int32Array(40) })
    await settle()
    const total = (): number => seen.reduce((sum, rows) => sum + rows, 0)
    // What did not fill the queue again waits.
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(100)
    expect(total()).toBeGreaterThan(300)
    context.clock.advance(1000)
    await settle()
    expect(total()).toBe(400)
    await context.stop()
  })

  it('waits for it where the source has a rate: so much goes into each interval', async () => {
    const context = new StreamingContext({ batchInterval: '1 s', kernels: 'reference' })
    const source = memory({ schema: { x: 'i32' }, queuedRowsMax: 100, maxRate: 50 })
    const seen: number[] = []
    context.source(source).forEachBatch(batch => void seen.push(batch.numRows))
    await context.start()
    await source.push({ x: new Int32Array(200) })
    await settle()
    expect(seen).toEqual([])
    for (let i = 0; i < 4; i++) {
      context.clock.advance(1000)
      await settle()
    }
    // The rate lets more in only a moment after the first batch: the next interval but one takes what two seconds allow.
    expect(seen).toEqual([50, 100])
    await context.processAllAvailable()
    await context.stop()
  })

  it('takes no more per batch than the last ones show that it can, where back-pressure is on', async () => {
    const context = new StreamingContext({ batchInterval: '1 s', backpressure: true, kernels: 'reference' })
    const source = memory({ schema: { x: 'i32' } })
    const seen: number[] = []
    context.source(source).forEachBatch(batch => {
      seen.push(batch.numRows)
      context.clock.advance(500)
    })
    await context.start()
    const tick = async (): Promise<void> => {
      // To the next multiple of the interval: the output function has moved the clock on its own.
      context.clock.advance(1000 - (context.clock.now() % 1000))
      await settle()
    }
    // Two batches of 1000 rows in 500 ms each: 2000 rows a second.
    for (let i = 0; i < 2; i++) {
      await source.push(Array.from({ length: 1000 }, (_, x) => ({ x })))
      await tick()
    }
    await source.push(Array.from({ length: 9000 }, (_, x) => ({ x })))
    for (let i = 0; i < 3; i++) await tick()
    expect(seen.slice(0, 3)).toEqual([1000, 1000, 2000])
    expect(Math.max(...seen)).toBeLessThan(5000)
    await context.processAllAvailable()
    expect(seen.reduce((sum, rows) => sum + rows, 0)).toBe(11_000)
    await context.stop()
  })
})

describe('failures', () => {
  /** Longer than a window: after each step one closes, so that the stage that merges runs. */
  const rows = (step: number): [string, number, number][] =>
    Array.from({ length: 40 }, (_, i) => [`s${i % 7}`, step * 12_000 + i * 291, Math.sin(step * 40 + i) * 10 ** (i % 9)])

  async function run(disturb: (context: StreamingContext, step: number) => void, options: TestContextOptions = {}) {
    const query = counting(options)
    await query.context.start()
    for (let step = 0; step < 8; step++) {
      disturb(query.context, step)
      await query.push(...rows(step))
      await query.context.processAllAvailable()
    }
    query.source.end()
    await query.context.awaitTermination()
    return query
  }

  const variants = [1, 2, 4].flatMap(workers => [true, false].map(deferredMerges => ({ workers, deferredMerges })))

  it.each(variants)('leave the results as they are with %o', async ({ workers, deferredMerges }) => {
    const options = { workers, fastPaths: { deferredMerges } }
    const straight = await run(() => undefined, options)
    const killed = await run((context, step) => context.killWorkers(slot => slot === step % Math.min(workers, 3), 2), options)
    const failed = await run((context, step) => context.failTasks((slot, tasks) => tasks[0]!.stageId === step % 2, 3), options)
    expect(straight.results().length).toBeGreaterThan(20)
    expect(killed.batches).toEqual(straight.batches)
    expect(failed.batches).toEqual(straight.batches)
    expect(straight.events).toEqual(['stopped'])
    expect(killed.events.filter(type => type === 'workerLost').length).toBe(16)
    expect(failed.events.filter(type => type === 'taskFailed').length).toBe(24)
  })

  it('give the same with any number of workers', async () => {
    const [one, three] = await Promise.all([run(() => undefined, { workers: 1 }), run(() => undefined, { workers: 3 })])
    expect(three.batches).toEqual(one.batches)
  })

  it.each([1, 3])('leave the results as they are where jobs overlap, with %i workers', async workers => {
    const stream = async (jobOverlap: boolean, disturb: (context: StreamingContext) => void) => {
      const order: string[] = []
      const { context, push, batches, source } = counting({ workers, fastPaths: { jobOverlap }, slowSink: true })
      for (const type of ['batchStarted', 'batchCompleted'] as const) {
        context.on(type, ({ batchId }) => void order.push(`${type} ${batchId}`))
      }
      await context.start()
      disturb(context)
      for (let step = 0; step < 8; step++) {
        await push(...rows(step))
        context.clock.advance(1000)
      }
      await context.processAllAvailable()
      source.end()
      await context.awaitTermination()
      expect(batches.map(({ id }) => id)).toEqual(batches.map(({ id }) => id).sort((a, b) => a - b))
      return { batches, order }
    }
    const apart = await stream(false, () => undefined)
    const began = (order: readonly string[]): boolean =>
      order.some((entry, i) => entry.startsWith('batchStarted') && order[i - 1]?.startsWith('batchStarted'))
    expect(apart.batches.length).toBeGreaterThan(3)
    expect(began(apart.order)).toBe(false)
    for (const disturb of [
      () => undefined,
      (context: StreamingContext) => context.killWorkers((slot, [task]) => task?.stageId === 0 && task.batchId % 3 === slot, 3),
      (context: StreamingContext) => context.killWorkers((_, [task]) => task?.stageId === 1 && task.batchId === 4, 2),
      (context: StreamingContext) => context.failTasks((_, [task]) => task?.stageId === (task?.batchId ?? 0) % 2, 3),
    ]) {
      const overlapping = await stream(true, disturb)
      expect(overlapping.batches).toEqual(apart.batches)
      expect(began(overlapping.order)).toBe(true)
    }
  })

  it('of a job do not keep the one before from being committed', async () => {
    const { context, push, batches } = counting({ taskAttempts: 1, fastPaths: { jobOverlap: true }, slowSink: true })
    context.failTasks((_, tasks) => tasks[0]!.batchId === 3)
    const completed: number[] = []
    context.on('batchCompleted', ({ batchId }) => void completed.push(batchId))
    await context.start()
    for (let step = 0; step < 5; step++) {
      await push(...rows(step * 5))
      context.clock.advance(1000)
    }
    await expect(context.processAllAvailable()).rejects.toMatchObject({ code: 'TASK_FAILED' })
    await context.awaitTermination().catch(() => undefined)
    expect([completed, batches.map(({ id }) => id)]).toEqual([[0, 1, 2], [1, 2]])
  })

  it('end the context when a task has failed too often, with the first cause', async () => {
    const { context, push, events } = counting({ taskAttempts: 3 })
    context.failTasks(undefined, 3)
    await context.start()
    await push(['a', 1, 1])
    await expect(context.processAllAvailable()).rejects.toMatchObject({ code: 'TASK_FAILED' })
    await expect(context.awaitTermination())
      .rejects.toThrow('the tasks of worker 0 failed 3 times. First cause: The task was made to fail.')
    expect(context.state).toBe('failed')
    expect(events).toEqual(['taskFailed', 'taskFailed', 'taskFailed', 'failed'])
    await context.stop()
  })

  it('of a sink end the context, and the sink is told', async () => {
    const context = new StreamingContext({ kernels: 'reference' })
    const source = memory({ schema: { x: 'i32' } })
    const closed: unknown[] = []
    const broken = { name: 'broken', write: () => { throw new Error('disk full') },
      close: (error: unknown) => void closed.push(error) }
    context.source(source).to(broken)
    await context.start()
    await source.push({ x: 1 })
    context.clock.advance(250)
    const error = await context.awaitTermination().catch((thrown: MillraceError) => thrown)
    expect(error).toMatchObject({ code: 'SINK_FAILED', message: 'broken: disk full (batch 0).', where: { batchId: 0 } })
    expect(closed).toEqual([error])
  })

  it('of a source end the context', async () => {
    const context = new StreamingContext({ kernels: 'reference' })
    const sink = memorySink()
    const source = { ...memory({ schema: { x: 'i32' } }),
      start: () => { throw new MillraceError('SOURCE_FAILED', 'no such host') } }
    context.source(source).to(sink)
    await expect(context.start()).rejects.toMatchObject({ code: 'SOURCE_FAILED' })
    expect(context.state).toBe('failed')
    await expect(context.awaitTermination()).rejects.toThrow('no such host')
  })
})

describe('trackers', () => {
  it.each(['stopped', 'failed'])('are empty when the query has %s', async end => {
    const pipeline = new Pipeline()
    const source = memory({ schema: SCHEMA })
    let fails = false
    streamOfSource(pipeline, source).withWatermark('at', 0).groupBy(r => ({ w: tumbling(r.at, 1000) }))
      .aggregate(() => ({ n: count() }))
      .to({ name: 'sink', write: () => { if (fails) throw new Error('no more') } })
    const plan = planPipeline(pipeline)
    const clock = new ManualClock()
    const platform = memoryPlatform(clock)
    const storage = platform.createStorage()!
    const query = new StreamingQuery({
      clock, plan, log: new BatchLog(storage), listener: new ListenerBus(),
      executor: await inlineExecutor(platform, twinKernels, [], { slots: 2 }),
      sources: new Map([[0, source]]), tables: null,
      sinks: new Map(pipeline.outputs.map(({ output, sink }) => [output.outputId, sink])),
      batchIntervalMs: 0, partitions: 2, newController: null, maxBatchesQueued: 1, taskAttempts: 1,
    })
    await query.start()
    await source.push({ sensor: 'a', at: 5, value: 1 })
    await query.processAllAvailable()
    expect(query.isEmpty).toBe(false)
    fails = end === 'failed'
    await source.push({ sensor: 'a', at: 9000, value: 1 })
    source.end()
    await query.termination.catch(() => undefined)
    expect(query.isEmpty).toBe(true)
    const [begun, committed] = await Promise.all(['offsets/', 'commits/'].map(prefix => storage.list(prefix)))
    expect(begun!.length - committed!.length).toBe(fails ? 1 : 0)
    expect(committed).toContain('commits/0')
  })
})
