/**
 * The first program of the README: readings from a WebSocket, their mean per sensor and second. What a page adds to it is a
 * chart. The tests run this file as it is, in Node and in a browser, against a real server.
 */
import { StreamingContext, webSocket, tumbling, avg, count, stddev } from 'millrace'

/** Anything that draws one point. */
export interface Chart {
  add(sensor: string, startMs: number, mean: number): void
}

/** Builds the program; `context.start()` runs it. */
export function firstProgram(url: string, chart: Chart) {
  const context = new StreamingContext({ batchInterval: '250 ms' })

  const readings = context.source(webSocket(url, {
    format: 'ndjson',
    schema: { sensor: 'utf8', at: 'timestamp', value: 'f64' },
  }))

  const perSecond = readings
    .withWatermark('at', '2 s')
    .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
    .aggregate(r => ({ n: count(), mean: avg(r.value), sd: stddev(r.value) }))

  perSecond.forEachBatch(batch => {
    for (const row of batch) chart.add(row.sensor, row.window.start, row.mean)   // fully typed
  })

  return { context, perSecond }
}
