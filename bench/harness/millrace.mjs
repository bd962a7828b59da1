/** Millrace as a contender: one context, made ready before the first round; its stream runs on from round to round. */

/** @param {number} workers */
export const millraceName = workers =>
  workers === 0 ? 'Millrace, on this thread' : `Millrace, ${workers} worker${workers === 1 ? '' : 's'}`

/**
 * @param {number} workers
 * @param {(workers: number) => Promise<import('./bench.mjs').Runner>} prepare
 * @returns {import('./bench.mjs').Contender}
 */
export const byMillrace = (workers, prepare) => ({ name: millraceName(workers), prepare: () => prepare(workers) })
