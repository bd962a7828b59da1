/**
 * The six real sensors on show: where their recording lies, what is usual for them, and where its publishers say that something
 * happened. `usual` is the mean and standard deviation of all readings before the replayed week (a test computes them again from
 * the files), so the week itself is judged by constants that were known before it began. Event times are moved by whole weeks to
 * one calendar.
 */
export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
export const WEEK_MS = 7 * DAY_MS

/** Event time at which the replay begins: Friday 11 September 2015, the road sensors' own week. */
export const WEEK_START_MS = Date.UTC(2015, 8, 11)

export interface Sensor {
  readonly id: string
  readonly title: string
  readonly note: string
  /** Under `public/data/`. */
  readonly file: string
  /** First day of the replayed week in the recording's own time. */
  readonly weekStart: string
  readonly usual: { readonly mean: number; readonly sd: number }
  /** What the chart's vertical axis spans. */
  readonly range: readonly [number, number]
  /** Labelled events within the week, in the recording's own time (UTC). */
  readonly events: readonly (readonly [string, string])[]
}

export const SENSORS: readonly Sensor[] = [
  {
    id: 'machine', title: 'Machine temperature',
    note: 'Inside a large industrial machine: a planned shutdown, then the days before its failure.',
    file: 'machine_temperature_system_failure.csv', weekStart: '2013-12-10', usual: { mean: 80.072, sd: 8.801 }, range: [0, 120],
    events: [['2013-12-10T06:25Z', '2013-12-12T05:35Z'], ['2013-12-15T17:50Z', '2013-12-17T17:00Z']],
  },
  {
    id: 'occupancy-t4013', title: 'Road occupancy, T4013',
    note: 'Share of the time that a vehicle stands over a road sensor.',
    file: 'occupancy_t4013.csv', weekStart: '2015-09-11', usual: { mean: 7.913, sd: 4.165 }, range: [-3, 45],
    events: [['2015-09-16T00:59Z', '2015-09-16T13:19Z'], ['2015-09-17T00:20Z', '2015-09-17T13:10Z']],
  },
  {
    id: 'speed-t4013', title: 'Road speed, T4013',
    note: 'Speed of the traffic over the same sensor.',
    file: 'speed_t4013.csv', weekStart: '2015-09-11', usual: { mean: 62.682, sd: 4.345 }, range: [0, 85],
    events: [['2015-09-16T00:44Z', '2015-09-16T13:14Z'], ['2015-09-17T00:30Z', '2015-09-17T13:30Z']],
  },
  {
    id: 'speed-7578', title: 'Road speed, 7578',
    note: 'Speed of the traffic at another place, reported at irregular times.',
    file: 'speed_7578.csv', weekStart: '2015-09-11', usual: { mean: 66.073, sd: 4.398 }, range: [0, 95],
    events: [['2015-09-11T15:34Z', '2015-09-11T17:54Z'], ['2015-09-15T13:26Z', '2015-09-15T15:54Z'],
      ['2015-09-16T13:04Z', '2015-09-16T15:20Z'], ['2015-09-16T16:00Z', '2015-09-16T18:20Z']],
  },
  {
    id: 'travel-387', title: 'Travel time, route 387',
    note: 'Time to drive a stretch of road, reported at irregular times.',
    file: 'TravelTime_387.csv', weekStart: '2015-08-14', usual: { mean: 317.792, sd: 316.146 }, range: [-350, 5200],
    events: [['2015-08-17T11:51Z', '2015-08-20T01:54Z']],
  },
  {
    id: 'speed-6005', title: 'Road speed, 6005',
    note: 'Its labelled event is short: the hour’s mean stays just within the usual, and goes unmarked.',
    file: 'speed_6005.csv', weekStart: '2015-09-11', usual: { mean: 82.14, sd: 8.729 }, range: [10, 120],
    events: [['2015-09-16T18:40Z', '2015-09-17T16:24Z']],
  },
]

/** What is added to a recording's own time to bring its week to the common calendar. */
export function calendarShiftMs(sensor: Sensor): number {
  return WEEK_START_MS - Date.parse(`${sensor.weekStart}T00:00Z`)
}

/** The labelled events as [start, end) in the common calendar, first pass of the week. */
export function eventSpansMs(sensor: Sensor): readonly (readonly [number, number])[] {
  const shiftMs = calendarShiftMs(sensor)
  const weekEndMs = WEEK_START_MS + WEEK_MS
  return sensor.events.map(([start, end]) => [Date.parse(start) + shiftMs, Math.min(Date.parse(end) + shiftMs, weekEndMs)])
}
