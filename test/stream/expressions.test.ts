/**
 * What the methods of symbolic values build: expressions of the right type, with the casts of the function table.
 */
import { describe, expect, it } from 'vitest'
import { expressionText } from '../../src/plan/expression-text.js'
import { coalesce, greatest, least, lit, when } from '../../src/stream/expression-functions.js'
import { nodeOf, TestPipeline } from '../stream/build.js'

const readings: any = new TestPipeline().readings()

/** An expression over the readings, as `text: type`. */
function built(lambda: (row: any) => unknown): string {
  const node = nodeOf(readings.map((row: any) => ({ a: lambda(row) })))
  if (node.kind !== 'project') throw new Error('no projection')
  const { expression } = node.columns[0]!
  return `${expressionText(expression)}: ${expression.type}`
}

const BUILT: readonly (readonly [lambda: (row: any) => unknown, text: string])[] = [
  [r => r.value.add(1).sub(r.raw).mul(2).div(3), '(value + 1 - cast(raw as f64)) * 2 / 3: f64'],
  [r => r.big.add(1n).mul(r.raw), '(big + 1n) * cast(raw as i64): i64'],
  [r => r.big.add(1), 'cast(big as f64) + 1: f64'],
  [r => r.raw.add(r.raw), 'cast(raw as f64) + cast(raw as f64): f64'],
  [r => r.raw.mod(r.raw), 'mod(raw, raw): i32'],
  [r => r.raw.mod(3), 'mod(raw, 3): i32'],
  [r => lit(7).mod(r.raw), 'mod(7, raw): i32'],
  [r => r.raw.floorDiv(-2), 'floorDiv(raw, -2): i32'],
  [r => r.raw.mod(0.5), 'mod(cast(raw as f64), 0.5): f64'],
  [r => r.raw.mod(2 ** 31), 'mod(cast(raw as f64), 2147483648): f64'],
  [() => lit(7).mod(4), 'mod(7, 4): f64'],
  [r => r.raw.floorDiv(lit(3, 'i32')), 'floorDiv(raw, 3): i32'],
  [r => r.half.neg(), 'neg(cast(half as f64)): f64'],
  [r => r.big.abs().sign(), 'sign(abs(big)): i64'],
  [r => r.value.round().floor().ceil().trunc(), 'trunc(ceil(floor(round(value)))): f64'],
  [r => r.value.pow(2).sqrt().exp().ln().log10(), 'log10(ln(exp(sqrt(pow(value, 2))))): f64'],
  [r => r.value.sin().atan2(r.value.cos().add(r.value.tan())), 'atan2(sin(value), cos(value) + tan(value)): f64'],
  [r => r.value.clamp(0, 9), 'clamp(value, 0, 9): f64'],
  [r => r.value.between(1, 2), 'value ≥ 1 and value ≤ 2: bool'],
  [r => r.big.gt(5), 'big > 5n: bool'],
  [r => r.big.gt(0.5), 'cast(big as f64) > 0.5: bool'],
  [r => r.raw.eq(7), 'raw = 7: bool'],
  [r => r.half.lt(0.1), 'cast(half as f64) < 0.1: bool'],
  [r => r.at.ge(new Date(0)), 'at ≥ 1970-01-01T00:00:00.000Z: bool'],
  [r => r.at.ne(1000), 'at ≠ 1970-01-01T00:00:01.000Z: bool'],
  [r => r.ok.and(r.value.isNaN()).or(r.sensor.isNull()).not(), 'not (ok and isNaN(value) or isNull(sensor)): bool'],
  [r => r.ok.and(r.ok.or(false)), 'ok and (ok or false): bool'],
  [r => r.sensor.isIn(['a', r.sensor]), "sensor = 'a' or sensor = sensor: bool"],
  [r => r.sensor.isIn([]).or(r.sensor.eq("it's")), "isNull(sensor) and false or sensor = 'it''s': bool"],
  [r => r.sensor.lower().upper().trim().concat('-', r.sensor), "concat(concat(trim(upper(lower(sensor))), '-'), sensor): utf8"],
  [r => r.sensor.substring(1, 3), 'substring(sensor, 1, 3): utf8'],
  [r => r.sensor.substring(-1), 'substring(sensor, 0, 2147483647): utf8'],
  [r => r.sensor.substring(r.raw, r.sensor.length()), 'substring(sensor, raw, length(sensor)): utf8'],
  [r => r.sensor.startsWith('a').and(r.sensor.endsWith('b')).and(r.sensor.contains(r.sensor)),
    "startsWith(sensor, 'a') and endsWith(sensor, 'b') and contains(sensor, sensor): bool"],
  [r => r.at.truncate('week'), "truncate(at, 'week'): timestamp"],
  [r => r.at.year(), 'year(at): i32'],
  [r => r.at.cast('f64'), 'cast(at as f64): f64'],
  [r => r.value.cast('f64'), 'value: f64'],
  [r => r.sensor.hash(), 'hash(sensor): i32'],
  [r => when(r.ok, 1).when(r.value.gt(2), r.raw).otherwise(0.5), 'if(ok, 1, if(value > 2, cast(raw as f64), 0.5)): f64'],
  [r => coalesce(r.raw, r.big, 0n), 'coalesce(cast(raw as i64), big, 0n): i64'],
  [r => least(r.at, new Date(0)), 'least(at, 1970-01-01T00:00:00.000Z): timestamp'],
  [r => greatest(r.half, r.half), 'greatest(half, half): f32'],
  [() => lit(null, 'utf8'), 'null: utf8'],
  [() => lit(300, 'i64'), '300n: i64'],
  [() => lit('12').cast('i32'), "cast('12' as i32): i32"],
]

describe('symbolic values', () => {
  it.each(BUILT)('%s', (lambda, text) => expect(built(lambda)).toBe(text))
})
