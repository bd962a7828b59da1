/**
 * The portable transcendental functions against Math, in units in the last place. That wasm and twin give the same bits of them
 * is shown in functions.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { exp, ln, log10, pow } from '../../assembly/portable/elementary.js'
import { atan2, cos, sin, tan } from '../../assembly/portable/trigonometry.js'

const bits = new DataView(new ArrayBuffer(8))

/** A float's place among all floats in order. */
function place(x: number): bigint {
  bits.setFloat64(0, x)
  const word = bits.getBigInt64(0)
  return word < 0n ? -(2n ** 63n) - word : word
}

/** Distance in units in the last place; 0 if both are NaN. */
function ulps(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity
  if (a === 0 && b === 0) return Object.is(a, b) ? 0 : Infinity
  const distance = place(a) - place(b)
  return Number(distance < 0n ? -distance : distance)
}

/** Numbers of all sizes, the same ones each time. */
function* samples(count: number): Generator<number> {
  let state = 0x9e3779b97f4a7c15n
  for (let i = 0; i < count; i++) {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n)
    const unit = Number(state >> 11n) / 2 ** 53
    const magnitude = [1, 10, 700, 1e6, 2 ** 60, 1e-8][i % 6]!
    yield (unit * 2 - 1) * magnitude
    bits.setBigUint64(0, state ^ (state >> 7n))
    yield bits.getFloat64(0)
  }
}

const EDGES = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, Infinity, -Infinity, NaN, 5e-324, -5e-324, 2.2250738585072014e-308,
  1.7976931348623157e308,
  -1.7976931348623157e308, 1e-300, 709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412, 1024, -1074,
  -1075, 0.9999999999999999, 1.0000000000000002,
  2147483648, 2147483649, 4294967297, 9007199254740991, 9007199254740993, Math.PI, Math.PI / 2, Math.PI / 4, 3 * Math.PI / 4,
  6381956970095103 * 2 ** 797, 1e22, 823549.6, 1.5 * Math.PI]

const UNARY: readonly (readonly [string, (x: number) => number, (x: number) => number])[] = [
  ['exp', exp, Math.exp], ['ln', ln, Math.log], ['log10', log10, Math.log10], ['sin', sin, Math.sin], ['cos', cos, Math.cos],
  ['tan', tan, Math.tan],
]

describe('elementary functions', () => {
  it.each(UNARY)('%s is within one ulp of Math', (_, mine, theirs) => {
    let worst = 0
    for (const x of [...EDGES, ...samples(30_000)]) {
      const distance = ulps(mine(x), theirs(x))
      if (distance > 1) expect({ x, value: mine(x) }).toEqual({ x, value: theirs(x) })
      worst = Math.max(worst, distance)
    }
    expect(worst).toBeLessThanOrEqual(1)
  })

  it('pow is within one ulp of Math', () => {
    const numbers = [...samples(15_000)]
    const pairs = [...EDGES.flatMap(x => EDGES.map(y => [x, y] as const)),
      ...numbers.map((x, i) => [Math.abs(x), numbers[(i * 7 + 1) % numbers.length]!] as const),
      ...numbers.map((x, i) => [x, (i % 41) - 20] as const),
      ...numbers.map((x, i) => [1 + x * 1e-9 % 1e-3, (i % 2 ? 1 : -1) * 10 ** (i % 13)] as const)]
    for (const [x, y] of pairs) {
      if (ulps(pow(x, y), Math.pow(x, y)) > 1) expect({ x, y, value: pow(x, y) }).toEqual({ x, y, value: Math.pow(x, y) })
    }
  })

  it('atan2 is within one ulp of Math', () => {
    const numbers = [...samples(15_000)]
    const pairs = [...EDGES.flatMap(y => EDGES.map(x => [y, x] as const)),
      ...numbers.map((y, i) => [y, numbers[(i * 7 + 1) % numbers.length]!] as const),
      ...numbers.map((y, i) => [y, y * (((i % 100) - 50) / 10)] as const)]
    for (const [y, x] of pairs) {
      if (ulps(atan2(y, x), Math.atan2(y, x)) > 1) expect({ y, x, value: atan2(y, x) }).toEqual({ y, x, value: Math.atan2(y, x) })
    }
  })

  it('keeps its accuracy where a multiple of π/2 almost cancels', () => {
    // The float nearest to a multiple of π/2 (W. Kahan, J.-M. Muller), whose cosine is known to be −4.68716592425462761112e−19.
    const worst = 6381956970095103 * 2 ** 797
    expect(cos(worst)).toBe(-4.687165924254628e-19)
    expect(sin(worst)).toBe(1)
  })
})
