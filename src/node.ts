/**
 * millrace in Node: the same names as index.ts, over worker threads and the file system.
 */
import { nodePlatform } from './platform/node.js'
import type { StreamingContextOptions } from './stream/context-options.js'
import { StreamingContext as Context } from './stream/streaming-context.js'
import { createRuntime } from './worker/runtime.js'

export * from './api.js'

const runtime = createRuntime(nodePlatform)

/** Where a program begins: sources, the pipeline built on them, and its running. */
export class StreamingContext extends Context {
  constructor(options: StreamingContextOptions = {}) {
    super(runtime, options)
  }
}
