/**
 * What the page shows of the engine: the figures of a batch and of the workers, named as Spark's streaming page names them.
 */
export interface BatchFigures {
  readonly batchId: number
  /** Batch time, epoch ms. */
  readonly timeMs: number
  readonly rows: number
  readonly schedulingDelayMs: number
  readonly processingTimeMs: number
  readonly totalDelayMs: number
  readonly status: 'completed' | 'failed'
}

/** One worker's work since the context started. */
export interface WorkerFigures {
  readonly name: string
  readonly tasks: number
  readonly busyMs: number
}

/** One finished second of the load. */
export interface MadeUpFigures {
  readonly sensors: number
  readonly readings: number
  readonly unusual: number
}
