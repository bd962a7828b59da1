/**
 * Runs one job per batch, in the order of batch ids. A batch counts only when its commit is logged.
 * Invariant: jobs begin, write and commit in the order of their batches. Where jobs may overlap at most JOBS_MAX are under way:
 * one that merges and writes, one that reads, and the reading tasks of one more, so that workers do not wait for this thread;
 * else one at a time.
 */
import { Job, type JobContext, type SubmittedBatch } from './job.js'
import type { JobFigures } from './progress.js'

const JOBS_MAX = 3

export interface JobSchedulerOptions extends JobContext {
  /** The next job may read while the one before merges and writes. Where tasks run on this thread it would only be in the way. */
  readonly overlaps: boolean
  /** `canBegin` or `isReady` has become true, and the last batch has not completed. */
  readonly onReady: () => void
  readonly onCompleted: (figures: JobFigures) => void
  /** Called once; no job runs afterwards. */
  readonly onFailed: (error: unknown) => void
}

export class JobScheduler {
  readonly #options: JobSchedulerOptions
  readonly #jobsMax: number
  /** Submitted and not begun. */
  readonly #queue: SubmittedBatch[] = []
  readonly #jobs: Job[] = []
  readonly #running = new Set<Promise<void>>()
  #isAborted = false

  constructor(options: JobSchedulerOptions) {
    this.#options = options
    this.#jobsMax = options.overlaps ? JOBS_MAX : 1
  }

  /** Batches submitted and not completed. */
  get batchesInFlight(): number {
    return this.#queue.length + this.#jobs.length
  }

  /** A batch that is submitted now begins at once. */
  get canBegin(): boolean {
    return this.#queue.length === 0 && this.#mayStart
  }

  /** And no other reads: workers have nothing to do but to merge. */
  get isReady(): boolean {
    return this.canBegin && (this.#jobs.at(-1)?.hasRead ?? true)
  }

  submit(batch: SubmittedBatch): void {
    const { batchId, batchTimeMs, sources } = batch
    this.#options.listener.post('batchSubmitted', { batchId, batchTimeMs, sources })
    this.#queue.push(batch)
    this.#startNext()
  }

  /** Gives up what waits and, at their next step, the jobs that run; resolves when none runs any more. */
  async abort(): Promise<void> {
    this.#isAborted = true
    for (const job of this.#jobs) job.abort()
    await Promise.all(this.#running)
    this.#queue.length = 0
  }

  #startNext(): void {
    if (this.#isAborted || !this.#mayStart) return
    const batch = this.#queue.shift()
    if (!batch) return
    const job = new Job(this.#options, batch, this.#jobs.at(-1) ?? null)
    this.#jobs.push(job)
    for (const point of [job.begun, job.read]) void point.then(() => this.#onProgress())
    const run = this.#run(job).finally(() => this.#running.delete(run))
    this.#running.add(run)
  }

  async #run(job: Job): Promise<void> {
    try {
      const figures = await job.run()
      this.#jobs.shift()
      this.#options.onCompleted(figures)
      job.end()
      this.#startNext()
    } catch (error) {
      if (this.#isAborted) return
      this.#isAborted = true
      for (const other of this.#jobs) other.abort()
      this.#options.onFailed(error)
    }
  }

  get #mayStart(): boolean {
    return this.#jobs.length < this.#jobsMax && (this.#jobs.at(-1)?.hasBegun ?? true)
  }

  #onProgress(): void {
    if (this.#isAborted) return
    this.#startNext()
    if (this.canBegin && this.#jobs.length > 0) this.#options.onReady()
  }
}
