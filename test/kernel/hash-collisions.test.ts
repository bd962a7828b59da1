/**
 * Keys that differ and have the same hash, made so: they stay groups of their own in tasks and in states, whatever the kernels.
 */
import { describe, expect, it } from 'vitest'
import { Prng } from '../../src/base/prng.js'
import type { Schema } from '../../src/data/schema.js'
import { kernelSets } from '../support/kernels.js'
import { aggregate, aggregationPlan, blockOf, named, TaskDriver, type Row } from '../support/task-driver.js'

const KEYS = 60
const ROWS = 9000

/** What the first half of mixing a word makes of its low half (assembly/hash.ts). */
function mixedLow(low: number): number {
  const hash = Math.imul(low, 0x9e3779b1)
  return hash ^ (hash >>> 15)
}

/** The hash of one short word. */
function shortHash(word: number): number {
  const hash = Math.imul(mixedLow(word), 0x85ebca77)
  return hash ^ (hash >>> 16)
}

/** Integers of 64 bits whose high halves take away what their low halves make of the hash. */
const longKeys = Array.from({ length: KEYS }, (_, i): Row => ({ a: BigInt.asIntN(64, BigInt(mixedLow(i)) << 32n | BigInt(i)) }))
/** Pairs of which the second takes away what the first makes of it. */
const pairKeys = Array.from({ length: KEYS }, (_, i): Row => ({ a: i * 1_000_003, b: shortHash(i * 1_000_003) }))

/** Times whose words give one hash after key 7: the high halves are what the low ones ask for, if that is a time in whole ms. */
const panes: number[] = []
for (let low = 1, word = new DataView(new ArrayBuffer(8)); panes.length < KEYS; low++) {
  word.setInt32(0, mixedLow(shortHash(7) ^ low))
  word.setInt32(4, low)
  const time = word.getFloat64(0)
  if (time >= 2 ** 52 && time < 8.64e15) panes.push(time)
}
panes.sort((a, b) => a - b)

const sets = kernelSets()

describe('keys of one hash', () => {
  it.each<[string, Schema, readonly Row[]]>([
    ['i64', [{ name: 'a', type: 'i64' }], longKeys],
    ['pairs of i32', [{ name: 'a', type: 'i32' }, { name: 'b', type: 'i32' }], pairKeys],
  ])('are groups of their own: %s', (_, schema, keys) => {
    const random = new Prng(3)
    const picked = Array.from({ length: ROWS }, () => Math.floor(random.next() * KEYS))
    const plan = aggregationPlan({
      schema, keys: schema.map(({ name, type }) => named(name, type)), aggregates: [aggregate('n', 'count')],
    })
    const firsts = [...new Set(picked)]
    const expected = firsts.map(key => ({ ...keys[key], n: picked.filter(other => other === key).length }))
    for (const set of sets) {
      const driver = new TaskDriver(set, plan, { partitions: 1, taskRows: 4000, fastPaths: { directGroups: false } })
      expect(driver.batch(blockOf(schema, picked.map(key => keys[key]!))), set.kind).toEqual(expected)
      driver.runner.close()
    }
  })

  it.each<[string, (row: number, random: Prng) => number]>([
    ['many panes in a vector', (_, random) => Math.floor(random.next() * KEYS)],
    ['one pane in a vector', row => row >> 11],
  ])('are groups of their own in panes that differ: %s', (_, pick) => {
    const random = new Prng(5)
    const picked = Array.from({ length: ROWS }, (_, row) => pick(row, random))
    const schema: Schema = [{ name: 'a', type: 'i32' }, { name: 'at', type: 'timestamp' }]
    const plan = aggregationPlan({
      schema, keys: [named('a', 'i32')], window: { sizeMs: 1, slideMs: 1 }, aggregates: [aggregate('n', 'count')],
      mode: 'complete',
    })
    const expected = [...new Set(picked)].sort((a, b) => a - b)
      .map(i => ({ w: panes[i], n: picked.filter(other => other === i).length }))
    for (const set of sets) {
      const driver = new TaskDriver(set, plan, { partitions: 1, taskRows: ROWS, fastPaths: { directGroups: false } })
      const rows = driver.batch(blockOf(schema, picked.map(i => ({ a: 7, at: panes[i]! }))))
      expect(rows.map(row => ({ w: (row['w'] as { start: number }).start, n: row['n'] })), set.kind).toEqual(expected)
      driver.runner.close()
    }
  })
})
