/**
 * Panes: the pieces that windows are merged of. A pane is as long as the greatest common divisor of a window's size and
 * slide, so every window is a whole number of panes and rows are aggregated once however many windows cover them.
 * Invariant: panes are aligned to the windows' offset; a pane is known by its start, as epoch ms.
 */
import { MillraceError } from '../base/errors.js'
import type { WindowSpec } from './node.js'

/** Finest fraction of a ms that sizes and slides of sliding windows may have. */
const TICKS_PER_MS = 1000

type WindowShape = Pick<WindowSpec, 'sizeMs' | 'slideMs' | 'offsetMs'>

/**
 * Length of a pane.
 * @throws MillraceError INVALID_PIPELINE where size and slide have no common divisor of at least a microsecond.
 */
export function paneMsOf({ sizeMs, slideMs }: WindowShape): number {
  if (sizeMs === slideMs) return sizeMs
  const scale = Number.isInteger(sizeMs) && Number.isInteger(slideMs) ? 1 : TICKS_PER_MS
  let a = sizeMs * scale
  let b = slideMs * scale
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) {
    throw new MillraceError('INVALID_PIPELINE',
      `A window of ${sizeMs} ms that slides by ${slideMs} ms cannot be cut into panes: use whole microseconds.`)
  }
  while (b > 0) [a, b] = [b, a % b]
  return a / scale
}

/** Start of the last window that covers a pane. */
export function lastWindowOf(paneMs: number, { slideMs, offsetMs }: WindowShape): number {
  return offsetMs + Math.floor((paneMs - offsetMs) / slideMs) * slideMs
}

/** Starts of the windows that cover the pane that starts at `paneMs`, ascending. */
export function windowsOf(paneMs: number, window: WindowShape): readonly number[] {
  const { sizeMs, slideMs } = window
  const starts: number[] = []
  const endOfPane = paneMs + paneMsOf(window)
  for (let start = lastWindowOf(paneMs, window); start + sizeMs >= endOfPane; start -= slideMs) starts.push(start)
  return starts.reverse()
}

/** Whether a window may come out by one watermark that did not by an earlier one: the end of one lies between them. */
export function closesWindow(window: WindowShape, fromMs: number, toMs: number): boolean {
  if (toMs <= fromMs) return false
  return toMs === Infinity || fromMs === -Infinity || lastClosed(window, toMs) > lastClosed(window, fromMs)
}

/** The number of the last window that a watermark closes, counted from the offset. */
function lastClosed({ sizeMs, slideMs, offsetMs }: WindowShape, watermarkMs: number): number {
  return Math.floor((watermarkMs - offsetMs - sizeMs) / slideMs)
}

/** A pane is dead when the last window that covers it is closed: its end is at or below the watermark. */
export function isDeadPane(paneMs: number, window: WindowShape, closeWatermarkMs: number): boolean {
  return lastWindowOf(paneMs, window) + window.sizeMs <= closeWatermarkMs
}
