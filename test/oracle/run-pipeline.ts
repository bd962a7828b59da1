/**
 * Runs a pipeline of the public API over batches of rows, on this thread, and gives what came out.
 */
import * as api from 'millrace'
import { createTestContext } from '../support/context.js'
import type { Row, TableSchema } from './duck.js'

export type Kernels = 'simd' | 'scalar' | 'reference'
export const KERNELS: readonly Kernels[] = ['simd', 'scalar', 'reference']

export interface PipelineRun {
  /** Result rows of each batch that had any, in order. */
  readonly batches: readonly (readonly Row[])[]
  /** All result rows, in order. */
  readonly rows: readonly Row[]
  /** Batch in which each push ran. */
  readonly batchOfPush: readonly number[]
  readonly lateRows: number
}

export interface RunOptions {
  readonly schema: TableSchema
  /** One push each. */
  readonly batches: readonly (readonly Row[])[]
  readonly build: (stream: any) => any
  readonly mode?: 'append' | 'update' | 'complete'
  readonly kernels?: Kernels
}

/** Pushes batch by batch, ends the source, and waits for all results. Every batch's row counts must balance. */
export async function runPipeline({ schema, batches, build, mode, kernels = 'simd' }: RunOptions): Promise<PipelineRun> {
  const { context } = createTestContext({ workers: 0, partitions: 3, kernels })
  const source = api.memory({ schema })
  const results: Row[][] = []
  const dataBatches: number[] = []
  let lateRows = 0
  build(context.source(source)).forEachBatch((batch: Iterable<Row>) => results.push([...batch]), ...(mode ? [{ mode }] : []))
  context.on('batchCompleted', ({ batchId, progress: { rows } }) => {
    if (rows.in > 0) dataBatches.push(batchId)
    lateRows += rows.late
    const accounted = rows.out + rows.filtered + rows.late + rows.bad + rows.nullTime
    if (rows.in + rows.multiplied !== accounted) throw new Error(`Rows of batch ${batchId} are lost: ${JSON.stringify(rows)}`)
  })
  await context.start()
  for (const rows of batches) {
    await source.push(rows as never)
    await context.processAllAvailable()
  }
  source.end()
  await context.processAllAvailable()
  await context.stop()
  const batchOfPush = batches.map(rows => rows.length === 0 ? -1 : dataBatches.shift()!)
  return { batches: results, rows: results.flat(), batchOfPush, lateRows }
}
