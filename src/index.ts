/**
 * millrace: micro-batch stream processing in the browser, Deno and Bun. In Node the same names come from node.ts.
 * @example
 * const context = new StreamingContext({ batchInterval: '250 ms' })
 * const readings = context.source(webSocket(url, { format: 'ndjson', schema: { sensor: 'utf8', at: 'timestamp', value: 'f64' }}))
 * const means = readings.withWatermark('at', '2 s').groupBy(r => ({ sensor: r.sensor, w: tumbling(r.at, '1 s') })).aggregate(…)
 * means.forEachBatch(batch => { for (const row of batch) chart.add(row.sensor, row.w.start, row.mean) })
 * await context.start()
 */
import { browserPlatform } from './platform/browser.js'
import type { StreamingContextOptions } from './stream/context-options.js'
import { StreamingContext as Context } from './stream/streaming-context.js'
import { createRuntime } from './worker/runtime.js'

export * from './api.js'

const runtime = createRuntime(browserPlatform)

/** Where a program begins: sources, the pipeline built on them, and its running. */
export class StreamingContext extends Context {
  constructor(options: StreamingContextOptions = {}) {
    super(runtime, options)
  }
}
