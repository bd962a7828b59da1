/** The page that is watched: a feed, with the engine on it or without. */
import { StreamingContext, avg, count, memory, stddev, tumbling, webSocket } from './index.js'

const TICK_MS = 10
const ROWS_PER_TICK = 10_000

const parameters = new URL(location.href).searchParams
const hasEngine = parameters.get('engine') === 'true'
globalThis.longTasks = 0
globalThis.rowsOut = 0
new PerformanceObserver(list => { globalThis.longTasks += list.getEntries().length }).observe({ type: 'longtask' })

const schema = { sensor: parameters.get('feed') === 'columns' ? 'i32' : 'utf8', t: 'timestamp', value: 'f64' }

async function start(source) {
  if (!hasEngine) return
  const context = new StreamingContext()
  context.source(source)
    .withWatermark('t', '1 s')
    .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.t, '1 s') }))
    .aggregate(r => ({ n: count(), mean: avg(r.value), sd: stddev(r.value) }))
    .forEachBatch(batch => { globalThis.rowsOut += batch.numRows }, { mode: 'update' })
  await context.start()
}

async function feedColumns() {
  const source = memory({ schema })
  await start(source)
  const sensor = Int32Array.from({ length: ROWS_PER_TICK }, (_, i) => i * 7919 % 1000)
  const value = Float64Array.from({ length: ROWS_PER_TICK }, (_, i) => i % 100)
  const t = new Float64Array(ROWS_PER_TICK)
  const startMs = performance.now()
  let tick = 0
  setInterval(() => {
    for (; tick * TICK_MS < performance.now() - startMs; tick++) {
      t.fill(1.7e12 + tick * TICK_MS)
      if (hasEngine) void source.push({ sensor, t, value })
    }
  }, TICK_MS)
}

async function feedLines() {
  const url = `ws://${location.host}/`
  if (hasEngine) return start(webSocket(url, { format: 'ndjson', schema }))
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  socket.onmessage = () => {}
}

await (parameters.get('feed') === 'columns' ? feedColumns() : feedLines())
globalThis.isRunning = true
