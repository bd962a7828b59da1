/**
 * Windows and panes by number, so that whole numbers decide which window covers which pane: window k covers panes
 * `[k · step, k · step + width)`, pane i starts at `offsetMs + i · paneMs`.
 */
import type { WindowSpec } from '../plan/node.js'
import { paneMsOf } from '../plan/pane.js'

export interface PaneGrid {
  readonly window: WindowSpec
  readonly paneMs: number
  /** Panes of a window. */
  readonly width: number
  /** Panes from one window's start to the next one's. */
  readonly step: number
}

export function paneGridOf(window: WindowSpec): PaneGrid {
  const paneMs = paneMsOf(window)
  return { window, paneMs, width: Math.round(window.sizeMs / paneMs), step: Math.round(window.slideMs / paneMs) }
}

/** The number of the pane that starts at `startMs`. */
export function paneNumber({ window, paneMs }: PaneGrid, startMs: number): number {
  return Math.round((startMs - window.offsetMs) / paneMs)
}

/** The first window that covers a pane. */
export function firstWindowOver({ width, step }: PaneGrid, pane: number): number {
  return Math.ceil((pane - width + 1) / step)
}

/** Start of window k. */
export function windowStartMs({ window }: PaneGrid, k: number): number {
  return window.offsetMs + k * window.slideMs
}

/** Index of the first of some ascending numbers that is at least `number`. */
export function lowerBound(numbers: readonly number[], number: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[middle]! < number) low = middle + 1
    else high = middle
  }
  return low
}
