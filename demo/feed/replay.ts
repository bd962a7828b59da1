/**
 * Plays recorded readings again: parses the recordings, merges one week of all sensors by time, and hands out, as NDJSON, what
 * falls due as replay time runs. Used by the feed server (Node) and by the page's own feed worker alike.
 * Invariant: event time never goes back; the week follows upon itself for ever, each pass a week later.
 */
import { calendarShiftMs, SENSORS, WEEK_MS, WEEK_START_MS, type Sensor } from '../sensors.js'

export interface RecordedReading {
  readonly sensor: string
  readonly atMs: number
  readonly value: number
}

/** The whole recording in its own time; lines are `YYYY-MM-DD hh:mm:ss,value` after a header. */
export function parseRecording(sensor: Sensor, csv: string): RecordedReading[] {
  return csv.trim().split(/\r?\n/).slice(1).map(line => {
    const [stamp = '', value = ''] = line.split(',')
    return { sensor: sensor.id, atMs: Date.parse(`${stamp.replace(' ', 'T')}Z`), value: Number(value) }
  })
}

/** One week of all sensors in the common calendar, ordered by time. `readText` gives a file of `public/data/`. */
export async function loadWeek(readText: (file: string) => Promise<string>): Promise<RecordedReading[]> {
  const recordings = await Promise.all(SENSORS.map(async sensor => {
    const shiftMs = calendarShiftMs(sensor)
    return parseRecording(sensor, await readText(sensor.file)).map(reading => ({ ...reading, atMs: reading.atMs + shiftMs }))
  }))
  return recordings.flat()
    .filter(({ atMs }) => atMs >= WEEK_START_MS && atMs < WEEK_START_MS + WEEK_MS)
    .sort((a, b) => a.atMs - b.atMs)
}

/** A position in the endless replay. Positions are event times, epoch ms, from `WEEK_START_MS` on. */
export class Replay {
  readonly #week: readonly RecordedReading[]
  #pass: number
  #next: number

  constructor(week: readonly RecordedReading[], positionMs: number) {
    this.#week = week
    this.#pass = Math.max(0, Math.floor((positionMs - WEEK_START_MS) / WEEK_MS))
    const withinWeekMs = positionMs - this.#pass * WEEK_MS
    const next = week.findIndex(reading => reading.atMs >= withinWeekMs)
    this.#next = next < 0 ? week.length : next
  }

  /** The readings before `positionMs` that were not handed out yet, one JSON object a line; empty when none is due. */
  advanceTo(positionMs: number): string {
    let lines = ''
    for (;;) {
      const reading = this.#week[this.#next]
      const passMs = this.#pass * WEEK_MS
      if (reading === undefined) {
        if (positionMs < WEEK_START_MS + passMs + WEEK_MS) return lines
        this.#pass += 1
        this.#next = 0
      } else {
        if (reading.atMs + passMs >= positionMs) return lines
        lines += `{"sensor":"${reading.sensor}","at":${reading.atMs + passMs},"value":${reading.value}}\n`
        this.#next += 1
      }
    }
  }
}
