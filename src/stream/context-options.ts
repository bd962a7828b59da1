/**
 * The options of a StreamingContext, as users give them and after checks and defaults.
 * Invariant: an option that is not known or does not work here is refused: nothing is silently ignored.
 */
import { toMs, type Duration } from '../base/duration.js'
import { MillraceError, quoteNames } from '../base/errors.js'
import { FAST_PATHS, type FastPaths } from '../plan/fast-path.js'
import type { ExecutorOptions } from '../plan/runtime.js'

const BATCH_INTERVAL_MS = 250
const PARTITIONS = 8
const PARTITIONS_MAX = 1024
const WORKERS_MAX = 64
const BATCHES_QUEUED_MAX = 8
const TASK_ATTEMPTS = 4

export interface StreamingContextOptions {
  /**
   * Time between batches; 0: a batch as soon as there is data. A source that can wait, and is full, does not wait for it, unless
   * `maxRate` or `backpressure` says how much goes into each interval. Default '250 ms'.
   */
  readonly batchInterval?: Duration
  /** Worker threads; 0: tasks run on this thread. Default 'auto': cores − 1, at least 1, at most 8. */
  readonly workers?: 'auto' | number
  /** Partitions of keyed state, 1 to 1024; results are the same bit for bit for the same number. Default 8. */
  readonly partitions?: number
  /** Limits what sources give per batch to what can be processed in a batch interval (PID, gains as Spark's). Default false. */
  readonly backpressure?: boolean
  /** Batches that may wait behind the running one before several intervals make one batch. Default 8. */
  readonly maxBatchesQueued?: number
  /** How often a task is tried before the job fails. Default 4. */
  readonly taskAttempts?: number
  /**
   * Which build of the kernels. Default 'auto': SIMD where there is SIMD, else scalar; the TypeScript twin where WebAssembly
   * is refused.
   */
  readonly kernels?: ExecutorOptions['kernels']
  /** How blocks reach workers. Default 'auto': shared where memory can be shared. */
  readonly blockTransport?: ExecutorOptions['blockTransport']
  /** Where the kernels file is, if not beside the package's code. */
  readonly wasmUrl?: string | URL
  /** Where the worker file is, if not beside the package's code. */
  readonly workerUrl?: string | URL
  /** Makes a module worker that runs `millrace/worker`, for pages whose policy refuses the others. */
  readonly createWorker?: () => unknown
  /** @internal Switches fast paths off, for tests and diagnosis; results stay the same. */
  readonly fastPaths?: FastPaths
}

/** Options after checks and defaults. */
export interface ContextSettings {
  readonly batchIntervalMs: number
  readonly partitions: number
  readonly backpressure: boolean
  readonly maxBatchesQueued: number
  readonly taskAttempts: number
  readonly fastPaths: FastPaths
  readonly executor: ExecutorOptions
}

const NAMES: readonly (keyof StreamingContextOptions)[] = [
  'batchInterval', 'workers', 'partitions', 'backpressure', 'maxBatchesQueued', 'taskAttempts', 'kernels', 'blockTransport',
    'wasmUrl', 'workerUrl',
  'createWorker', 'fastPaths',
]

/**
 * Checks options and fills in defaults.
 * @throws MillraceError INVALID_OPTION naming the option, its value and what it may be.
 */
export function settingsOf(options: StreamingContextOptions, defaultWorkers: () => number): ContextSettings {
  for (const name of Object.keys(options)) {
    if (!(NAMES as readonly string[]).includes(name)) {
      throw new MillraceError('INVALID_OPTION', `StreamingContext has no option '${name}'; it has ${quoteNames(NAMES)}.`)
    }
  }
  const { batchInterval = BATCH_INTERVAL_MS, workers = 'auto', backpressure = false, fastPaths = {} } = options
  const { wasmUrl, workerUrl, createWorker } = options
  if (typeof backpressure !== 'boolean') throw invalid('backpressure', backpressure, 'true or false')
  if (createWorker !== undefined && typeof createWorker !== 'function') throw invalid('createWorker', createWorker, 'a function')
  for (const name of Object.keys(fastPaths)) oneOf('fastPaths', name, FAST_PATHS)
  return {
    batchIntervalMs: toMs(batchInterval, 'batchInterval'),
    partitions: whole('partitions', options.partitions ?? PARTITIONS, 1, PARTITIONS_MAX),
    backpressure,
    maxBatchesQueued: whole('maxBatchesQueued', options.maxBatchesQueued ?? BATCHES_QUEUED_MAX, 0, Infinity),
    taskAttempts: whole('taskAttempts', options.taskAttempts ?? TASK_ATTEMPTS, 1, Infinity),
    fastPaths,
    executor: {
      fastPaths,
      workers: workers === 'auto' ? defaultWorkers() : whole('workers', workers, 0, WORKERS_MAX, "'auto' or "),
      kernels: oneOf('kernels', options.kernels ?? 'auto', ['auto', 'simd', 'scalar', 'reference']),
      blockTransport: oneOf('blockTransport', options.blockTransport ?? 'auto', ['auto', 'shared', 'transfer']),
      ...(wasmUrl === undefined ? {} : { wasmUrl }),
      ...(workerUrl === undefined ? {} : { workerUrl }),
      ...(createWorker === undefined ? {} : { createWorker }),
    },
  }
}

function whole(name: string, value: unknown, min: number, max: number, other = ''): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw invalid(name, value, `${other}a whole number from ${min}${max === Infinity ? '' : ` to ${max}`}`)
}

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  if ((choices as readonly string[]).includes(value)) return value as T
  throw invalid(name, value, quoteNames(choices).replace(' and ', ' or '))
}

function invalid(name: string, value: unknown, expected: string): MillraceError {
  return new MillraceError('INVALID_OPTION',
    `${name} must be ${expected}, not ${typeof value === 'string' ? `'${value}'` : String(value)}.`)
}
