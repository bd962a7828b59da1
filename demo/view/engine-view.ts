/**
 * The engine's own figures: the four lines of Spark's streaming page, the last batches, the workers, and the page's smoothness
 * on top.
 */
import type { RunningEngine } from '../engine.js'
import type { BatchFigures, MadeUpFigures } from '../engine-figures.js'
import { BatchTable, ratePerSecond } from './batch-table.js'
import { element, type Settings } from './controls.js'
import type { Drawing } from './frame-painter.js'
import { PointRing } from './ring.js'
import type { Smoothness } from './smoothness.js'
import { formatFigure, TimelineChart } from './timeline-chart.js'
import { WorkerBars } from './worker-bars.js'

const CHART_EVERY_MS = 400
const FIGURES_EVERY_MS = 500
const BARS_EVERY_MS = 1_000
const RATE_SPAN_MS = 2_000
const DELAY_SMOOTHING = 0.2
const KEPT_BATCHES = 256
/** Part of a batch interval that must have passed for the next point of the input rate. */
const SHORTEST_INTERVAL = 0.6

export class EngineView {
  readonly #inputRate: TimelineChart
  readonly #schedulingDelay: TimelineChart
  readonly #processingTime: TimelineChart
  readonly #totalDelay: TimelineChart
  readonly #table = new BatchTable(element<HTMLTableSectionElement>('batches'))
  readonly #bars = new WorkerBars(element('worker-bars'))
  readonly #rows = new PointRing(KEPT_BATCHES)
  readonly #smoothness: Smoothness
  #engine: RunningEngine | null = null
  #delayMs: number | null = null
  #intervalMs = 0
  #ratedAtMs = 0
  #rowsSinceRate = 0
  #loadRowsPerSecond = 0
  #madeUp: MadeUpFigures | null = null

  constructor(smoothness: Smoothness) {
    this.#smoothness = smoothness
    const parent = element('timelines')
    const chart = (title: string, note: string, unit: string, rangeMin: number): TimelineChart =>
      new TimelineChart({ title, note, unit, rangeMin }, parent)
    this.#inputRate = chart('Input rate', 'Rows that arrived, per second.', 'rows/s', 100)
    this.#schedulingDelay = chart('Scheduling delay', 'How long a batch waited for the one before it.', 'ms', 10)
    this.#processingTime = chart('Processing time', 'How long it was worked on.', 'ms', 10)
    this.#totalDelay = chart('Total delay', 'The two together.', 'ms', 10)
  }

  addBatch(batch: BatchFigures): void {
    this.#addInputRate(batch)
    this.#schedulingDelay.add(batch.timeMs, batch.schedulingDelayMs)
    this.#processingTime.add(batch.timeMs, batch.processingTimeMs)
    this.#totalDelay.add(batch.timeMs, batch.totalDelayMs)
    this.#table.add(batch)
    this.#rows.push(batch.timeMs, batch.rows)
    const delayMs = this.#delayMs ?? batch.totalDelayMs
    this.#delayMs = delayMs + DELAY_SMOOTHING * (batch.totalDelayMs - delayMs)
  }

  /** Batches without rows, which run between two intervals when event time has moved on, do not count as intervals. */
  #addInputRate({ timeMs, rows }: BatchFigures): void {
    this.#rowsSinceRate += rows
    const passedMs = timeMs - this.#ratedAtMs
    if (passedMs < this.#intervalMs * SHORTEST_INTERVAL) return
    if (this.#ratedAtMs > 0) this.#inputRate.add(timeMs, this.#rowsSinceRate / passedMs * 1_000)
    this.#ratedAtMs = timeMs
    this.#rowsSinceRate = 0
  }

  addMadeUp(figures: MadeUpFigures): void {
    this.#madeUp = figures
  }

  setLoad(rowsPerSecond: number): void {
    this.#loadRowsPerSecond = rowsPerSecond
    element('load-note').hidden = rowsPerSecond === 0
    if (rowsPerSecond === 0) this.#madeUp = null
  }

  showEngine(engine: RunningEngine, settings: Readonly<Settings>): void {
    this.#engine = engine
    element('how').textContent = engine.how
    this.#intervalMs = settings.batchIntervalMs
    for (const chart of [this.#processingTime, this.#totalDelay]) chart.setReference(settings.batchIntervalMs)
  }

  clear(): void {
    this.#engine = null
    this.#delayMs = null
    this.#madeUp = null
    this.#ratedAtMs = 0
    this.#rowsSinceRate = 0
    this.#table.clear()
    this.#rows.clear()
    for (const chart of this.#charts()) chart.clear()
  }

  drawings(): readonly Drawing[] {
    return [
      ...this.#charts().map(chart => ({ everyMs: CHART_EVERY_MS, draw: (nowMs: number) => chart.draw(nowMs) })),
      { everyMs: FIGURES_EVERY_MS, draw: nowMs => this.#drawFigures(nowMs) },
      { everyMs: BARS_EVERY_MS, draw: nowMs => void (this.#engine && this.#bars.draw(this.#engine.workers(), nowMs)) },
    ]
  }

  #charts(): readonly TimelineChart[] {
    return [this.#inputRate, this.#schedulingDelay, this.#processingTime, this.#totalDelay]
  }

  #drawFigures(nowMs: number): void {
    this.#table.draw()
    setText('now-rate', formatFigure(Math.round(ratePerSecond(this.#rows, nowMs, RATE_SPAN_MS))))
    setText('now-delay', this.#delayMs === null ? '–' : formatFigure(this.#delayMs))
    const meanFrameMs = this.#smoothness.takeMeanFrameMs()
    setText('now-frame', meanFrameMs === null ? '–' : meanFrameMs.toFixed(1))
    setText('now-worst', this.#smoothness.worstFrameMs.toFixed(0))
    setText('now-long', this.#smoothness.canSeeLongTasks ? String(this.#smoothness.longTasks) : 'not measured')
    if (this.#loadRowsPerSecond === 0 || this.#madeUp === null) return
    const { readings, sensors, unusual } = this.#madeUp
    const number = (value: number): string => value.toLocaleString('en')
    setText('load-note', `Besides, ${number(sensors)} made-up sensors sent ${number(readings)} readings in the last full second `
      + `(wished: ${number(this.#loadRowsPerSecond)}). They pass the same statistics, second by second; ${unusual} of them `
      + `${unusual === 1 ? 'was' : 'were'} marked.`)
  }
}

function setText(id: string, text: string): void {
  const place = element(id)
  if (place.textContent !== text) place.textContent = text
}
