/**
 * What Millrace is to reach. A target's id begins with the name of the workload that measures it: `w1/…` is reported by
 * workloads/w1-….mjs. A ratio (×) says how many times as fast as the other Millrace was in one run.
 */

/**
 * @typedef {object} Target
 * @property {string} id
 * @property {'least' | 'most'} kind
 * @property {number} bound
 * @property {string} unit
 * @property {string} text
 */

/** @param {string} id @param {number} bound @param {string} unit @param {string} text @returns {Target} */
const atLeast = (id, bound, unit, text) => ({ id, kind: 'least', bound, unit, text })

/** @param {string} id @param {number} bound @param {string} unit @param {string} text @returns {Target} */
const atMost = (id, bound, unit, text) => ({ id, kind: 'most', bound, unit, text })

/** @type {readonly Target[]} */
export const TARGETS = [
  atLeast('w1/in-order/1', 1.2, '×', 'W1, 1 worker, against the fastest loop in order'),
  atLeast('w1/in-order/2', 2.2, '×', 'W1, 2 workers, against the fastest loop in order'),
  atLeast('w1/out-of-order/1', 2.5, '×', 'W1, 1 worker, against the loop that is safe out of order'),
  atLeast('w1/out-of-order/2', 4.5, '×', 'W1, 2 workers, against the loop that is safe out of order'),
  atLeast('w1/c/1', 0.7, '×', 'W1, 1 worker, against C, one thread'),
  atLeast('e1/rate/1', 15, 'M rows/s', 'E1, 1 worker'),
  atLeast('e1/rate/2', 27, 'M rows/s', 'E1, 2 workers'),
  atLeast('e1/by-hand/1', 10, '×', 'E1, 1 worker, against split + JSON.parse + Map'),
  atLeast('e1/by-hand/2', 18, '×', 'E1, 2 workers, against split + JSON.parse + Map'),
  atMost('sizes/kernels/raw', 60, 'KB', 'Kernels, larger build, raw'),
  atMost('sizes/kernels/brotli', 20, 'KB', 'Kernels, larger build, brotli'),
  atMost('sizes/page/brotli', 90, 'KB', 'Browser entry + worker + kernels, brotli'),
]
