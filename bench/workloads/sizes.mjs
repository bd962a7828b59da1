/** What a page loads before its first result: entry, worker and the kernels with their decoders, minified and compressed. */
import { kernelBytes, measureSizes } from '../../scripts/sizes.mjs'

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const sizes = await measureSizes()
  const kb = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1)
  bench.table({
    title: 'Sizes: the browser entry bundled and minified, in KB',
    head: ['', 'raw', 'brotli 11'],
    rows: Object.entries(sizes).map(([name, { raw, brotli }]) => [name, kb(raw), kb(brotli)]),
  })
  bench.measured('sizes/kernels/raw', kernelBytes(sizes, 'raw') / 1000)
  bench.measured('sizes/kernels/brotli', kernelBytes(sizes, 'brotli') / 1000)
  bench.measured('sizes/page/brotli', (sizes.entry.brotli + sizes.worker.brotli + kernelBytes(sizes, 'brotli')) / 1000)
}
