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
  atLeast('w2/fastest/1', 1, '×', 'W2, 1 worker, against the fastest loop'),
  atLeast('w2/fastest/2', 1.8, '×', 'W2, 2 workers, against the fastest loop'),
  atLeast('w2/plain/1', 2, '×', 'W2, 1 worker, against the plain loop over rows'),
  atLeast('w2/plain/2', 3.5, '×', 'W2, 2 workers, against the plain loop over rows'),
  atLeast('w2/c/1', 0.7, '×', 'W2, 1 worker, against C, one thread'),
  atLeast('peers-w1/page', 20, '×', 'W1 against the fastest package that runs in a page'),
  atLeast('peers-w1/polars', 10, '×', 'W1 against Polars'),
  atLeast('peers-w2/page', 20, '×', 'W2 against the fastest package that runs in a page'),
  atLeast('peers-w2/polars', 10, '×', 'W2 against Polars'),
  atMost('first-result/inline', 50, 'ms', 'First result after start(), on the page\'s thread'),
  atMost('first-result/workers', 150, 'ms', 'First result after start(), 2 workers'),
  atLeast('w3/tidy', 1, 'GB/s', 'W3, lines that look alike, 1 worker'),
  atLeast('w3/untidy', 0.6, 'GB/s', 'W3, keys in any order, nulls and escapes, 1 worker'),
  atLeast('w3/json-parse/tidy', 10, '×', 'W3, lines that look alike, against JSON.parse per line'),
  atLeast('w3/json-parse/untidy', 10, '×', 'W3, keys in any order, nulls and escapes, against JSON.parse per line'),
  atLeast('e1/rate/1', 15, 'M rows/s', 'E1, 1 worker'),
  atLeast('e1/rate/2', 27, 'M rows/s', 'E1, 2 workers'),
  atLeast('e1/by-hand/1', 10, '×', 'E1, 1 worker, against split + JSON.parse + Map'),
  atLeast('e1/by-hand/2', 18, '×', 'E1, 2 workers, against split + JSON.parse + Map'),
  atLeast('group-integers/1', 6, '×', 'Group by 100,000 sparse integers, against a Map of objects'),
  atLeast('group-text/1k/strings', 4, '×', 'Group by 1,000 texts pushed as strings, against a Map'),
  atLeast('group-text/1k/codes', 4, '×', 'Group by 1,000 texts pushed as codes, against a Map'),
  atLeast('group-text/100k/strings', 4, '×', 'Group by 100,000 texts pushed as strings, against a Map'),
  atLeast('group-text/100k/codes', 4, '×', 'Group by 100,000 texts pushed as codes, against a Map'),
  atLeast('expressions/z-score', 2.5, '×', 'z-score and filter, against one loop'),
  atLeast('expressions/polynomial', 1.5, '×', 'Polynomial of degree six, against one loop'),
  atMost('transport/1', 1.3, '× the time', 'Transfer against shared memory, 1 worker'),
  atMost('transport/2', 1.3, '× the time', 'Transfer against shared memory, 2 workers'),
  atMost('latency/p50/inline', 0.5, 'ms', 'Latency, p50, on the page\'s thread'),
  atMost('latency/p50/workers/1', 1, 'ms', 'Latency, p50, 1 worker'),
  atMost('latency/p99/inline', 5, 'ms', 'Latency, p99, on the page\'s thread'),
  atMost('latency/p99/workers/1', 5, 'ms', 'Latency, p99, 1 worker'),
  atLeast('object-rows/in', 30, 'M rows/s', 'Objects in'),
  atLeast('object-rows/out', 20, 'M rows/s', 'Objects out'),
  atMost('page-thread/columns/share', 10, '%', 'Page\'s thread in Chromium, 1 M rows/s of columns'),
  atMost('page-thread/columns/long-tasks', 0, '', '… long tasks'),
  atMost('page-thread/lines/share', 10, '%', 'Page\'s thread in Chromium, 300 k rows/s of NDJSON over a WebSocket'),
  atMost('page-thread/lines/long-tasks', 0, '', '… long tasks'),
  atMost('growth/keys', 1, '× linear', 'Growth of cost from 1,000 to 1 M keys, steepest step'),
  atMost('growth/panes', 1, '× linear', 'Growth of cost from 1 to 60 panes, steepest step'),
  atMost('growth/columns', 1, '× linear', 'Growth of cost from 10 to 1,000 columns, steepest step'),
  atMost('soak/memory', 5, '%', 'Soak: memory away from its mean after the first minute'),
  atMost('sizes/kernels/raw', 60, 'KB', 'Kernels, larger build, raw'),
  atMost('sizes/kernels/brotli', 20, 'KB', 'Kernels, larger build, brotli'),
  atMost('sizes/page/brotli', 90, 'KB', 'Browser entry + worker + kernels, brotli'),
]
