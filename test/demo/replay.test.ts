/**
 * The recordings behind the demo: what it calls usual is what the files say, and the replay loses, repeats and reorders nothing.
 */
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadWeek, parseRecording, Replay, type RecordedReading } from '../../demo/feed/replay.js'
import { HOUR_MS, SENSORS, WEEK_MS, WEEK_START_MS } from '../../demo/sensors.js'

const readText = (file: string): Promise<string> => readFile(new URL(`../../demo/public/data/${file}`, import.meta.url), 'utf8')
const readings = (ndjson: string): RecordedReading[] =>
  ndjson.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as { sensor: string; at: number; value: number })
    .map(({ sensor, at, value }) => ({ sensor, atMs: at, value }))

describe('the sensors', () => {
  it.each(SENSORS)('$id: usual is what it did before the replayed week', async sensor => {
    const weekStartMs = Date.parse(`${sensor.weekStart}T00:00Z`)
    const before = parseRecording(sensor, await readText(sensor.file)).filter(({ atMs }) => atMs < weekStartMs)
    const mean = before.reduce((sum, { value }) => sum + value, 0) / before.length
    const sd = Math.sqrt(before.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (before.length - 1))
    expect(sensor.usual.mean).toBeCloseTo(mean, 3)
    expect(sensor.usual.sd).toBeCloseTo(sd, 3)
  })
})

describe('the replay', () => {
  const weekEndMs = WEEK_START_MS + WEEK_MS
  let week: RecordedReading[] = []
  beforeAll(async () => { week = await loadWeek(readText) })

  it('hands out every reading of the week once, in order', () => {
    const replay = new Replay(week, WEEK_START_MS)
    const out: RecordedReading[] = []
    for (let atMs = WEEK_START_MS; atMs <= weekEndMs; atMs += 7 * HOUR_MS) out.push(...readings(replay.advanceTo(atMs)))
    expect(out).toEqual(week)
    expect(week.length).toBeGreaterThan(7_000)
  })

  it('plays the week again a week later', () => {
    const replay = new Replay(week, WEEK_START_MS)
    replay.advanceTo(weekEndMs)
    const again = readings(replay.advanceTo(weekEndMs + WEEK_MS))
    expect(again).toEqual(week.map(reading => ({ ...reading, atMs: reading.atMs + WEEK_MS })))
  })

  it('starts in the middle, on any pass', () => {
    const fromMs = WEEK_START_MS + 3 * WEEK_MS + 50 * HOUR_MS
    const first = readings(new Replay(week, fromMs).advanceTo(fromMs + HOUR_MS))
    const expected = week.map(reading => ({ ...reading, atMs: reading.atMs + 3 * WEEK_MS }))
      .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + HOUR_MS)
    expect(first).toEqual(expected)
    expect(first.length).toBeGreaterThan(20)
  })
})
