/** The group table by itself: keys of every type to ids, growth, partitions by content, removal; on every kernel set. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnType, Schema } from '../../src/data/schema.js'
import { aggregateLayout } from '../../src/kernel/aggregate-layout.js'
import { ArenaScope } from '../../src/kernel/arena.js'
import { ResultReader } from '../../src/kernel/group-reader.js'
import { packGroupTable } from '../../src/kernel/group-rows.js'
import { GroupTable } from '../../src/kernel/group-table.js'
import { loadSlices, unloadColumns } from '../../src/kernel/kernel-columns.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { compileBranch } from '../../src/kernel/program-compiler.js'
import { BranchProgram } from '../../src/kernel/program-runner.js'
import { TextTable } from '../../src/kernel/text-table.js'
import type { AggregateSpec } from '../../src/plan/node.js'
import { ColumnarStateStore } from '../../src/state/columnar-state-store.js'
import { Batch } from '../../src/data/batch.js'
import { kernelSets } from '../support/kernels.js'
import { keyOf, type Plain } from '../support/naive-aggregate.js'
import { aggregate, blockOf, named, type Row } from '../support/task-driver.js'

const TYPES: readonly ColumnType[] = ['bool', 'i32', 'i64', 'f32', 'f64', 'utf8', 'timestamp']

function specOf(keys: Schema): AggregateSpec {
  return {
    operatorId: 0, keys: keys.map(({ name, type }) => named(name, type)), window: null,
    aggregates: [aggregate('count', 'count')], scope: 'stream',
    outputSchema: [...keys, { name: 'count', type: 'f64' }], watermarkIds: [], watermarkLagMs: 0,
  }
}

/** Puts rows of keys into a table and hands it over. */
function withTable<T>(set: KernelSet, keys: Schema, rows: readonly Row[],
  use: (table: GroupTable, text: TextTable) => T): T {
  const spec = specOf(keys)
  const text = new TextTable(set)
  const table = new GroupTable(set, aggregateLayout(spec), text)
  const compiled = compileBranch(keys,
    { steps: [], schema: keys, terminal: { kind: 'aggregate', shuffleId: 0, aggregate: spec, order: 0 } })
  const program = new BranchProgram(set, compiled, text)
  const scope = new ArenaScope(set.arena)
  const block = blockOf(keys, rows)
  const columns = loadSlices(set, scope, keys, [{ block, start: 0, end: block.numRows }], text)
  program.run(scope, columns, { parameters: {}, batchId: 0, firstOrdinal: 0, groupTable: table.ptr })
  scope.release()
  const result = use(table, text)
  program.free()
  table.free()
  text.free()
  return result
}

/** What the table's rows say once they were packed and merged into a state. */
function groupsOf(set: KernelSet, keys: Schema, table: GroupTable, text: TextTable): Record<string, Plain>[] {
  const spec = specOf(keys)
  const layout = aggregateLayout(spec)
  const scope = new ArenaScope(set.arena)
  const store = new ColumnarStateStore(set, layout)
  const block = packGroupTable(set, scope, store.shape, table, text, { partitions: 1, allocate: bytes => new Uint8Array(bytes) })
  store.open(0)
  store.merge([{ block, start: 0, end: 1 }])
  const sources = store.panes.tables.map(rows => ({ table: rows, list: rows.all(), startMs: 0 }))
  const { rows } = new ResultReader(spec, layout).read(set, scope, sources)
  const result = unloadColumns(set, rows, store.text)
  scope.release()
  store.free()
  return new Batch<Record<string, Plain>>(spec.outputSchema, [result]).toRows()
}

const VALUES: Readonly<Record<ColumnType, fc.Arbitrary<Plain>>> = {
  bool: fc.boolean(), i32: fc.integer(), i64: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), f32: fc.float(), f64: fc.double(),
  utf8: fc.string({ unit: 'grapheme' }), timestamp: fc.integer({ min: -1e15, max: 1e15 }),
}
const fewValues = (type: ColumnType): fc.Arbitrary<Plain> => fc.oneof(fc.constant(null), VALUES[type],
  ...type === 'f32' || type === 'f64' ? [fc.constantFrom<Plain[]>(NaN, 0, -0, 1)] : [],
  ...type === 'utf8' ? [fc.constantFrom<Plain[]>('', 'a', 'ä')] : [])

const typedRows = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 4 }).chain(types => fc.tuple(
  fc.constant(types.map((type, i): { name: string; type: ColumnType } => ({ name: `k${i}`, type }))),
  fc.array(fc.tuple(...types.map(fewValues)), { maxLength: 80 }),
))

describe.each(kernelSets().map(set => [set.kind, set] as const))('group table, %s kernels', (_, set) => {
  it('numbers key tuples by first appearance, with NaN = NaN, −0 = 0 and null a key', () => {
    fc.assert(fc.property(typedRows, ([keys, tuples]) => {
      const rows = [...tuples, ...tuples].map(tuple => Object.fromEntries(keys.map(({ name }, i) => [name, tuple[i]!])))
      const counts = new Map<string, number>()
      for (const row of rows) {
        const key = keyOf(keys.map(({ name }) => row[name]!))
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
      withTable(set, keys, rows, (table, text) => {
        const found = groupsOf(set, keys, table, text).map(row => [keyOf(keys.map(({ name }) => row[name]!)), row['count']])
        expect(found).toEqual([...counts])
      })
    }), { numRuns: 60, seed: 2 })
    expect(set.arena.usedBytes).toBe(0)
  })

  it('grows to many groups', () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => ({ k: i * 7919 % 25_000 }))
    const keys: Schema = [{ name: 'k', type: 'i32' }]
    withTable(set, keys, rows, (table, text) => {
      expect(table.count).toBe(25_000)
      const groups = groupsOf(set, keys, table, text)
      expect(groups.slice(0, 3)).toEqual([{ k: 0, count: 2 }, { k: 7919, count: 2 }, { k: 15838, count: 2 }])
      expect(groups.reduce((sum, row) => sum + Number(row['count']), 0)).toBe(40_000)
    })
  })

  it('sends keys to partitions by their content, in order of first appearance', () => {
    const words = Array.from({ length: 500 }, (_, i) => `wörd ${i}`)
    const partitionsOf = (order: readonly string[]) =>
      withTable(set, [{ name: 'k', type: 'utf8' }], order.map(k => ({ k })), table => {
      const scope = new ArenaScope(set.arena)
      const { places, counts } = table.partition(scope, 7)
      const byId = [...set.memory.u32.subarray(places >>> 2, (places >>> 2) + order.length)]
      const placed = order.map((_, place) => order[byId.indexOf(place)]!)
      scope.release()
      return counts.map(count => placed.splice(0, count))
    })
    const forwards = partitionsOf(words)
    const backwards = partitionsOf([...words].reverse())
    expect(backwards.map(list => [...list].reverse())).toEqual(forwards)
    expect(forwards.flat().sort()).toEqual([...words].sort())
    for (const list of forwards) expect(list.length).toBeGreaterThan(30)
  })
})

describe('partition hashes', () => {
  it('are the same in every kernel set', () => {
    const keys: Schema = TYPES.map((type, i) => ({ name: `k${i}`, type }))
    const rows = fc.sample(fc.tuple(...TYPES.map(fewValues)), { numRuns: 200, seed: 4 }).map(tuple =>
      Object.fromEntries(keys.map(({ name }, i) => [name, tuple[i]!])))
    const counts = kernelSets().map(set => withTable(set, keys, rows, table => {
      const scope = new ArenaScope(set.arena)
      const { places, counts } = table.partition(scope, 64)
      return [counts, [...set.memory.u32.subarray(places >>> 2, (places >>> 2) + table.count)]]
    }))
    for (const count of counts) expect(count).toEqual(counts[0])
  })
})
