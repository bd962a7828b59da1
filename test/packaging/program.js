/** The program that the packaging tests bundle: a few rows through workers; it leaves what came out, and how, on the page. */
import { count, memory, StreamingContext } from 'millrace'

const context = new StreamingContext({ batchInterval: 0, workers: 2 })
const source = memory({ schema: { sensor: 'utf8' }, format: 'ndjson' })
const rows = []
context.source(source).countByKey(r => ({ sensor: r.sensor.upper() })).aggregate(() => ({ sensors: count() }))
  .forEachRow(row => rows.push(row), { mode: 'complete' })
await context.start()
await source.push('{"sensor":"a"}\n{"sensor":"b"}\n{"sensor":"a"}\n')
source.end()
await context.awaitTermination()
document.body.append(JSON.stringify({ rows, capabilities: context.capabilities }))
