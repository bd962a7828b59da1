/** Millrace as a contender: one context, made ready before the first round; its stream runs on from round to round. */
import { StreamingContext, memory } from '../../dist/node.js'


/** @param {number} workers */
export const millraceName = workers =>
  workers === 0 ? 'Millrace, on this thread' : `Millrace, ${workers} worker${workers === 1 ? '' : 's'}`

/**
 * @param {number} workers
 * @param {(workers: number) => Promise<import('./bench.mjs').Runner>} prepare
 * @returns {import('./bench.mjs').Contender}
 */
export const byMillrace = (workers, prepare) => ({ name: millraceName(workers), prepare: () => prepare(workers) })

/**
 * A started context with one hand-fed source and one output.
 * @param {object} parts
 * @param {number} parts.workers
 * @param {Record<string, unknown>} [parts.options] of the context
 * @param {Parameters<typeof memory>[0]} parts.source
 * @param {(stream: ReturnType<StreamingContext['source']>) => import('../../dist/types/src/stream/stream.js').Stream<never>}
 * parts.build
 * @param {(batch: import('../../dist/types/src/data/batch.js').Batch) => void} parts.onBatch
 */
export async function startStream({ workers, options = {}, source, build, onBatch }) {
  const context = new StreamingContext({ workers, ...options })
  const feed = memory(source)
  build(context.source(feed)).forEachBatch(onBatch)
  await context.start()
  return {
    context,
    /** Pushes slice by slice, each awaited, and waits until all is with the output. @param {Iterable<unknown>} slices */
    async push(slices) {
      for (const slice of slices) await feed.push(slice)
      await context.processAllAvailable()
    },
    stop: () => context.stop(),
  }
}

/**
 * Columns of a batch by name.
 * @param {import('../../dist/types/src/data/batch.js').Batch} batch @param {readonly string[]} names
 */
export const columnsOf = (batch, names) => names.map(name => batch.column(name))
