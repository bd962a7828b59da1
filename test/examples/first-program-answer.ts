/**
 * What the first program must give over the feed server's readings, as DuckDB computes it; shared by the tests in Node and in
 * pages.
 */
import { Duck } from '../oracle/duck.js'
import { feedReadings } from '../support/feed-server.js'

/** One row of the program's output. */
export interface PerSecond {
  readonly sensor: string
  readonly startMs: number
  readonly n: number
  readonly mean: number
  readonly sd: number | null
}

/** Delay of the program's watermark. */
const DELAY_MS = 2000

/** DuckDB's answer: every window that the watermark has closed once all readings are in, in order of start and sensor. */
export async function firstProgramAnswer(): Promise<PerSecond[]> {
  const duck = await Duck.open()
  await duck.load('readings', { sensor: 'utf8', at: 'timestamp', value: 'f64' }, feedReadings().map(reading => ({ ...reading })))
  const rows = await duck.query(`
    WITH windows AS (SELECT sensor, value, floor("at" / 1000) * 1000 AS "startMs" FROM readings)
    SELECT sensor, "startMs", count(*)::DOUBLE AS n, avg(value) AS mean, stddev_samp(value) AS sd FROM windows
    WHERE "startMs" + 1000 <= (SELECT max("at") FROM readings) - ${DELAY_MS}
    GROUP BY sensor, "startMs" ORDER BY "startMs", sensor`)
  duck.close()
  return rows as unknown as PerSecond[]
}
