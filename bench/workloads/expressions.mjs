/**
 * Expressions without grouping: z = (x − mean) / sd and |z| > 3, and a polynomial of degree six, summed up. Against loops over
 * typed arrays that do all in one pass.
 */
import { count, sum } from '../../dist/node.js'
import { checksum } from '../harness/checksum.mjs'
import { byMillrace, millraceName, startStream } from '../harness/millrace.mjs'
import { random } from '../harness/random.mjs'

const BATCH_ROWS = 100_000
const MEAN = 50
const SD = 12.5
const LIMIT = 3
const COEFFICIENTS = [0.5, -1.25, 0.75, 2, -0.125, 0.0625, 1.5]
const YARDSTICK = 'by hand, one loop'

/** @param {import('../harness/bench.mjs').Bench} bench */
export async function run(bench) {
  const x = values(bench.size(10_000_000, 200_000))
  await compare(bench, 'z-score', 'z = (x − mean) / sd; rows with |z| > 3; count and sum of z', x, zScoresByHand, stream => stream
    .with(r => ({ z: r.x.sub(MEAN).div(SD) }))
    .filter(r => r.z.abs().gt(LIMIT))
    .aggregate(r => ({ n: count(), total: sum(r.z) })))
  await compare(bench, 'polynomial', 'polynomial of degree six by Horner; count and sum', x, polynomialsByHand, stream => stream
    .with(r => ({ y: COEFFICIENTS.slice(2).reduce((y, c) => y.mul(r.x).add(c), r.x.mul(COEFFICIENTS[0]).add(COEFFICIENTS[1])) }))
    .aggregate(r => ({ n: count(), total: sum(r.y) })))
}

/** @param {number} rows */
function values(rows) {
  const next = random(0x1b873593)
  // About normal, as a sum of uniforms.
  return Float64Array.from({ length: rows }, () => {
    let total = 0
    for (let k = 0; k < 4; k++) total += next() / 2 ** 32
    return MEAN + (total - 2) * Math.sqrt(3) * SD
  })
}

/**
 * @param {import('../harness/bench.mjs').Bench} bench @param {string} id @param {string} what @param {Float64Array} x
 * @param {(x: Float64Array, sums: { n: number, total: number }) => void} byHand of one slice
 * @param {(stream: never) => never} build
 */
async function compare(bench, id, what, x, byHand, build) {
  const result = await bench.compare({
    title: `Expression: ${what}; ${x.length / 1e6} M rows of f64`,
    amount: x.length,
    contenders: [
      {
        name: YARDSTICK,
        prepare: () => ({
          run() {
            const sums = { n: 0, total: 0 }
            for (let from = 0; from < x.length; from += BATCH_ROWS) byHand(x.subarray(from, from + BATCH_ROWS), sums)
            return checksum(sums)
          },
        }),
      },
      ...[0, 1, 2].map(workers => byMillrace(workers, () => summed(workers, x, build))),
    ],
  })
  bench.measured(`expressions/${id}`, result.ratio(millraceName(1), result.ms(YARDSTICK)))
}

/** @param {number} workers @param {Float64Array} x @param {(stream: never) => never} build */
async function summed(workers, x, build) {
  let now = { n: 0, total: 0 }
  const stream = await startStream({
    workers,
    source: { schema: { x: 'f64' } },
    build,
    onBatch(batch) {
      for (const { n, total } of batch) now = { n: Number(n), total: Number(total) }
    },
  })
  return {
    async run() {
      const before = now
      const slices = Array.from({ length: Math.ceil(x.length / BATCH_ROWS) }, (_, i) =>
        ({ x: x.subarray(i * BATCH_ROWS, (i + 1) * BATCH_ROWS) }))
      await stream.push(slices)
      return checksum({ n: now.n - before.n, total: now.total - before.total })
    },
    stop: stream.stop,
  }
}

/** @param {Float64Array} x @param {{ n: number, total: number }} sums */
function zScoresByHand(x, sums) {
  let { n, total } = sums
  for (let i = 0; i < x.length; i++) {
    const z = (x[i] - MEAN) / SD
    if (Math.abs(z) > LIMIT) {
      n++
      total += z
    }
  }
  sums.n = n
  sums.total = total
}

/** @param {Float64Array} x @param {{ n: number, total: number }} sums */
function polynomialsByHand(x, sums) {
  const [c6, c5, c4, c3, c2, c1, c0] = COEFFICIENTS
  let total = sums.total
  for (let i = 0; i < x.length; i++) {
    const t = x[i]
    total += (((((c6 * t + c5) * t + c4) * t + c3) * t + c2) * t + c1) * t + c0
  }
  sums.n += x.length
  sums.total = total
}
