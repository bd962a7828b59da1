/**
 * Physical plans for tests of the scheduler: made by the pipeline itself, so that they are what the scheduler meets.
 */
import type { OutputMode } from '../../src/data/output-mode.js'
import type { PhysicalPlan } from '../../src/plan/stage.js'
import { memory } from '../../src/source/memory.js'
import { count } from '../../src/stream/aggregates.js'
import { Pipeline, planPipeline } from '../../src/stream/pipeline.js'
import { streamOfSource } from '../../src/stream/stream.js'
import { tumbling } from '../../src/stream/windows.js'
import { memorySink } from '../../src/sink/memory-sink.js'

const SCHEMA = { sensor: 'utf8', at: 'timestamp' } as const

export interface WindowPlanOptions {
  /** One watermark and source each; a union of them is counted. */
  readonly inputs: readonly { readonly delayMs: number; readonly idleTimeoutMs?: number }[]
  readonly sizeMs: number
  readonly mode?: OutputMode
}

/** Counts per sensor and window over one or more sources: stages 0 … n−1 read them, stage n keeps the state. */
export function windowPlan({ inputs, sizeMs, mode = 'append' }: WindowPlanOptions): PhysicalPlan {
  const pipeline = new Pipeline()
  const streams = inputs.map(({ delayMs, idleTimeoutMs }) =>
    streamOfSource(pipeline, memory({ schema: SCHEMA }))
      .withWatermark('at', delayMs, idleTimeoutMs === undefined ? {} : { idleTimeout: idleTimeoutMs }))
  const [first, ...others] = streams
  const all = others.length > 0 ? first!.union(others[0]!, ...others.slice(1)) : first!
  all.groupBy(r => ({ sensor: r.sensor, w: tumbling(r.at, sizeMs) })).aggregate(() => ({ n: count() })).to(memorySink(), { mode })
  return planPipeline(pipeline)
}
