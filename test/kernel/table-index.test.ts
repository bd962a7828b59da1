/**
 * Tables in kernel memory: rows found by keys of every type, by place and by hash, over one and several columns, on all kernel
 * sets; what is found is what a search row by row finds.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnType, Schema } from '../../src/data/schema.js'
import { KernelTable } from '../../src/kernel/kernel-table.js'
import { rowIndex } from '../../src/kernel/program.js'
import type { JoinSpec, JoinType } from '../../src/plan/join.js'
import type { Step } from '../../src/plan/stage.js'
import { kernelSets } from '../support/kernels.js'
import { column, evaluate, fingerprint, type TestColumn, type Value } from '../support/programs.js'
import { blockOf, type Row } from '../support/task-driver.js'

const sets = kernelSets()
const RUNS = 60

const VALUES: Readonly<Record<ColumnType, fc.Arbitrary<Value>>> = {
  bool: fc.boolean(),
  i32: fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)), fc.integer()),
  i64: fc.oneof(fc.bigInt({ min: -4n, max: 4n }), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n)),
  f32: fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(0.5, NaN, -0, Infinity, Math.fround(0.1))),
  f64: fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(0.5, NaN, -0, Infinity, 2 ** 53, 2 ** 40, 0.1)),
  utf8: fc.constantFrom('', 'a', 'ab', 'b', 'é', '日本'),
  timestamp: fc.integer({ min: 0, max: 5 }),
}
const NUMBERS: readonly ColumnType[] = ['i32', 'i64', 'f32', 'f64']

const valuesOf = (type: ColumnType, length: { minLength?: number; maxLength: number }) =>
  fc.array(fc.oneof({ weight: 5, arbitrary: VALUES[type] }, { weight: 1, arbitrary: fc.constant<Value>(null) }), length)

/** Types of a key on both sides. */
const keyTypes = fc.oneof(
  fc.constantFrom(...Object.keys(VALUES) as ColumnType[]).map(type => [type, type] as const),
  fc.tuple(fc.constantFrom(...NUMBERS), fc.constantFrom(...NUMBERS)))

const cases = fc.array(keyTypes, { minLength: 1, maxLength: 3 }).chain(types => fc.record({
  types: fc.constant(types),
  stream: fc.integer({ min: 1, max: 90 }).chain(n =>
    fc.tuple(...types.map(([type]) => valuesOf(type, { minLength: n, maxLength: n })))),
  table: fc.integer({ min: 0, max: 12 }).chain(n =>
    fc.tuple(...types.map(([, type]) => valuesOf(type, { minLength: n, maxLength: n })))),
}))

function sameKey(a: Value, b: Value): boolean {
  if (a === null || b === null) return false
  if (typeof a === 'bigint' || typeof b === 'bigint') return typeof a !== 'string' && a == b
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}

/**
 * Joins the columns with the table of those columns and column `row`, which counts its rows; null where none is met. `keep`: only
 * rows where it is true.
 */
function found(
  types: readonly (readonly [ColumnType, ColumnType])[], stream: readonly (readonly Value[])[],
  table: readonly (readonly Value[])[], type: JoinType = 'left', keep: readonly boolean[] | null = null,
) {
  const joined = types.map(([own], i): TestColumn => ({ name: `s${i}`, type: own, values: stream[i]! }))
  const input = keep ? [...joined, { name: 'keep', type: 'bool' as const, values: keep }] : joined
  const filter: Step[] = keep ? [{ kind: 'filter', predicate: column({ name: 'keep', type: 'bool' }), reason: null }] : []
  const schema = [...types.map(([, other], i) => ({ name: `t${i}`, type: other })), { name: 'row', type: 'i32' as const },
    { name: 'text', type: 'utf8' as const }, { name: 'flag', type: 'bool' as const }]
  const rows = table[0]!.map((_, row): Row => ({
    ...Object.fromEntries(table.map((values, i) => [`t${i}`, values[row]!])),
    row, text: row % 3 ? `r${row}` : null, flag: row % 2 > 0,
  }))
  const join: JoinSpec = {
    table: { tableId: 0, name: 't', schema, key: null }, type,
    keys: types.map(([own], i) => ({ value: column({ name: `s${i}`, type: own }), column: `t${i}` })),
    columns: (['row', 'text', 'flag'] as const).map(name =>
      ({ name, column: name, type: schema.find(field => field.name === name)!.type })),
  }
  const taken = type === 'left' || type === 'inner' ? join.columns.map(column) : [column(input[0]!)]
  const runs = sets.map(set => {
    const kernelTable = new KernelTable(set, 0, blockOf(schema, rows), new Set(schema.map(({ name }) => name)))
    const run = evaluate(set, input, taken, [...filter, { kind: 'join', join }], { tables: kernelTable })
    kernelTable.free()
    return run
  })
  for (const run of runs) expect(fingerprint(run) === fingerprint(runs[0]!)).toBe(true)
  return runs[0]!
}

describe('a table', () => {
  it('gives the first row whose keys equal, for keys of all types', () => {
    fc.assert(fc.property(cases, ({ types, stream, table }) => {
      const matches = stream[0]!.map((_, i) => {
        const row = table[0]!.findIndex((__, j) => types.every((___, k) => sameKey(stream[k]![i]!, table[k]![j]!)))
        return row < 0 ? null : row
      })
      const { columns, figures } = found(types, stream, table)
      expect(columns[0]).toEqual(matches)
      expect(columns[1]).toEqual(matches.map(row => row === null || row % 3 === 0 ? null : `r${row}`))
      expect(columns[2]).toEqual(matches.map(row => row === null ? null : row % 2 > 0))
      const keep = stream[0]!.map((_, i) => i % 3 === types.length % 3)
      const kept = found(types, stream, table, 'left', keep).columns
      expect(kept).toEqual(columns.map(values => values.filter((_, i) => keep[i])))
      expect(figures).toMatchObject({ rowsIn: stream[0]!.length, rowsOut: stream[0]!.length, filtered: 0 })
      const met = matches.filter(row => row !== null)
      expect(found(types, stream, table, 'inner').columns[0]).toEqual(met)
      expect(found(types, stream, table, 'semi').figures).toMatchObject({ rowsOut: met.length })
      expect(found(types, stream, table, 'anti').figures).toMatchObject({ filtered: met.length })
    }), { numRuns: RUNS })
  })

  it('finds rows over several vectors, among many, by place and by hash', () => {
    const stream = [Array.from({ length: 5000 }, (_, i) => (i * 7919) % 4001 - 1000)]
    const dense = [Array.from({ length: 3000 }, (_, i) => i)]
    const sparse = [Array.from({ length: 3000 }, (_, i) => (i - 1500) * 100_003)]
    expect(found([['i32', 'i32']], stream, dense).columns[0]).toEqual(stream[0]!.map(x => x >= 0 && x < 3000 ? x : null))
    expect(found([['i32', 'i32']], sparse, sparse).columns[0]).toEqual(dense[0])
    const pairs = [stream[0]!.map(x => Math.abs(x) % 50), stream[0]!.map(x => x % 60)]
    const all = [dense[0]!.map(x => x % 50), dense[0]!.map(x => Math.floor(x / 50))]
    expect(found([['i32', 'i32'], ['f64', 'i32']], pairs, all).columns[0])
      .toEqual(pairs[0]!.map((x, i) => pairs[1]![i]! >= 0 ? pairs[1]![i]! * 50 + x : null))
  })

  it('gives the values of a lone column of rows that differ in their keys, null or not, of any sign', () => {
    const lone = fc.record({
      type: fc.constantFrom<ColumnType[]>('i32', 'utf8'), join: fc.constantFrom<JoinType[]>('left', 'inner'),
      spread: fc.constantFrom(1, 100_000_007), special: fc.constantFrom<Value[]>(0, -1, null),
      keys: fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1 }), keep: fc.boolean(),
    })
    fc.assert(fc.property(lone, ({ type, join, spread, special, keys, keep }) => {
      const valueOf = (row: number): Value => row === 1 ? (type === 'i32' || special === null ? special : 'x')
        : type === 'i32' ? row * 7 : `r${row % 3}`
      const schema: Schema = [{ name: 'key', type: 'i32' }, { name: 'value', type }]
      const rows = keys.map((key, row): Row => ({ key: Math.imul(key, spread), value: valueOf(row) }))
      const spec: JoinSpec = {
        table: { tableId: 0, name: 't', schema, key: ['key'] }, type: join,
        keys: [{ value: column({ name: 's', type: 'i32' }), column: 'key' }], columns: [{ column: 'value', name: 'value', type }],
      }
      const stream = Array.from({ length: 3000 }, (_, i) => i % 7 === 0 ? null : Math.imul(i % 23, spread))
      const input: TestColumn[] = [{ name: 's', type: 'i32', values: stream },
        { name: 'keep', type: 'bool', values: stream.map((_, i) => !keep || i % 5 === 0) }]
      const steps: Step[] = [{ kind: 'filter', predicate: column({ name: 'keep', type: 'bool' }), reason: null },
        { kind: 'join', join: spec }]
      const met = stream.filter((_, i) => !keep || i % 5 === 0)
        .map(key => rows.find(row => key !== null && row['key'] === key))
        .filter(row => row !== undefined || join === 'left').map(row => row?.['value'] ?? null)
      for (const set of sets) {
        const table = new KernelTable(set, 0, blockOf(schema, rows), new Set(['key', 'value']))
        const run = evaluate(set, input, [column({ name: 'value', type })], steps, { tables: table })
        const isOfValues = (type === 'utf8' || special === 0 || keys.length < 2) && (special !== null || keys.length < 2)
        expect(table.indexOf({ ...rowIndex(spec), leadsTo: 'value' }).isOfValues).toBe(isOfValues)
        table.free()
        expect(run.columns[0]).toEqual(met)
      }
    }), { numRuns: RUNS })
  })

  it('knows which rows share their keys, in order', () => {
    const schema = [{ name: 'a', type: 'i32' }] as const
    const index = { keys: [{ column: 'a', type: 'i32' }], leadsTo: null } as const
    const nextRows = (values: readonly (number | null)[]): readonly number[] => {
      const block = blockOf(schema, values.map(a => ({ a })))
      const table = new KernelTable(sets[0]!, 0, block, new Set(['a']))
      const { nextRow } = table.indexOf(index)
      table.free()
      return [...nextRow!]
    }
    const rows = [3, 5, 3, null, 3, 5, 7, 3, 3].map(a => ({ a }))
    const chains = [3, 6, 5, 0, 8, 0, 0, 9, 0]
    expect(nextRows(rows.map(({ a }) => a))).toEqual(chains)
    // Too far apart to be found by place.
    expect(nextRows(rows.map(({ a }) => a && a * 100_000_007))).toEqual(chains)
    const before = sets[0]!.arena.usedBytes
    const other = new KernelTable(sets[0]!, 1, blockOf(schema, rows.slice(0, 2)), new Set(['a']))
    expect(other.indexOf(index).nextRow).toBeNull()
    other.free()
    expect(sets[0]!.arena.usedBytes).toBe(before)
  })
})
