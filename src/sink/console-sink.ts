/**
 * The sink for looking: prints the first rows of each batch as a table.
 */
import type { Sink } from './sink.js'

export interface ConsoleSinkOptions {
  /** Rows printed of each batch; default 20. */
  readonly numRows?: number
  /** Where lines and tables go; default the console. */
  readonly console?: Pick<Console, 'log' | 'table'>
}

/** Prints batches that have rows. A batch that is written again is printed again, under the same number. */
export function consoleSink<Row = Record<string, unknown>>(options: ConsoleSinkOptions = {}): Sink<Row> {
  const { numRows = 20, console: out = console } = options
  return {
    name: 'consoleSink()',
    write(batch, { batchId, time }) {
      if (batch.numRows === 0) return
      const shown = Math.min(numRows, batch.numRows)
      const rest = shown < batch.numRows ? `, the first ${shown} of them:` : ':'
      out.log(`batch ${batchId} at ${new Date(time).toISOString()}: ${batch.numRows} rows${rest}`)
      out.table(Array.from({ length: shown }, (_, i) => printable(batch.at(i))))
    },
  }
}

/** Windows as one text, so that the table has a column for them. */
function printable(row: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row as Record<string, unknown>).map(([name, value]) => [name, isWindow(value)
    ? `[${new Date(value.start).toISOString()}, ${new Date(value.end).toISOString()})` : value]))
}

function isWindow(value: unknown): value is { start: number; end: number } {
  return typeof value === 'object' && value !== null && 'start' in value && 'end' in value
}
