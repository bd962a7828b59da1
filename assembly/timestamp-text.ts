// Times as text: ISO 8601 calendar dates and date-times in, `2026-01-31T12:00:00.000Z` out. Days are counted in the proleptic
// Gregorian calendar.
// Invariant: what `formatTimestamp` writes, `parseTimestamp` reads as the same number; both agree with JavaScript's Date where
// that knows the form.
import { trimEnd, trimStart } from './number'

/** Times lie within this many ms of 1970, as JavaScript's do. */
export const TIMESTAMP_MAX: f64 = 8640000000000000
const DAY_MS: i64 = 86400000

// Where the next piece of text is read, and where the text ends.
let at: usize = 0
let textEnd: usize = 0

/**
 * The time that `length` bytes hold: `2026-01-31`, `2026-01-31T12:00[:00[.123]]`, a blank in place of the T, then nothing (UTC),
 * `Z` or `±hh:mm`. Digits beyond the millisecond are cut off; years outside 0000–9999 have a sign and six digits; blanks around
 * are skipped. Returns 1 and writes epoch ms as f64 to `out`, or 0 if it is no time or none that exists (month 13, 30 February,
 * 24:00).
 */
export function parseTimestamp(ptr: usize, length: i32, out: usize): i32 {
  textEnd = trimEnd(ptr, ptr + length)
  at = trimStart(ptr, textEnd)
  const day = takeDay()
  if (day == i32.MIN_VALUE) return 0
  let ms = <i64>day * DAY_MS
  if (at < textEnd) {
    if (!takeByte(0x54) && !takeByte(0x20)) return 0
    const time = takeTime()
    if (time < 0) return 0
    const zone = takeZone()
    if (zone == i32.MIN_VALUE || at != textEnd) return 0
    ms += time - <i64>zone * 60000
  }
  const value = <f64>ms
  if (abs(value) > TIMESTAMP_MAX) return 0
  store<f64>(out, value)
  return 1
}

/** `count` digits as a number, or −1. */
function takeDigits(count: i32): i32 {
  if (at + count > textEnd) return -1
  let value = 0
  for (const end = at + count; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30
    if (digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function takeByte(c: u8): bool {
  if (at >= textEnd || load<u8>(at) != c) return false
  at++
  return true
}

/** Days since 1970 of a date, or the smallest i32. */
function takeDay(): i32 {
  const plus = takeByte(0x2b)
  const minus = !plus && takeByte(0x2d)
  let year = takeDigits(plus || minus ? 6 : 4)
  if (year < 0 || minus && year == 0 || !takeByte(0x2d)) return i32.MIN_VALUE
  if (minus) year = -year
  const month = takeDigits(2)
  if (month < 1 || month > 12 || !takeByte(0x2d)) return i32.MIN_VALUE
  const day = takeDigits(2)
  if (day < 1 || day > daysOfMonth(year, month)) return i32.MIN_VALUE
  return daysSinceEpoch(year, month, day)
}

function daysOfMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
}

/** Days since 1970 (H. Hinnant, "chrono-compatible low-level date algorithms"): years begin in March, in eras of 400 years. */
function daysSinceEpoch(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year
  const era = (y >= 0 ? y : y - 399) / 400
  const yearOfEra = y - era * 400
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
}

/** Milliseconds of a time of day, or −1. */
function takeTime(): i32 {
  const hour = takeDigits(2)
  if (hour < 0 || hour > 23 || !takeByte(0x3a)) return -1
  const minute = takeDigits(2)
  if (minute < 0 || minute > 59) return -1
  let ms = (hour * 60 + minute) * 60000
  if (!takeByte(0x3a)) return ms
  const second = takeDigits(2)
  if (second < 0 || second > 59) return -1
  ms += second * 1000
  if (!takeByte(0x2e)) return ms
  const first = at
  for (let unit = 100; at < textEnd; at++) {
    const digit = <u32>load<u8>(at) - 0x30
    if (digit > 9) break
    ms += <i32>digit * unit
    unit /= 10
  }
  return at == first ? -1 : ms
}

/** Minutes that a zone is ahead of UTC, 0 for none, or the smallest i32. */
function takeZone(): i32 {
  if (at == textEnd || takeByte(0x5a)) return 0
  const plus = takeByte(0x2b)
  if (!plus && !takeByte(0x2d)) return i32.MIN_VALUE
  const hour = takeDigits(2)
  if (hour < 0 || hour > 23 || !takeByte(0x3a)) return i32.MIN_VALUE
  const minute = takeDigits(2)
  if (minute < 0 || minute > 59) return i32.MIN_VALUE
  return plus ? hour * 60 + minute : -(hour * 60 + minute)
}

/**
 * Writes a time as Date's toISOString does to `out` (room for 32 bytes); a part of a millisecond is cut off. Returns the length;
 * 0 if `ms` is no time.
 */
export function formatTimestamp(ms: f64, out: usize): i32 {
  // Also false for NaN.
  if (!(abs(ms) <= TIMESTAMP_MAX)) return 0
  const whole = <i64>ms
  let day = whole / DAY_MS
  let rest = <i32>(whole % DAY_MS)
  if (rest < 0) {
    rest += <i32>DAY_MS
    day--
  }
  let p = putDate(<i32>day, out)
  store<u8>(p, 0x54)
  p = putDigits(p + 1, rest / 3600000, 2)
  store<u8>(p, 0x3a)
  p = putDigits(p + 1, rest / 60000 % 60, 2)
  store<u8>(p, 0x3a)
  p = putDigits(p + 1, rest / 1000 % 60, 2)
  store<u8>(p, 0x2e)
  p = putDigits(p + 1, rest % 1000, 3)
  store<u8>(p, 0x5a)
  return <i32>(p + 1 - out)
}

function putDate(days: i32, p: usize): usize {
  const z = days + 719468
  const era = (z >= 0 ? z : z - 146096) / 146097
  const dayOfEra = z - era * 146097
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const m = (5 * dayOfYear + 2) / 153
  const month = m < 10 ? m + 3 : m - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  if (year >= 0 && year <= 9999) {
    p = putDigits(p, year, 4)
  } else {
    store<u8>(p, year < 0 ? 0x2d : 0x2b)
    p = putDigits(p + 1, abs(year), 6)
  }
  store<u8>(p, 0x2d)
  p = putDigits(p + 1, month, 2)
  store<u8>(p, 0x2d)
  return putDigits(p + 1, dayOfYear - (153 * m + 2) / 5 + 1, 2)
}

/** Writes `count` digits; returns the address behind them. */
function putDigits(p: usize, value: i32, count: i32): usize {
  for (let i = count - 1; i >= 0; i--) {
    store<u8>(p + i, 0x30 + value % 10)
    value /= 10
  }
  return p + count
}
