/**
 * The test projects: `node` (everything but what needs a page), `chromium` and `chromium-isolated` (test/browser in a real browser,
 * without and with cross-origin isolation), `demo` (the demo, driven from Node). `millrace` is the built package in all of them.
 */
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { CHROMIUM_FLAGS, findChromium } from './scripts/chromium.mjs'

const PAGE_TEST_MS = 60_000
const DEMO_TEST_MS = 180_000
const executablePath = findChromium()
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

const dist = (file: string): string => fileURLToPath(new URL(`./dist/${file}`, import.meta.url))

const packageAlias = (main: string) => [
  { find: /^millrace$/, replacement: dist(main) },
  { find: /^millrace\/testing$/, replacement: dist('testing.js') },
]

const node = (name: string, test: Record<string, unknown>) => ({
  resolve: { alias: packageAlias('node.js') },
  test: { name, environment: 'node' as const, server: { deps: { external: [/\/dist\/[^/]+\.js$/] } }, ...test },
})

const page = (name: string, isolated: boolean) => ({
  resolve: { alias: packageAlias('index.js') },
  server: { headers: isolated ? ISOLATION : {} },
  test: {
    name,
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/global-setup.ts'],
    provide: { isolated } as never,
    testTimeout: PAGE_TEST_MS,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { ...(executablePath ? { executablePath } : {}), args: [...CHROMIUM_FLAGS] } }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
})

export default defineConfig({
  test: {
    projects: [
      node('node', { include: ['test/**/*.test.ts'], exclude: ['test/browser/**', 'test/demo/**'], testTimeout: PAGE_TEST_MS }),
      page('chromium', false),
      page('chromium-isolated', true),
      node('demo', { include: ['test/demo/**/*.test.ts'], testTimeout: DEMO_TEST_MS, hookTimeout: DEMO_TEST_MS, fileParallelism: false }),
    ],
  },
})
