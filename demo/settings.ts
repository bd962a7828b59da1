/**
 * What the page starts with, from its address: `?speed=` hours of replay a second, `day=` 0 … 7 of the week to start at,
 * `until=` day to stand still at,
 * `interval=` ms, `workers=`, `load=` rows a second, `feed=socket|bundled`. Everything is optional.
 */
import { DAY_MS, HOUR_MS, WEEK_START_MS } from './sensors.js'
import type { Settings } from './view/controls.js'

/** Put in by Vite: a server feeds the page, or the built page itself. */
declare const FEED_KIND: 'socket' | 'bundled'

export interface PageSettings {
  readonly settings: Settings
  /** Event time to start at, epoch ms. */
  readonly fromMs: number
  /** Event time to stand still at; Infinity: the week is played again and again. */
  readonly untilMs: number
  readonly feedKind: 'socket' | 'bundled'
}

export function settingsFromUrl(search: string): PageSettings {
  const query = new URLSearchParams(search)
  const number = (name: string, otherwise: number, least: number, most: number): number => {
    const text = query.get(name)
    const value = text === null || text === '' ? Number.NaN : Number(text)
    return Number.isFinite(value) ? Math.min(Math.max(value, least), most) : otherwise
  }
  const cores = navigator.hardwareConcurrency ?? 2
  const wished = query.get('feed')
  return {
    settings: {
      hoursPerSecond: number('speed', 2, 0.1, 168),
      batchIntervalMs: number('interval', 250, 20, 10_000),
      workers: Math.round(number('workers', Math.min(Math.max(cores - 1, 1), 4), 0, 16)),
      loadRowsPerSecond: Math.round(number('load', 0, 0, 1_000_000)),
      isPaused: false,
    },
    // On the hour: half an hour would be judged by the readings of its end alone.
    fromMs: Math.floor((WEEK_START_MS + number('day', 0, 0, 7) * DAY_MS) / HOUR_MS) * HOUR_MS,
    untilMs: WEEK_START_MS + number('until', Infinity, 0, Infinity) * DAY_MS,
    feedKind: wished === 'socket' || wished === 'bundled' ? wished : FEED_KIND,
  }
}
