/**
 * A small chart of one of the engine's figures over the last minute, batch by batch, with the batch interval as a reference line
 * where it is a time. What Spark's streaming page shows, in the same words.
 */
import uPlot from 'uplot'
import { PointRing } from './ring.js'
import { AXIS_FONT } from './sensor-chart.js'
import { colours } from './theme.js'

const SPAN_SECONDS = 60
/** A minute of batches at 50 ms. */
const KEPT_BATCHES = 1_200
const CHART_HEIGHT_PX = 96

export interface TimelineOptions {
  readonly title: string
  readonly note: string
  readonly unit: string
  /** Upper end of the axis while all values are smaller. */
  readonly rangeMin: number
}

export class TimelineChart {
  readonly #points = new PointRing(KEPT_BATCHES)
  readonly #data: [number[], (number | null)[]] = [[], []]
  readonly #options: TimelineOptions
  readonly #plot: uPlot
  readonly #holder: HTMLElement
  readonly #value: HTMLElement
  #reference: number | null = null
  #largest = 0

  constructor(options: TimelineOptions, parent: HTMLElement) {
    this.#options = options
    const figure = document.createElement('figure')
    figure.className = 'timeline'
    figure.innerHTML = '<header><h3></h3><output></output></header><div class="plot" role="img"></div><figcaption></figcaption>'
    const part = <T extends HTMLElement>(selector: string): T => figure.querySelector<T>(selector) as T
    part('h3').textContent = options.title
    part('figcaption').textContent = options.note
    this.#holder = part('.plot')
    this.#holder.setAttribute('aria-label', `${options.title} of each batch over the last minute.`)
    this.#value = part('output')
    this.#value.setAttribute('aria-live', 'off')
    parent.append(figure)
    this.#plot = new uPlot(this.#plotOptions(), this.#data as uPlot.AlignedData, this.#holder)
    new ResizeObserver(() => this.#resize()).observe(this.#holder)
  }

  add(atMs: number, value: number): void {
    this.#points.push(atMs, value)
  }

  /** A dashed line at this value, or none. */
  setReference(value: number | null): void {
    this.#reference = value
  }

  draw(nowMs: number): void {
    const [xs, ys] = this.#data
    const first = this.#points.firstAtOrAfter(nowMs - SPAN_SECONDS * 1_000)
    const rows = this.#points.length - first
    this.#largest = 0
    for (let row = 0; row < rows; row++) {
      const value = this.#points.y(first + row)
      xs[row] = (this.#points.x(first + row) - nowMs) / 1_000
      ys[row] = value
      if (value > this.#largest) this.#largest = value
    }
    xs.length = ys.length = rows
    this.#plot.setData(this.#data as uPlot.AlignedData, false)
    this.#plot.setScale('x', { min: -SPAN_SECONDS, max: 0 })
    const top = this.#top()
    if (top !== this.#plot.scales['y']?.max) this.#plot.setScale('y', { min: 0, max: top })
    const last = rows === 0 ? '–' : `${formatFigure(ys[rows - 1] ?? 0)} ${this.#options.unit}`
    if (this.#value.textContent !== last) this.#value.textContent = last
  }

  redraw(): void {
    this.#plot.redraw(false)
  }

  clear(): void {
    this.#points.clear()
  }

  #resize(): void {
    const width = Math.floor(this.#holder.clientWidth)
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: CHART_HEIGHT_PX })
  }

  #top(): number {
    return niceCeiling(Math.max(this.#largest, (this.#reference ?? 0) * 1.1, this.#options.rangeMin))
  }

  #plotOptions(): uPlot.Options {
    return {
      width: Math.max(this.#holder.clientWidth, 160),
      height: CHART_HEIGHT_PX,
      padding: [6, 2, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, auto: false }, y: { auto: false, range: () => [0, this.#top()] } },
      axes: [
        {
          size: 22, gap: 4, font: AXIS_FONT, stroke: () => colours().muted, ticks: { show: false }, grid: { show: false },
          splits: () => [-SPAN_SECONDS, -SPAN_SECONDS / 2], values: () => ['1 min ago', '30 s'],
        },
        {
          size: 40, gap: 4, font: AXIS_FONT, stroke: () => colours().muted, ticks: { show: false },
          grid: { stroke: () => colours().rule, width: 1 }, splits: () => [0, this.#top() / 2, this.#top()],
          values: (_, splits) => splits.map(formatFigure),
        },
      ],
      series: [{}, { stroke: () => colours().mean, width: 1.5, fill: () => colours().band, points: { show: false } }],
      hooks: { draw: [plot => this.#drawReference(plot)] },
    }
  }

  #drawReference(plot: uPlot): void {
    if (this.#reference === null) return
    const { ctx, bbox } = plot
    const y = Math.round(plot.valToPos(this.#reference, 'y', true)) + 0.5
    ctx.save()
    ctx.strokeStyle = colours().mark
    ctx.lineWidth = devicePixelRatio
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.restore()
  }
}

/** 950 → `950`, 12,345 → `12 k`, 1,200,000 → `1.2 M`, 3.25 → `3.3`. */
export function formatFigure(value: number): string {
  if (value >= 1e6) return `${trim(value / 1e6)} M`
  if (value >= 1e4) return `${trim(value / 1e3)} k`
  return trim(value)
}

function trim(value: number): string {
  return value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}

function niceCeiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 4, 5, 10].find(factor => factor * unit >= value) ?? 10) * unit
}
