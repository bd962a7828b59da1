/**
 * One small multiple: a sensor's live readings, its hourly means with their band, the marked hours, what is usual, and the
 * labelled events.
 * Invariant: it keeps the last `KEPT_READINGS` readings and `KEPT_HOURS` hours and draws only when told to.
 */
import uPlot from 'uplot'
import { DAY_MS, eventSpansMs, HOUR_MS, WEEK_MS, WEEK_START_MS, type Sensor } from '../sensors.js'
import { PointRing } from './ring.js'
import { colours } from './theme.js'

/** Event time that a chart spans. */
export const VIEW_MS = 3 * DAY_MS
const KEPT_READINGS = 1_024
const KEPT_HOURS = 128
const BAND_SDS = 2
const USUAL_SDS = 3
const CHART_HEIGHT_PX = 148
const EVENT_BAR_PX = 2
const SILENCE_MS = 4 * HOUR_MS
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

/** One finished hour of a sensor, as the pipeline gives it. */
export interface Hour {
  readonly startMs: number
  readonly mean: number
  readonly sd: number | null
  readonly isMarked: boolean
}

type Line = (number | null)[]

export class SensorChart {
  readonly #sensor: Sensor
  readonly #spans: readonly (readonly [number, number])[]
  readonly #readings = new PointRing(KEPT_READINGS)
  readonly #means = new PointRing(KEPT_HOURS)
  readonly #sds = new PointRing(KEPT_HOURS)
  readonly #marks = new PointRing(KEPT_HOURS)
  readonly #data: [number[], Line, Line, Line, Line, Line] = [[], [], [], [], [], []]
  readonly #plot: uPlot
  readonly #holder: HTMLElement
  readonly #value: HTMLElement
  readonly #tally: HTMLElement
  #marked = 0
  #markedInside = 0
  #endMs = WEEK_START_MS

  constructor(sensor: Sensor, parent: HTMLElement) {
    this.#sensor = sensor
    this.#spans = eventSpansMs(sensor)
    const figure = document.createElement('figure')
    figure.className = 'sensor'
    figure.dataset['sensor'] = sensor.id
    figure.innerHTML = '<header><h3></h3><output></output></header><div class="plot" role="img"></div>'
      + '<figcaption><span></span> <b></b></figcaption>'
    const part = <T extends HTMLElement>(selector: string): T => figure.querySelector<T>(selector) as T
    part('h3').textContent = sensor.title
    part('figcaption span').textContent = sensor.note
    this.#holder = part('.plot')
    this.#value = part('output')
    this.#value.setAttribute('aria-live', 'off')
    this.#tally = part('figcaption b')
    parent.append(figure)
    this.#plot = new uPlot(this.#options(), this.#data as uPlot.AlignedData, this.#holder)
    new ResizeObserver(() => this.#resize()).observe(this.#holder)
    this.#describe()
  }

  addReading(atMs: number, value: number): void {
    // A restarted context gets the current hour again; what is drawn already stays.
    if (atMs > this.#readings.lastX) this.#readings.push(atMs, value)
  }

  addHour(hour: Hour): void {
    const middleMs = hour.startMs + HOUR_MS / 2
    if (middleMs <= this.#means.lastX) return
    this.#means.push(middleMs, hour.mean)
    this.#sds.push(middleMs, hour.sd ?? 0)
    if (!hour.isMarked) return
    this.#marks.push(middleMs, hour.mean)
    this.#marked += 1
    if (this.#isWithinEvent(hour.startMs)) this.#markedInside += 1
  }

  get marked(): number {
    return this.#marked
  }

  get markedInside(): number {
    return this.#markedInside
  }

  /** Draws the `VIEW_MS` before `endMs`. */
  draw(endMs: number): void {
    this.#endMs = endMs
    this.#fillData(endMs - VIEW_MS)
    this.#plot.setData(this.#data as uPlot.AlignedData, false)
    this.#plot.setScale('x', { min: endMs - VIEW_MS, max: endMs })
    this.#describe()
  }

  redraw(): void {
    this.#plot.redraw(false)
  }

  clear(): void {
    for (const ring of [this.#readings, this.#means, this.#sds, this.#marks]) ring.clear()
    this.#marked = 0
    this.#markedInside = 0
  }

  /** Merges readings and hours by time into the rows that uPlot wants; the arrays are used again. */
  #fillData(fromMs: number): void {
    const [xs, signal, mean, high, low, mark] = this.#data
    let row = 0
    let reading = this.#readings.firstAtOrAfter(fromMs - HOUR_MS)
    let hour = this.#means.firstAtOrAfter(fromMs - HOUR_MS)
    let marked = this.#marks.firstAtOrAfter(fromMs - HOUR_MS)
    while (reading < this.#readings.length || hour < this.#means.length) {
      const readingX = reading < this.#readings.length ? this.#readings.x(reading) : Infinity
      const hourX = hour < this.#means.length ? this.#means.x(hour) : Infinity
      const x = Math.min(readingX, hourX)
      xs[row] = x
      signal[row] = readingX === x ? this.#readings.y(reading++) : null
      mean[row] = high[row] = low[row] = mark[row] = null
      if (hourX === x) {
        const middle = this.#means.y(hour)
        const spread = BAND_SDS * this.#sds.y(hour)
        mean[row] = middle
        high[row] = middle + spread
        low[row] = middle - spread
        hour += 1
        if (marked < this.#marks.length && this.#marks.x(marked) === x) mark[row] = this.#marks.y(marked++)
      }
      row += 1
    }
    for (const line of this.#data) line.length = row
  }

  #isWithinEvent(startMs: number): boolean {
    const withinWeekMs = WEEK_START_MS + (startMs - WEEK_START_MS) % WEEK_MS
    return this.#spans.some(([start, end]) => withinWeekMs + HOUR_MS > start && withinWeekMs < end)
  }

  #describe(): void {
    const last = this.#means.length - 1
    const text = last < 0 ? '–' : format(this.#means.y(last))
    if (this.#value.textContent !== text) this.#value.textContent = text
    const tally = this.#marked === 0 ? 'Nothing marked yet.'
      : `${this.#marked} ${this.#marked === 1 ? 'hour' : 'hours'} marked, ${this.#markedInside} of them within a labelled event.`
    if (this.#tally.textContent === tally) return
    this.#tally.textContent = tally
    this.#holder.setAttribute('aria-label', `${this.#sensor.title} over the last three days of the replay. ${tally}`)
  }

  #resize(): void {
    const width = Math.floor(this.#holder.clientWidth)
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: CHART_HEIGHT_PX })
  }

  #options(): uPlot.Options {
    const line = (stroke: () => string, width: number, more: Partial<uPlot.Series> = {}): uPlot.Series =>
      ({ stroke, width, gaps: silences, points: { show: false }, ...more })
    return {
      width: Math.max(this.#holder.clientWidth, 200),
      height: CHART_HEIGHT_PX,
      padding: [6, 16, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, auto: false }, y: { auto: false, range: () => [...this.#sensor.range] as [number, number] } },
      axes: [
        {
          size: 22, gap: 4, font: AXIS_FONT, stroke: () => colours().muted, ticks: { show: false },
          grid: { stroke: () => colours().rule, width: 1 }, splits: (_, __, min, max) => midnights(min, max),
          values: (_, splits) => splits.map(ms => WEEKDAYS[new Date(ms).getUTCDay()] ?? ''),
        },
        {
          size: 34, gap: 4, font: AXIS_FONT, stroke: () => colours().muted, ticks: { show: false }, grid: { show: false },
          splits: () => threeSplits(this.#sensor.range),
        },
      ],
      series: [
        {},
        line(() => colours().signal, 1),
        line(() => colours().mean, 2),
        line(() => 'transparent', 0),
        line(() => 'transparent', 0),
        {
          stroke: () => colours().mark, width: 0, paths: () => null,
          points: { show: true, size: 7.5, width: 1.5, stroke: () => colours().paper, fill: () => colours().mark },
        },
      ],
      bands: [{ series: [3, 4], fill: () => colours().band }],
      hooks: { drawAxes: [plot => { this.#drawEvents(plot); this.#drawUsual(plot) }] },
    }
  }

  /** The labelled events as shaded stretches with a bar on top. */
  #drawEvents(plot: uPlot): void {
    const { ctx, bbox } = plot
    const pass = Math.floor((this.#endMs - WEEK_START_MS) / WEEK_MS)
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    for (const passMs of [(pass - 1) * WEEK_MS, pass * WEEK_MS]) {
      if (passMs < 0) continue
      for (const [start, end] of this.#spans) {
        const left = plot.valToPos(start + passMs, 'x', true)
        const right = plot.valToPos(end + passMs, 'x', true)
        if (right < bbox.left || left > bbox.left + bbox.width) continue
        ctx.fillStyle = colours().event
        ctx.fillRect(left, bbox.top, right - left, bbox.height)
        ctx.fillStyle = colours().mark
        ctx.fillRect(left, bbox.top, right - left, EVENT_BAR_PX * devicePixelRatio)
      }
    }
    ctx.restore()
  }

  /** Dashed lines at the usual mean ± 3 standard deviations: an hour whose mean lies beyond them is marked. */
  #drawUsual(plot: uPlot): void {
    const { ctx, bbox } = plot
    const { mean, sd } = this.#sensor.usual
    ctx.save()
    ctx.strokeStyle = colours().usual
    ctx.lineWidth = devicePixelRatio
    ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio])
    for (const value of [mean - USUAL_SDS * sd, mean + USUAL_SDS * sd]) {
      const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5
      if (y < bbox.top || y > bbox.top + bbox.height) continue
      ctx.beginPath()
      ctx.moveTo(bbox.left, y)
      ctx.lineTo(bbox.left + bbox.width, y)
      ctx.stroke()
    }
    ctx.restore()
  }
}

/** A line breaks between two of its points that lie further apart than `SILENCE_MS`; nulls between are other lines’ points. */
const silences: uPlot.Series.GapsRefiner = (plot, line, first, last) => {
  const xs = plot.data[0]
  const ys = plot.data[line] ?? []
  const gaps: [number, number][] = []
  let before = Number.NaN
  for (let row = first; row <= last; row++) {
    const x = xs[row]
    if (x === undefined || ys[row] === null) continue
    if (x - before > SILENCE_MS) gaps.push([plot.valToPos(before, 'x', true), plot.valToPos(x, 'x', true)])
    before = x
  }
  return gaps
}

export const AXIS_FONT = '12px "Source Sans 3", system-ui, sans-serif'

function midnights(minMs: number, maxMs: number): number[] {
  const splits: number[] = []
  for (let ms = Math.ceil(minMs / DAY_MS) * DAY_MS; ms <= maxMs; ms += DAY_MS) splits.push(ms)
  return splits
}

/** Zero (or the least) and two rounder values above it within the range. */
function threeSplits([low, high]: readonly [number, number]): number[] {
  const least = Math.max(low, 0)
  const raw = (high - least) / 3
  const unit = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * unit).find(candidate => candidate >= raw * 0.95) ?? raw
  const first = Math.ceil(least / step) * step
  return [first, first + step, first + 2 * step].filter(value => value <= high)
}

function format(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}
