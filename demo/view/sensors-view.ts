/**
 * The six charts: hands each row of a batch to its sensor's chart.
 */
import type { HourRow, ReadingRow } from '../engine.js'
import { SENSORS } from '../sensors.js'
import type { Drawing } from './frame-painter.js'
import { SensorChart } from './sensor-chart.js'

const DRAW_EVERY_MS = 200

export class SensorsView {
  /** Event time up to which every hour has come out; null before the first. */
  finishedMs: number | null = null
  readonly #charts: ReadonlyMap<string, SensorChart>

  constructor(parent: HTMLElement) {
    this.#charts = new Map(SENSORS.map(sensor => [sensor.id, new SensorChart(sensor, parent)]))
  }

  addReadings(rows: Iterable<ReadingRow>): void {
    for (const { sensor, at, value } of rows) this.#charts.get(sensor)?.addReading(at, value)
  }

  addHours(rows: Iterable<HourRow>): void {
    for (const { sensor, hour, mean, sd, isUnusual } of rows) {
      this.finishedMs = Math.max(this.finishedMs ?? hour.end, hour.end)
      this.#charts.get(sensor)?.addHour({ startMs: hour.start, mean, sd, isMarked: isUnusual })
    }
  }

  clear(): void {
    this.finishedMs = null
    for (const chart of this.#charts.values()) chart.clear()
  }

  /** `positionMs` is where the replay is: the right edge of every chart. */
  drawings(positionMs: () => number): readonly Drawing[] {
    return [...this.#charts.values()].map(chart => ({ everyMs: DRAW_EVERY_MS, draw: () => chart.draw(positionMs()) }))
  }
}
