// What `npm start` runs: builds the package if need be, then serves on one port the demo's page (Vite) and its live feed
// (WebSocket). PORT chooses the port; without it, or when it is taken, a free one is used. Ends cleanly on SIGINT and SIGTERM.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer as createViteServer } from 'vite'

const DEFAULT_PORT = 5173
const root = fileURLToPath(new URL('..', import.meta.url))

/** Newest change below a folder, epoch ms. @param {string} path @returns {number} */
function newestChangeMs(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(0, ...readdirSync(path).map(name => newestChangeMs(join(path, name))))
}

function buildIfOld() {
  const built = ['index.js', 'worker.js', 'kernels.wasm', 'decoders.wasm', 'functions.wasm'].map(file => join(root, 'dist', file))
  const sourceMs = Math.max(...['src', 'assembly'].map(folder => newestChangeMs(join(root, folder))))
  if (built.every(file => existsSync(file) && statSync(file).mtimeMs >= sourceMs)) return
  process.stdout.write('Building Millrace …\n')
  const build = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: 'inherit' })
  if (build.status !== 0) process.exit(build.status ?? 1)
}

/** @param {import('node:http').Server} server @param {number} port @returns {Promise<number>} the port it listens on */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    const onError = error => {
      if (error.code !== 'EADDRINUSE' || port === 0) return reject(error)
      resolve(listen(server, 0))
    }
    server.once('error', onError)
    server.listen(port, () => {
      server.off('error', onError)
      resolve(server.address().port)
    })
  })
}

async function start() {
  buildIfOld()
  const server = createHttpServer()
  const vite = await createViteServer({
    configFile: join(root, 'demo/vite.config.ts'),
    server: { middlewareMode: true, ws: { server } },
    appType: 'spa',
    logLevel: 'warn',
  })
  server.on('request', vite.middlewares)

  const importDemo = file => vite.environments.ssr.runner.import(join(root, 'demo', file))
  const { loadWeek } = await importDemo('feed/replay.ts')
  const { attachFeed } = await importDemo('feed/feed-server.ts')
  const feed = attachFeed(server, await loadWeek(file => readFile(join(root, 'demo/public/data', file), 'utf8')))

  // What the page asks for first is made before anybody asks.
  const worker = `/@fs${join(root, 'dist/worker.js')}?worker_file&type=module`
  await Promise.all(['/main.ts', worker].map(file => vite.warmupRequest(file)))
  await vite.waitForRequestsIdle()

  const port = await listen(server, Number(process.env['PORT'] ?? DEFAULT_PORT))
  process.stdout.write(`\n  Millrace demo: http://localhost:${port}/\n  Stop it with Ctrl+C.\n\n`)

  let isEnding = false
  const stop = async () => {
    if (isEnding) return
    isEnding = true
    feed.close()
    server.closeAllConnections()
    await Promise.all([vite.close(), new Promise(resolve => server.close(resolve))])
    process.exit(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

await start()
