/**
 * ISO 8601 time stamps as text, read on the scheduler's thread for rows that are pushed as objects; the kernels read the same
 * grammar from bytes.
 * Invariant: strict, and independent of the machine's time zone: text without a zone is UTC (`Date.parse` would take some of it
 * as local time).
 */

const PATTERN =
  /^[ \t\r\n]*(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:\d{2})?)?[ \t\r\n]*$/

/** Largest epoch ms that a Date can hold. */
export const TIMESTAMP_MS_MAX = 8.64e15

/**
 * Epoch milliseconds of `2026-01-31`, `2026-01-31T12:00`, `…T12:00:00`, `…T12:00:00.123456789`, each but the first optionally
 * with `Z` or `±HH:MM`; a blank may stand for the T, years outside 0000–9999 have a sign and six digits, blanks around are
 * skipped. Digits beyond the millisecond are cut off. null when the text is not a time that exists (month 13, 30 February,
 * 24:01).
 */
export function parseTimestampText(text: string): number | null {
  const match = PATTERN.exec(text)
  if (!match) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)]
  if (match[1] === '-000000' || month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return null
  if (hour > 23 || minute > 59 || second > 59) return null
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const offsetMs = zoneOffsetMs(match[8])
  if (offsetMs === null) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const time = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + ms - offsetMs
  return Math.abs(time) <= TIMESTAMP_MS_MAX ? time : null
}

/** Milliseconds by which the zone is ahead of UTC; null when it is not one. */
function zoneOffsetMs(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))]
  if (hours > 23 || minutes > 59) return null
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
