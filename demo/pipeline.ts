/**
 * The pipeline on show. Each reading is normalised by what is usual for its sensor (map); each hour of each sensor becomes one
 * row of statistics (reduce); an hour whose mean lies more than three usual standard deviations off the usual mean is flagged.
 */
import { avg, count, countIf, lit, max, min, stddev, sum, tumbling, when } from 'millrace'
import type { NumberExpr, Source, StreamingContext, TextExpr } from 'millrace'
import { SENSORS, type Sensor } from './sensors.js'

export const READING = { sensor: 'utf8', at: 'timestamp', value: 'f64' } as const
export const MADE_UP_READING = { sensor: 'i32', at: 'timestamp', value: 'f64' } as const

/** How many usual standard deviations the mean of a window may be off. */
const UNUSUAL = 3

export function sensorPipeline(context: StreamingContext, source: Source<typeof READING>) {
  const readings = context.source(source)

  const normalised = readings.with(r => ({
    deviation: r.value.sub(usual(r.sensor, 'mean')).div(usual(r.sensor, 'sd')),
  }))

  const hours = normalised
    .withWatermark('at', '10 min')
    .groupBy(r => ({ sensor: r.sensor, hour: tumbling(r.at, '1 h') }))
    .aggregate(r => ({
      readings: count(), mean: avg(r.value), sd: stddev(r.value), min: min(r.value), max: max(r.value),
      deviation: avg(r.deviation),
    }))
    .with(h => ({ isUnusual: h.deviation.abs().gt(UNUSUAL) }))

  return { readings, hours }
}

/** The same for the made-up sensors of the load, whose usual mean is 0 and standard deviation 1; then one row for all of them. */
export function madeUpPipeline(context: StreamingContext, source: Source<typeof MADE_UP_READING>) {
  return context.source(source)
    .withWatermark('at', '100 ms')
    .groupBy(r => ({ sensor: r.sensor, second: tumbling(r.at, '1 s') }))
    .aggregate(r => ({ readings: count(), mean: avg(r.value), sd: stddev(r.value), min: min(r.value), max: max(r.value) }))
    .groupBy(s => ({ second: s.second }))
    .aggregate(s => ({ sensors: count(), readings: sum(s.readings), unusual: countIf(s.mean.abs().gt(UNUSUAL)) }))
}

/** What is usual for a sensor, as an expression: when(sensor = 'a', 1).when(sensor = 'b', 2) … */
function usual(sensor: TextExpr, figure: keyof Sensor['usual']): NumberExpr {
  return SENSORS.reduce<NumberExpr>((rest, { id, usual }) => when(sensor.eq(id), usual[figure]).otherwise(rest), lit(null, 'f64'))
}
