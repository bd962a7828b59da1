/**
 * `StreamingContext`: where a program begins. It holds the pipeline while it is built, and the running query from `start` on.
 * On the data path: it hands sources, plan and sinks to the scheduler, and the runtime that an entry file wired to it.
 * Invariant: a context runs once: created → starting → running → stopping → stopped, or failed.
 */
import { MillraceError } from '../base/errors.js'
import type { Storage } from '../base/ports.js'
import { explainOutputs } from '../plan/explain.js'
import type { Runtime } from '../plan/runtime.js'
import type { Capabilities, TaskExecutor } from '../plan/task.js'
import type { BatchLog } from '../scheduler/batch-log.js'
import { ListenerBus, type ListenerEvent, type ListenerEvents, type ListenerEventType } from '../scheduler/listener.js'
import type { StreamingQueryProgress } from '../scheduler/progress.js'
import type { RateController } from '../scheduler/rate-controller.js'
import { StreamingQuery } from '../scheduler/streaming-query.js'
import type { ProgramTable, TableTracker } from '../scheduler/table-tracker.js'
import type { InputColumns } from '../source/payload.js'
import type { InputRow, Source, SourceSchema } from '../source/source.js'
import { settingsOf, type ContextSettings, type StreamingContextOptions } from './context-options.js'
import { LookupTable, type TableOptions } from './lookup-table.js'
import { Pipeline, planPipeline } from './pipeline.js'
import { streamOfSource, type Stream } from './stream.js'
import type { Fields, FieldsOfColumns, FieldsOfRows, FieldsOfSchema, PlainColumns, PlainValue } from './types.js'

export type ContextState = 'created' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'

/**
 * @example
 * const context = new StreamingContext({ batchInterval: '250 ms' })
 * context.source(readings).filter(r => r.value.gt(20)).forEachBatch(batch => show(batch))
 * await context.start()
 */
export class StreamingContext implements AsyncIterable<ListenerEvent> {
  readonly #runtime: Runtime
  readonly #settings: ContextSettings
  readonly #pipeline = new Pipeline()
  readonly #listener = new ListenerBus()
  readonly #termination: Promise<void>
  #settle!: { readonly resolve: () => void; readonly reject: (error: unknown) => void }
  #state: ContextState = 'created'
  #executor: TaskExecutor | null = null
  #query: StreamingQuery | null = null
  #starting: Promise<void> | null = null

  /** @internal Programs make contexts of the class that their entry exports, which knows its runtime. */
  constructor(runtime: Runtime, options: StreamingContextOptions) {
    this.#runtime = runtime
    this.#settings = settingsOf(options, () => runtime.defaultWorkers())
    this.#pipeline.describePrograms = stage => runtime.describePrograms(stage)
    this.#termination = new Promise((resolve, reject) => { this.#settle = { resolve, reject } })
    // Whoever does not wait for the end learns of it by the event.
    this.#termination.catch(() => undefined)
  }

  get state(): ContextState {
    return this.#state
  }

  /** The stream of a source's rows. The same source twice is one source. */
  source<S extends SourceSchema>(source: Source<S>): Stream<FieldsOfSchema<S>> {
    return streamOfSource(this.#pipeline, source)
  }

  /**
   * Rows that streams can be joined with, given as rows or as columns by name. They may be changed at any time: each batch sees
   * the table as it was when the batch was made. Without a schema numbers are f64, and typed arrays of their own type.
   * @example
   * const campaigns = context.table([{ ad: 1, campaign: 'spring' }], { key: 'ad' })
   * views.join(campaigns, { on: ['ad'] })
   * @throws MillraceError BAD_RECORD when a value does not fit its column or a key repeats, INVALID_STATE after start.
   */
  table<const S extends SourceSchema>(
    rows: readonly InputRow<S>[] | InputColumns<S>, options: TableOptions<keyof S & string> & { readonly schema: S }
  ): LookupTable<FieldsOfSchema<S>, InputRow<S>>
  table<R extends Readonly<Record<string, PlainValue | null>>>(
    rows: readonly R[], options?: TableOptions<keyof R & string>
  ): LookupTable<FieldsOfRows<R>, R>
  table<C extends PlainColumns>(
    columns: C, options?: TableOptions<keyof C & string>
  ): LookupTable<FieldsOfColumns<C>, Readonly<Record<keyof C, unknown>>>
  table(rows: unknown, options: TableOptions & { readonly schema?: SourceSchema } = {}): LookupTable<Fields> {
    return new LookupTable<Fields>(this.#pipeline, rows, options)
  }

  /**
   * Starts workers and sources; resolves when they are open.
   * @throws MillraceError INVALID_STATE when it was started before, INVALID_PIPELINE when nothing is put out.
   */
  async start(): Promise<void> {
    if (this.#state !== 'created') throw new MillraceError('INVALID_STATE',
      `The context cannot be started: it is ${this.#state}. A context runs once; make a new one.`)
    const plan = planPipeline(this.#pipeline)
    if (plan.outputs.length === 0) {
      throw new MillraceError('INVALID_PIPELINE',
        'The context has no output: give a stream to forEachBatch, to(sink) or another output verb before start().')
    }
    this.#pipeline.seal()
    this.#state = 'starting'
    this.#starting = this.#open(plan)
    return this.#starting
  }

  /**
   * Stops. `graceful`: first everything that was received is processed and with the sinks. Open windows stay open. It waits
   * for the output function that runs: do not await it in there.
   * @throws the error of the job when it fails while it is drained. A context that has ended already is left as it is.
   */
  async stop({ graceful = false }: { readonly graceful?: boolean } = {}): Promise<void> {
    if (this.#state === 'created') {
      this.#state = 'stopped'
      this.#settle.resolve()
      return
    }
    await this.#starting?.catch(() => undefined)
    if (this.#state === 'stopped' || this.#state === 'failed') return
    this.#state = 'stopping'
    await this.#query!.stop(graceful)
  }

  /** Resolves when the context has stopped, by itself or by `stop`; rejects with the first error when the job failed. */
  awaitTermination(): Promise<void> {
    return this.#termination
  }

  /** Resolves when all that was received until now is with the sinks. */
  async processAllAvailable(): Promise<void> {
    if (this.#state === 'created') throw new MillraceError('INVALID_STATE',
      'The context is not started: call start() before processAllAvailable().')
    await this.#starting
    await this.#query!.processAllAvailable()
  }

  /** Calls `listener` with every event of the type; gives the function that ends it. Events before `start` are none. */
  on<T extends ListenerEventType>(type: T, listener: (event: ListenerEvents[T] & { readonly type: T }) => void): () => void {
    return this.#listener.on(type, listener)
  }

  /** Every event from now on; ends with `stopped` or `failed`. */
  [Symbol.asyncIterator](): AsyncIterator<ListenerEvent> {
    return this.#listener.events()
  }

  /** Figures of the last completed batch, by the names of Spark's StreamingQueryProgress; null before the first. */
  get progress(): StreamingQueryProgress | null {
    return this.#query?.progress ?? null
  }

  /**
   * How the engine came to run: workers, kernels, where they came from, what was tried in vain.
   * @throws MillraceError INVALID_STATE before it was started.
   */
  get capabilities(): Capabilities {
    if (!this.#executor) throw new MillraceError('INVALID_STATE',
      'The capabilities are known once the context has started: await start() first.')
    return this.#executor.capabilities
  }

  /** The plan of all outputs, its stages and each stage's kernel program, as text. */
  explain(): string {
    return explainOutputs(this.#pipeline.outputs.map(({ output }) => output), stage => this.#runtime.describePrograms(stage))
  }

  async #open(plan: ReturnType<typeof planPipeline>): Promise<void> {
    const { clock } = this.#runtime
    const { executor: executorOptions, ...settings } = this.#settings
    try {
      this.#executor = await this.#runtime.createExecutor(executorOptions)
      const tables = new Map(plan.tables.map(({ tableId }) => [tableId, this.#pipeline.tables[tableId]!]))
      this.#query = new StreamingQuery({
        ...settings,
        clock,
        plan,
        log: await openLog(this.#runtime.createStorage()),
        executor: this.#executor,
        listener: this.#listener,
        sources: new Map(plan.sources.map(({ sourceId }) => [sourceId, this.#pipeline.sources[sourceId]!])),
        tables: await trackTables(this.#executor, tables),
        newController: await rateControllers(this.#settings),
        sinks: new Map(this.#pipeline.outputs.map(({ output, sink }) => [output.outputId, sink])),
      })
      this.#query.termination.then(() => this.#end('stopped'), (error: unknown) => this.#end('failed', error))
      await this.#query.start()
      if (this.#state === 'starting') this.#state = 'running'
    } catch (error) {
      this.#end('failed', error)
      throw error
    }
  }

  #end(state: 'stopped' | 'failed', error?: unknown): void {
    if (this.#state === 'stopped' || this.#state === 'failed') return
    this.#state = state
    if (state === 'stopped') this.#settle.resolve()
    else this.#settle.reject(error)
  }
}

// What few pages use is loaded by those: a log that outlives the query, tables to join with, back-pressure by rate.

async function openLog(storage: Storage | null): Promise<BatchLog | null> {
  return storage && new (await import('../scheduler/batch-log.js')).BatchLog(storage)
}

async function trackTables(executor: TaskExecutor, tables: ReadonlyMap<number, ProgramTable>): Promise<TableTracker | null> {
  return tables.size > 0 ? new (await import('../scheduler/table-tracker.js')).TableTracker({ executor, tables }) : null
}

/** Without an interval there is no rate to hold. */
async function rateControllers({ backpressure, batchIntervalMs: ms }: ContextSettings): Promise<(() => RateController) | null> {
  const chunk = backpressure && ms > 0 ? await import('../scheduler/rate-controller.js') : null
  return chunk && (() => new chunk.RateController(ms))
}
