/**
 * The package in an app bundled by a tool that knows nothing of workers and wasm, so that neither file is where the package looks
 * first, under several content security policies: each way down to the same thread and the twin, in a real Chromium.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from 'playwright'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM_FLAGS, findChromium } from '../../scripts/chromium.mjs'

interface Outcome {
  readonly rows: unknown
  readonly capabilities: Record<string, unknown>
}

const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const ISOLATION = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

let folder: string
let browser: Browser
let server: Server
let headers: Record<string, string> = {}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-app-'))
  const alias = { millrace: local('../../dist/index.js') }
  const build = await rolldown({ input: local('program.js'), platform: 'browser', resolve: { alias } })
  await build.write({ dir: folder, format: 'esm', entryFileNames: 'app.js' })
  await build.close()
  server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (path === '/') {
      response.writeHead(200, { 'content-type': 'text/html', ...headers })
      response.end('<!doctype html><title>app</title><script type="module" src="/app.js"></script>')
    } else if (path.endsWith('.js') && existsSync(join(folder, path))) {
      response.writeHead(200, { 'content-type': 'text/javascript', ...headers })
      response.end(readFileSync(join(folder, path)))
    } else {
      // As a single-page app answers what it does not know: with its page.
      response.writeHead(200, { 'content-type': 'text/html', ...headers })
      response.end('<!doctype html><title>app</title>')
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const executablePath = findChromium()
  browser = await chromium.launch({ ...(executablePath === null ? {} : { executablePath }), args: [...CHROMIUM_FLAGS] })
})

afterAll(async () => {
  await browser.close()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
  rmSync(folder, { recursive: true })
})

/** Opens the app and gives its answer, which is the same everywhere, and how it was come by. */
async function capabilitiesUnder(given: Record<string, string>): Promise<Outcome['capabilities']> {
  headers = given
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  // Read from the document: under a policy a page cannot be asked to evaluate anything.
  const text = await page.getByText('capabilities').textContent()
  await page.close()
  const outcome = JSON.parse(text ?? '') as Outcome
  expect(outcome.rows).toContainEqual({ sensors: 2 })
  return outcome.capabilities
}

describe('a bundled app without the worker and wasm files', () => {
  it('runs on the inline copies', async () => {
    const capabilities = await capabilitiesUnder({})
    expect(capabilities).toMatchObject({
      workers: 2, kernels: 'simd', kernelSource: 'inline', workerSource: 'inline', blockTransport: 'transfer',
    })
    expect(capabilities['failures']).toHaveLength(2)
  })

  it('shares blocks where the page is isolated', async () => {
    expect(await capabilitiesUnder(ISOLATION)).toMatchObject({ workers: 2, workerSource: 'inline', blockTransport: 'shared' })
  })

  it('runs on the page where its policy refuses inline workers', async () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'"
    expect(await capabilitiesUnder({ 'content-security-policy': policy })).toMatchObject({
      workers: 0, kernels: 'simd', kernelSource: 'inline', workerSource: 'none', blockTransport: 'none',
    })
  })

  it('runs on the twin where its policy refuses WebAssembly', async () => {
    expect(await capabilitiesUnder({ 'content-security-policy': "script-src 'self'" })).toMatchObject({
      workers: 0, kernels: 'reference', kernelSource: 'none', workerSource: 'none',
    })
  })
})
