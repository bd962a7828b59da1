/** What a page loads before its first result: entry, worker and one build of the kernels, minified and compressed. */
import { measureSizes } from '../../scripts/sizes.mjs'

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const sizes = await measureSizes()
  const kb = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1)
  bench.table({
    title: 'Sizes: the browser entry bundled and minified, in KB',
    head: ['', 'raw', 'brotli 11'],
    rows: Object.entries(sizes).map(([name, { raw, brotli }]) => [name, kb(raw), kb(brotli)]),
  })
  const kernels = [sizes['kernels.simd'], sizes['kernels.scalar']]
  bench.measured('sizes/kernels/raw', Math.max(...kernels.map(({ raw }) => raw)) / 1000)
  bench.measured('sizes/kernels/brotli', Math.max(...kernels.map(({ brotli }) => brotli)) / 1000)
  const page = sizes.entry.brotli + sizes.worker.brotli + Math.max(...kernels.map(({ brotli }) => brotli))
  bench.measured('sizes/page/brotli', page / 1000)
}
