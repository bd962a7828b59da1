/**
 * Contexts for tests that run step by step: a batch is made when the test asks for one and holds all that was pushed before.
 * With `manualClock` the clock stands still and the workers are stand-ins on the test's thread; else clock and workers are real.
 */
import * as millrace from 'millrace'
import * as testing from 'millrace/testing'

export interface TestOptions {
  readonly workers: number
  readonly partitions: number
  readonly kernels?: 'simd' | 'scalar' | 'reference'
  readonly manualClock?: boolean
}

/** Longer than any test: no batch is made by time. */
const BATCH_INTERVAL = '1 h'

export interface TestContext {
  readonly context: millrace.StreamingContext
  /** What the pipeline is built with: the entry that the context is of. */
  readonly api: typeof millrace
  /** Moves the manual clock on. */
  advance(ms: number): void
}

/** A context that is not started. */
export function createTestContext({ manualClock = false, ...options }: TestOptions): TestContext {
  if (manualClock) {
    const context = new testing.StreamingContext({ batchInterval: BATCH_INTERVAL, ...options })
    return {
      context: context as unknown as millrace.StreamingContext,
      api: testing as unknown as typeof millrace,
      advance: ms => context.clock.advance(ms),
    }
  }
  return {
    context: new millrace.StreamingContext({ batchInterval: BATCH_INTERVAL, ...options }),
    api: millrace,
    advance: () => { throw new Error('The clock of this context is real; only time moves it.') },
  }
}
