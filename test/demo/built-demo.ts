/**
 * The demo as `npm run demo:build` makes it, on a host that knows nothing of it: plain files, no headers of its own.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm',
  '.csv': 'text/csv', '.woff2': 'font/woff2',
}

/** Builds into a folder of its own and serves it under `path`. */
export async function serveBuiltDemo(path: string): Promise<{ readonly address: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-demo-'))
  await build({
    configFile: fileURLToPath(new URL('../../demo/vite.config.ts', import.meta.url)), logLevel: 'warn', build: { outDir: folder },
  })
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://host')
    const file = normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname)
    readFile(join(folder, file.slice(path.length))).then(
      bytes => response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream').end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>(resolve => server.listen(0, resolve))
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}${path}`,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await rm(folder, { recursive: true })
    },
  }
}
