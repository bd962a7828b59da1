/**
 * The same work written by hand for one thread, as a good programmer would without an engine: the yardstick.
 * It may assume what the engine may not: rows in the order of time, small dense sensor numbers, one open window.
 */
import { Checksum } from './workloads.mjs'

const SENSORS = 1000
const WINDOW_MS = 1000
/**
 * Figures of one sensor in the open window: count, sum, sum of squares (both of the value less the first), smallest, largest,
 * first.
 */
const STRIDE = 8

/**
 * W1 over typed arrays, `batchRows` rows at a time.
 * @param {ReturnType<import('./workloads.mjs').sensorColumns>} columns
 * @param {number} batchRows
 */
export function sensorsByHand({ sensor, at, value }, batchRows) {
  const figures = new Float64Array(SENSORS * STRIDE)
  const checksum = new Checksum()
  let windowEnd = -1
  const close = () => {
    for (let o = 0; o < figures.length; o += STRIDE) if (figures[o] > 0) addFigures(checksum, figures, o)
    figures.fill(0)
  }
  for (let from = 0; from < sensor.length; from += batchRows) {
    const to = Math.min(from + batchRows, sensor.length)
    for (let i = from; i < to; i++) {
      if (at[i] >= windowEnd) {
        close()
        windowEnd = (Math.floor(at[i] / WINDOW_MS) + 1) * WINDOW_MS
      }
      const o = sensor[i] * STRIDE
      const x = value[i]
      if (figures[o] === 0) {
        figures[o] = 1
        figures[o + 3] = figures[o + 4] = figures[o + 5] = x
      } else {
        const shifted = x - figures[o + 5]
        figures[o]++
        figures[o + 1] += shifted
        figures[o + 2] += shifted * shifted
        if (x < figures[o + 3]) figures[o + 3] = x
        if (x > figures[o + 4]) figures[o + 4] = x
      }
    }
  }
  close()
  return checksum.toString()
}

/** @param {Checksum} checksum @param {Float64Array} figures @param {number} o */
function addFigures(checksum, figures, o) {
  const [n, sum, squares, low, high, shift] = figures.subarray(o, o + 6)
  const sd = n > 1 ? Math.sqrt(Math.max(0, (squares - (sum * sum) / n) / (n - 1))) : 0
  checksum.add({ n, total: sum + shift * n, mean: shift + sum / n, low, high, sd })
}

/**
 * E1: text that arrives in chunks, split at line feeds, JSON.parse for each line, a Map per window.
 * @param {Uint8Array} bytes
 * @param {number} chunkBytes
 */
export function linesByHand(bytes, chunkBytes) {
  const decoder = new TextDecoder()
  const checksum = new Checksum()
  /** @type {Map<string, { n: number, total: number }>} */
  let groups = new Map()
  let windowEnd = -1
  const close = () => {
    for (const { n, total } of groups.values()) checksum.add({ n, mean: total / n })
    groups = new Map()
  }
  let rest = ''
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    const lines = (rest + decoder.decode(bytes.subarray(from, from + chunkBytes), { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const { sensor, at, value } = JSON.parse(line)
      if (at >= windowEnd) {
        close()
        windowEnd = (Math.floor(at / WINDOW_MS) + 1) * WINDOW_MS
      }
      const group = groups.get(sensor)
      if (group) {
        group.n++
        group.total += value
      } else {
        groups.set(sensor, { n: 1, total: value })
      }
    }
  }
  close()
  return checksum.toString()
}
