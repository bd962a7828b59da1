/**
 * The source that makes its own rows, so many a second: for trying things out and for load. As Spark's source of the same name.
 */
import { BLOCK_ROWS_MAX } from './source-intake.js'
import { invalid, positive, sourceParts, type SourceOptions } from './options.js'
import { pauseFor } from './pause.js'
import type { Intake, Source } from './source.js'

/** `value` counts from 0; `timestamp` is the start of the source plus value / rowsPerSecond. */
export interface RateSchema {
  readonly timestamp: 'timestamp'
  readonly value: 'i64'
  readonly [column: string]: 'timestamp' | 'i64'
}

export interface RateOptions extends Omit<SourceOptions<RateSchema>, 'schema' | 'format' | 'csv' | 'onBadRecord'> {
  readonly rowsPerSecond: number
  /** Rows after which the source ends; default: never. */
  readonly numRows?: number
}

/** How often rows are made, in ms: often enough to look steady, seldom enough to cost nothing. */
const STEP_MS = 20

/**
 * Rows `{ timestamp, value }` at a steady rate. When the engine is behind, the rows of that time come later, with their own
 * time stamps.
 * @example
 * context.source(rate({ rowsPerSecond: 1000 })).map(r => ({ at: r.timestamp, load: r.value.mod(100n) }))
 */
export function rate(options: RateOptions): Source<{ timestamp: 'timestamp'; value: 'i64' }> {
  const name = `rate(${options.rowsPerSecond})`
  const rowsPerSecond = positive(name, 'rowsPerSecond', options.rowsPerSecond, 'rows')
  const { numRows = Infinity } = options
  if (!(numRows >= 0)) throw invalid(name, `numRows: ${String(numRows)} is not a number of rows`)
  const schema = { timestamp: 'timestamp', value: 'i64' } as const
  return {
    ...sourceParts({ ...options, schema }, { name, format: 'columns', canPause: true }),
    start(intake) {
      const controller = new AbortController()
      generate(intake, rowsPerSecond, numRows, controller.signal).catch((error: unknown) => intake.fail(error))
      return { close: () => controller.abort() }
    },
  }
}

async function generate(intake: Intake, rowsPerSecond: number, numRows: number, signal: AbortSignal): Promise<void> {
  const { clock } = intake
  const [startMs, startedAtMs] = [clock.now(), clock.elapsedMs()]
  for (let made = 0; made < numRows && !signal.aborted;) {
    const due = Math.min(numRows, Math.floor((clock.elapsedMs() - startedAtMs) / 1000 * rowsPerSecond))
    const end = Math.min(due, made + BLOCK_ROWS_MAX)
    if (end > made) {
      await intake.ready()
      intake.pushColumns(rowsOf(made, end, startMs, 1000 / rowsPerSecond), { transfer: true })
      made = end
    }
    if (made < numRows) await pauseFor(clock, due > made ? 0 : STEP_MS, signal)
  }
  if (!signal.aborted) intake.end()
}

function rowsOf(start: number, end: number, startMs: number, stepMs: number): { timestamp: Float64Array; value: BigInt64Array } {
  const timestamp = new Float64Array(end - start)
  const value = new BigInt64Array(end - start)
  for (let i = start; i < end; i++) {
    timestamp[i - start] = Math.floor(startMs + i * stepMs)
    value[i - start] = BigInt(i)
  }
  return { timestamp, value }
}
