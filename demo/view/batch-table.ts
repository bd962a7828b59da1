/**
 * The table of the last batches. Its rows are made once and filled again; only text changes.
 */
import type { BatchFigures } from '../engine-figures.js'
import { PointRing } from './ring.js'

const ROWS = 8
const CELLS = 6

export class BatchTable {
  readonly #cells: HTMLTableCellElement[][]
  readonly #last: BatchFigures[] = []

  constructor(body: HTMLTableSectionElement) {
    this.#cells = Array.from({ length: ROWS }, () => {
      const row = body.insertRow()
      return Array.from({ length: CELLS }, () => row.insertCell())
    })
  }

  add(batch: BatchFigures): void {
    this.#last.unshift(batch)
    if (this.#last.length > ROWS) this.#last.length = ROWS
  }

  draw(): void {
    this.#cells.forEach((cells, index) => {
      const batch = this.#last[index]
      const texts = batch === undefined ? ['–', '', '', '', '', ''] : [
        String(batch.batchId), new Date(batch.timeMs).toLocaleTimeString('en-GB'), batch.rows.toLocaleString('en'),
        `${batch.schedulingDelayMs.toFixed(1)} ms`, `${batch.processingTimeMs.toFixed(1)} ms`, batch.status,
      ]
      cells.forEach((cell, column) => {
        const text = texts[column] ?? ''
        if (cell.textContent !== text) cell.textContent = text
      })
    })
  }

  clear(): void {
    this.#last.length = 0
  }
}

/** Sum of y over the points of the last `spanMs`, as a rate a second. */
export function ratePerSecond(points: PointRing, nowMs: number, spanMs: number): number {
  let sum = 0
  for (let index = points.firstAtOrAfter(nowMs - spanMs); index < points.length; index++) sum += points.y(index)
  return sum / spanMs * 1_000
}
