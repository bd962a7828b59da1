/**
 * What is left of a page's thread while the engine runs in Chromium on default options: 1 M rows/s of columns pushed by a
 * timer, and 300 k rows/s of NDJSON from a WebSocket. The share of one core is the page's own thread with the engine less the
 * same page without; long tasks are those that the page itself reports.
 */
import { createServer } from 'node:http'
import { existsSync, readFileSync } from 'node:fs'
import { Unavailable, digits } from '../harness/bench.mjs'
import { ReadingLines } from '../data/reading-lines.mjs'
import { CHROMIUM_FLAGS, findChromium } from '../../scripts/chromium.mjs'

const ISOLATION = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
const TICK_MS = 10
const LINES_PER_TICK = 3000
const SETTLE_MS = 2000
const TYPES = { js: 'text/javascript', html: 'text/html', wasm: 'application/wasm' }

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const seconds = bench.size(10, 1)
  /** @type {string[][]} */
  const rows = []
  const title = `Page's thread in Chromium, ${seconds} s each`
  try {
    await withBrowser(async open => {
      for (const feed of ['columns', 'lines']) {
        for (const isolated of [true, false]) {
          const idle = await open({ feed, engine: false, isolated, seconds })
          const busy = await open({ feed, engine: true, isolated, seconds })
          const share = (busy.threadMs - idle.threadMs) / (seconds * 10)
          rows.push([`${feed}, ${isolated ? 'isolated' : 'not isolated'}`, digits(idle.threadMs / (seconds * 10)),
            digits(busy.threadMs / (seconds * 10)), digits(share), String(busy.longTasks), busy.rowsOut.toLocaleString('en')])
          if (isolated) continue
          bench.measured(`page-thread/${feed}/share`, share)
          bench.measured(`page-thread/${feed}/long-tasks`, busy.longTasks)
        }
      }
    })
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    rows.push([error.message, '', '', '', '', ''])
  }
  bench.table({ title, head: ['', '% without engine', '% with engine', '% of the engine', 'long tasks', 'rows out'], rows })
}

/** @typedef {{ feed: string, engine: boolean, isolated: boolean, seconds: number }} Visit */

/** @param {(open: (visit: Visit) => Promise<{ threadMs: number, longTasks: number, rowsOut: number }>) => Promise<void>} use */
async function withBrowser(use) {
  const executablePath = findChromium()
  if (!executablePath) throw new Unavailable('no Chromium on this machine')
  const [{ chromium }, { WebSocketServer }] = await Promise.all([import('playwright'), import('ws')])
  const server = createServer(answer)
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => sendLines(socket))
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] })
  try {
    await use(visit => watch(browser, port, visit))
  } finally {
    await browser.close()
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const file = pathname === '/' ? new URL('page-thread/page.html', import.meta.url)
    : pathname === '/page.js' ? new URL('page-thread/page.js', import.meta.url)
      : new URL(`../../dist${pathname}`, import.meta.url)
  if (!existsSync(file)) return void response.writeHead(404).end()
  // The page decides; its workers only have to go along.
  const isolated = pathname !== '/' || searchParams.get('isolated') === 'true'
  response.writeHead(200, { 'content-type': TYPES[/** @type {never} */ (file.pathname.split('.').pop())] ?? 'text/plain',
    ...(isolated ? ISOLATION : {}) })
  response.end(readFileSync(file))
}

/** Lines whose times follow the clock, in steps. @param {import('ws').WebSocket} socket */
function sendLines(socket) {
  const lines = new ReadingLines(LINES_PER_TICK)
  let tick = 0
  const startMs = performance.now()
  const timer = setInterval(() => {
    // As many as the clock says, also where a timer comes late.
    for (; tick * TICK_MS < performance.now() - startMs; tick++) socket.send(lines.bytes)
  }, TICK_MS)
  socket.on('close', () => clearInterval(timer))
}

/**
 * Opens the page, lets it settle, and takes the time of its thread.
 * @param {import('playwright').Browser} browser @param {number} port @param {Visit} visit
 */
async function watch(browser, port, { feed, engine, isolated, seconds }) {
  const page = await browser.newPage()
  page.on('pageerror', error => { throw error })
  await page.goto(`http://127.0.0.1:${port}/?feed=${feed}&engine=${engine}&isolated=${isolated}`)
  await page.waitForFunction(() => globalThis.isRunning === true)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'timeTicks' })
  const threadMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN)
  }
  await page.waitForTimeout(SETTLE_MS)
  await page.evaluate(() => { globalThis.longTasks = 0 })
  const before = await threadMs()
  await page.waitForTimeout(seconds * 1000)
  const after = await threadMs()
  const outcome = await page.evaluate(() => ({ longTasks: globalThis.longTasks, rowsOut: globalThis.rowsOut }))
  await page.close()
  return { threadMs: after - before, ...outcome }
}
