// What a page loads that reads text from somewhere: the built package as a bundler would ship it, minified, each file compressed
// by itself (brotli 11). Chunks that load only when they are needed (inline copies) do not count.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { rolldown } from 'rolldown'

const dist = name => fileURLToPath(new URL(`../dist/${name}`, import.meta.url))

/** @param {Uint8Array | string} bytes */
const brotli = bytes => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length

/**
 * Bytes by file: the browser entry with everything it exports and imports at once, the worker, the modules of the kernels. Of
 * these a build's `kernels` with its `decoders` are what a page loads; `functions` only some programs call.
 * @returns {Promise<import('./sizes.mjs').Sizes>}
 */
export async function measureSizes() {
  const wasm = ['kernels', 'decoders', 'kernels.scalar', 'decoders.scalar', 'functions'].map(name =>
    [name, readFileSync(dist(`${name}.wasm`))])
  const files = { entry: Buffer.from(await bundledEntry()), worker: readFileSync(dist('worker.js')), ...Object.fromEntries(wasm) }
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, { raw: bytes.length, brotli: brotli(bytes) }]))
}

/**
 * Of the larger build, the bytes of the kernels that a page loads which reads text.
 * @param {import('./sizes.mjs').Sizes} sizes @param {'raw' | 'brotli'} as
 */
export const kernelBytes = (sizes, as) =>
  Math.max(sizes.kernels[as] + sizes.decoders[as], sizes['kernels.scalar'][as] + sizes['decoders.scalar'][as])

/** The chunks that load with the entry, one after the other. */
async function bundledEntry() {
  const build = await rolldown({ input: dist('index.js'), platform: 'browser' })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  const chunks = new Map(output.flatMap(chunk => chunk.type === 'chunk' ? [[chunk.fileName, chunk]] : []))
  const loaded = new Set()
  const load = fileName => {
    if (loaded.has(fileName)) return
    loaded.add(fileName)
    chunks.get(fileName)?.imports.forEach(load)
  }
  for (const chunk of chunks.values()) if (chunk.isEntry) load(chunk.fileName)
  return [...loaded].map(fileName => chunks.get(fileName)?.code ?? '').join('\n')
}
