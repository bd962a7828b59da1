/**
 * Window keys: `tumbling(r.at, '1 s')` and `sliding(r.at, '10 s', '1 s')` among the keys of groupBy put each row into the windows
 * that cover its event time. Once grouped, the key is a `WindowExpr` with `start` and `end`.
 * Invariant: windows are `[start, start + size)`, aligned to the epoch plus the offset.
 */
import { toMs, type Duration } from '../base/duration.js'
import { invalid, invalidOption } from '../plan/invalid.js'
import type { WindowSpec } from '../plan/node.js'
import { Expr, TimestampExpr } from './expressions.js'

export interface WindowOptions {
  /** Shifts every window by this much from the epoch; may be negative if given as a number of ms. */
  readonly offset?: Duration
}

declare const isWindowKey: unique symbol

/** A window among the keys of groupBy. */
export class WindowKey {
  declare readonly [isWindowKey]: true
  readonly #window: Omit<WindowSpec, 'name'>

  constructor(window: Omit<WindowSpec, 'name'>) {
    this.#window = Object.freeze(window)
  }

  /** @internal The plan's side, under a column name. */
  static specOf(key: WindowKey, name: string): WindowSpec {
    return Object.freeze({ name, ...key.#window })
  }
}

/**
 * Windows of `size`, one after the other, without overlap.
 * @throws MillraceError INVALID_OPTION when size is not positive.
 * @example
 * stream.groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
 */
export function tumbling(time: Expr<'timestamp'>, size: Duration, options: WindowOptions = {}): WindowKey {
  return windowKey('tumbling', time, size, size, options)
}

/**
 * Windows of `size`, a new one every `slide`; a row is in each that covers it. `size` need not be a multiple of `slide`.
 * @throws MillraceError INVALID_OPTION unless 0 < slide ≤ size.
 */
export function sliding(time: Expr<'timestamp'>, size: Duration, slide: Duration, options: WindowOptions = {}): WindowKey {
  return windowKey('sliding', time, size, slide, options)
}

function windowKey(verb: string, time: unknown, size: Duration, slide: Duration, options: WindowOptions): WindowKey {
  if (!(time instanceof TimestampExpr)) {
    throw invalid(`${verb} takes a timestamp column first, such as ${verb}(r.at, '1 s').`)
  }
  const sizeMs = wholeMs(toMs(size, `${verb}: size`), `${verb}: size`)
  const slideMs = wholeMs(toMs(slide, `${verb}: slide`), `${verb}: slide`)
  if (sizeMs <= 0) throw invalidOption(`${verb}: size must be more than 0, not ${size}.`)
  if (slideMs <= 0 || slideMs > sizeMs) {
    throw invalidOption(`${verb}: slide must be more than 0 and at most the size (${sizeMs} ms), not ${slide}.`)
  }
  return new WindowKey({ time: Expr.expressionOf(time), sizeMs, slideMs, offsetMs: modulo(offsetMsOf(options, verb), slideMs) })
}

function offsetMsOf({ offset = 0 }: WindowOptions, verb: string): number {
  return typeof offset === 'number' && offset < 0 ? -toMs(-offset, `${verb}: offset`) : toMs(offset, `${verb}: offset`)
}

/** Panes are the gcd of size and slide, so both must be whole. */
function wholeMs(ms: number, what: string): number {
  if (!Number.isSafeInteger(ms)) throw invalidOption(`${what} must be a whole number of ms, not ${ms}.`)
  return ms
}

/** Offsets that differ by whole slides make the same windows: the least one that is not negative. */
function modulo(ms: number, by: number): number {
  return ((ms % by) + by) % by
}
