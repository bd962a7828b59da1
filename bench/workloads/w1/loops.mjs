/**
 * W1 by hand for one thread. The loops in order assume what an engine may not: rows in the order of time, sensor numbers that are
 * small and dense, one open window, a good shift for the variance known beforehand, no nulls, no late rows. The loop out of order
 * keeps several windows open and drops what is late.
 * Figures of a sensor stand together in one cache line: n, Σy, Σy² (y = value less the shift), smallest, largest, shift.
 */
import { ReadingColumns, SENSORS } from '../../data/readings.mjs'

const STRIDE = 8
const SHIFT = 25
const { WINDOW_MS } = ReadingColumns
const OPEN_WINDOWS = 4

/**
 * @typedef {import('./sensor-window-sums.mjs').SensorWindowSums} Sums
 * @typedef {{ take(readings: { sensor: Int32Array, at: Float64Array, value: Float64Array }): void, end(): void }} Running
 * @typedef {(sums: Sums) => Running} Loop
 */

/** @type {Record<string, Loop>} */
export const IN_ORDER_LOOPS = {
  /** The end of the window is looked for once per push, not per row. */
  'branches'(sums) {
    const figures = emptyFigures()
    return splitAtEdges(sums, figures, (sensor, value, from, to) => {
      for (let i = from; i < to; i++) {
        const o = sensor[i] << 3
        const x = value[i]
        const y = x - SHIFT
        figures[o]++
        figures[o + 1] += y
        figures[o + 2] += y * y
        if (x < figures[o + 3]) figures[o + 3] = x
        if (x > figures[o + 4]) figures[o + 4] = x
      }
    })
  },

  'Math.min'(sums) {
    const figures = emptyFigures()
    return splitAtEdges(sums, figures, (sensor, value, from, to) => {
      for (let i = from; i < to; i++) {
        const o = sensor[i] << 3
        const x = value[i]
        const y = x - SHIFT
        figures[o]++
        figures[o + 1] += y
        figures[o + 2] += y * y
        figures[o + 3] = Math.min(x, figures[o + 3])
        figures[o + 4] = Math.max(x, figures[o + 4])
      }
    })
  },

  /** As most would write it: each row asks whether its window is still the open one; the first value is the shift. */
  'edge test per row'(sums) {
    const figures = new Float64Array(SENSORS * STRIDE)
    let windowMs = -1
    let endMs = -1
    return {
      take({ sensor, at, value }) {
        for (let i = 0; i < sensor.length; i++) {
          if (at[i] >= endMs) {
            close(sums, figures, windowMs)
            figures.fill(0)
            windowMs = Math.floor(at[i] / WINDOW_MS) * WINDOW_MS
            endMs = windowMs + WINDOW_MS
          }
          addToFirstShift(figures, sensor[i] << 3, value[i])
        }
      },
      end: () => close(sums, figures, windowMs),
    }
  },
}

/** @type {Loop} */
export const outOfOrderLoop = sums => {
  const open = Array.from({ length: OPEN_WINDOWS }, () => new Float64Array(SENSORS * STRIDE))
  let oldest = -1
  let latestMs = -Infinity
  const closeOldest = () => {
    const figures = open[oldest % OPEN_WINDOWS]
    close(sums, figures, oldest * WINDOW_MS)
    figures.fill(0)
    oldest++
  }
  return {
    take({ sensor, at, value }) {
      let latest = latestMs
      for (let i = 0; i < sensor.length; i++) {
        const window = Math.floor(at[i] / WINDOW_MS)
        if (at[i] > latest) latest = at[i]
        if (oldest < 0) oldest = window
        if (window < oldest) continue
        while (window >= oldest + OPEN_WINDOWS) closeOldest()
        addToFirstShift(open[window % OPEN_WINDOWS], sensor[i] << 3, value[i])
      }
      latestMs = latest
      for (const passed = Math.floor(latest / WINDOW_MS); oldest < passed;) closeOldest()
    },
    end: () => closeOldest(),
  }
}

function emptyFigures() {
  const figures = new Float64Array(SENSORS * STRIDE)
  reset(figures)
  return figures
}

/** @param {Float64Array} figures */
function reset(figures) {
  for (let o = 0; o < figures.length; o += STRIDE) {
    figures[o] = figures[o + 1] = figures[o + 2] = 0
    figures[o + 3] = Infinity
    figures[o + 4] = -Infinity
    figures[o + 5] = SHIFT
  }
}

/**
 * Rows in order: the part of a push that lies in the open window goes to `addRows` at once.
 * @param {Sums} sums @param {Float64Array} figures
 * @param {(sensor: Int32Array, value: Float64Array, from: number, to: number) => void} addRows @returns {Running}
 */
function splitAtEdges(sums, figures, addRows) {
  let windowMs = -1
  let endMs = -1
  return {
    take({ sensor, at, value }) {
      const rows = sensor.length
      for (let from = 0; from < rows;) {
        if (at[from] >= endMs) {
          close(sums, figures, windowMs)
          reset(figures)
          windowMs = Math.floor(at[from] / WINDOW_MS) * WINDOW_MS
          endMs = windowMs + WINDOW_MS
        }
        let to = rows
        if (at[rows - 1] >= endMs) for (to = from; at[to] < endMs;) to++
        addRows(sensor, value, from, to)
        from = to
      }
    },
    end: () => close(sums, figures, windowMs),
  }
}

/** @param {Float64Array} figures @param {number} o @param {number} x */
function addToFirstShift(figures, o, x) {
  if (figures[o] === 0) {
    figures[o] = 1
    figures[o + 3] = figures[o + 4] = figures[o + 5] = x
    return
  }
  const y = x - figures[o + 5]
  figures[o]++
  figures[o + 1] += y
  figures[o + 2] += y * y
  if (x < figures[o + 3]) figures[o + 3] = x
  if (x > figures[o + 4]) figures[o + 4] = x
}

/** @param {Sums} sums @param {Float64Array} figures @param {number} windowMs */
function close(sums, figures, windowMs) {
  for (let sensor = 0; sensor < SENSORS; sensor++) {
    const o = sensor * STRIDE
    const n = figures[o]
    if (n === 0) continue
    const total = figures[o + 1]
    const shift = figures[o + 5]
    const sd = n > 1 ? Math.sqrt(Math.max(0, (figures[o + 2] - (total * total) / n) / (n - 1))) : 0
    sums.add(windowMs, sensor, n, total + shift * n, shift + total / n, figures[o + 3], figures[o + 4], sd)
  }
}
