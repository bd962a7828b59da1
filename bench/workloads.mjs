/**
 * The workloads: data made from a fixed seed, and a checksum of the results that is the same for everybody who did the same work.
 */

const EVENT_START_MS = 1_700_000_000_000
const SENSORS = 1000

/** xorshift32. @param {number} seed @returns {() => number} integers in [0, 2^32) */
function random(seed) {
  let state = seed >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>>= 0)
  }
}

/** W1: readings of 1,000 sensors in the order of time, 1,000,000 rows per second of event time. @param {number} rows */
export function sensorColumns(rows) {
  const next = random(0x9e3779b9)
  const columns = { sensor: new Int32Array(rows), at: new Float64Array(rows), value: new Float64Array(rows) }
  for (let i = 0; i < rows; i++) {
    columns.sensor[i] = next() % SENSORS
    columns.at[i] = EVENT_START_MS + Math.floor(i / 1000)
    columns.value[i] = 20 + (next() / 2 ** 32) * 10
  }
  return columns
}

/** E1: the same kind of readings as NDJSON text, 20,000 rows per second of event time. @param {number} rows */
export function sensorLines(rows) {
  const next = random(0x1234567)
  const lines = Array.from({ length: rows }, (_, i) => {
    const sensor = `s-${String(next() % SENSORS).padStart(4, '0')}`
    const at = EVENT_START_MS + Math.floor(i / 20)
    return `{"sensor":"${sensor}","at":${at},"value":${((next() % 1_000_000) / 10_000).toFixed(4)}}`
  })
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

/** Adds up result rows; rounded where floats have no one order. */
export class Checksum {
  #rows = 0
  #sums = /** @type {Record<string, number>} */ ({})

  /** @param {Record<string, number>} figures */
  add(figures) {
    this.#rows++
    for (const [name, value] of Object.entries(figures)) this.#sums[name] = (this.#sums[name] ?? 0) + value
  }

  toString() {
    const sums = Object.entries(this.#sums).map(([name, value]) => `${name} ${value.toPrecision(9)}`)
    return [`${this.#rows} rows`, ...sums].join(', ')
  }
}
