/**
 * Durations as users write them (`250`, `'250 ms'`, `'2 s'`, `'1 min'`), turned into milliseconds once, when a pipeline is built.
 * Invariant: inside Millrace a duration is a number of ms and its name ends in `Ms`.
 */
import { MillraceError } from './errors.js'

const UNIT_MS = {
  ms: 1, millisecond: 1, milliseconds: 1,
  s: 1000, second: 1000, seconds: 1000,
  min: 60_000, minute: 60_000, minutes: 60_000,
  h: 3_600_000, hour: 3_600_000, hours: 3_600_000,
  d: 86_400_000, day: 86_400_000, days: 86_400_000,
} as const

export type DurationUnit = keyof typeof UNIT_MS

/** A number of milliseconds, or a number and a unit: `'250 ms'`, `'2 s'`, `'1.5 min'`, `'1 h'`, `'7 days'`. */
export type Duration = number | `${number} ${DurationUnit}`

/**
 * Milliseconds of a duration.
 * @throws MillraceError INVALID_OPTION naming `what` and the units that exist, when it is not a finite duration ≥ 0.
 */
export function toMs(duration: Duration, what = 'duration'): number {
  const ms = typeof duration === 'number' ? duration : parse(duration)
  if (!Number.isFinite(ms) || ms < 0) {
    throw new MillraceError('INVALID_OPTION',
      `${what}: ${JSON.stringify(duration)} is not a duration. Write a number of ms, or a number and a unit such as `
      + "'250 ms', '2 s', '1 min', '1 h', '1 d'.")
  }
  return ms
}

function parse(text: unknown): number {
  const match = typeof text === 'string' ? /^([\d.]+(?:e\d+)?) ([a-z]+)$/.exec(text) : null
  const unit = match && Object.hasOwn(UNIT_MS, match[2]!) ? UNIT_MS[match[2] as DurationUnit] : NaN
  return match ? Number(match[1]) * unit : NaN
}
