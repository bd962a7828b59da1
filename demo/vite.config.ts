/**
 * How the page is served and built. `millrace` is the built package, taken as a reader's own project would take it: its worker
 * and its kernels are found as files beside it. The page is cross-origin isolated, so that blocks can be shared with the
 * workers.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
const repository = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig(({ command }) => ({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Built, there is no server: the page plays the recordings itself.
  define: { FEED_KIND: JSON.stringify(command === 'build' ? 'bundled' : 'socket') },
  // Relative, so that the built page works under any path of a static host.
  base: './',
  resolve: { alias: [{ find: /^millrace$/, replacement: fileURLToPath(new URL('../dist/index.js', import.meta.url)) }] },
  // Named here, so that the server need not find it first and reload the page.
  optimizeDeps: { include: ['uplot'], noDiscovery: true },
  server: { headers: ISOLATION, fs: { allow: [repository] } },
  preview: { headers: ISOLATION },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  worker: { format: 'es' },
}))
