/**
 * Runs the first program until it has given as many rows as the answer has; runs in Node and in pages.
 */
import { firstProgram } from '../../examples/first-program.js'
import type { PerSecond } from '../examples/first-program-answer.js'

/**
 * All that the program gave, its `chart.add` calls among it, once `rowCount` rows are there; the caller's time limit ends the
 * wait.
 */
export async function runFirstProgram(url: string, rowCount: number): Promise<{ rows: PerSecond[]; drawn: string[] }> {
  const drawn: string[] = []
  const rows: PerSecond[] = []
  const { context, perSecond } = firstProgram(url, { add: (sensor, startMs, mean) => drawn.push(`${startMs} ${sensor} ${mean}`) })
  await new Promise<void>((resolve, reject) => {
    perSecond.forEachBatch(batch => {
      for (const { sensor, window, n, mean, sd } of batch) rows.push({ sensor, startMs: window.start, n, mean, sd })
      if (rows.length >= rowCount) resolve()
    })
    context.on('failed', ({ error }) => reject(error))
    context.start().catch(reject)
  })
  await context.stop({ graceful: true })
  return { rows, drawn }
}
