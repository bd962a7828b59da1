/**
 * Programs for the compiler alone: what it must infer, and, marked, what it must refuse. `typed-programs.test.ts` checks the
 * file.
 */
import type { WindowValue } from '../../src/data/batch.js'
import type { Source, SourceSchema } from '../../src/source/source.js'
import {
  any, avg, count, countIf, every, first, last, max, maxBy, min, minBy, stddev, sum, variance,
} from '../../src/stream/aggregates.js'
import { coalesce, greatest, least, lit, when } from '../../src/stream/expression-functions.js'
import type { BigExpr, BoolExpr, NumberExpr, TextExpr, TimestampExpr, WindowExpr } from '../../src/stream/expressions.js'
import type { Stream } from '../../src/stream/stream.js'
import type { StreamingContext } from '../../src/stream/streaming-context.js'
import type { FieldsOfSchema, RowOf } from '../../src/stream/types.js'
import { sliding, tumbling } from '../../src/stream/windows.js'

declare function source<const S extends SourceSchema>(schema: S): Stream<FieldsOfSchema<S>>
declare function webSocket<const S extends SourceSchema>(url: string, options: { format: 'ndjson'; schema: S }): Source<S>
declare const context: { source<S extends SourceSchema>(source: Source<S>): Stream<FieldsOfSchema<S>> }
declare const tables: Pick<StreamingContext, 'table'>
declare const chart: { add(sensor: string, start: number, mean: number): void }

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
type Row<S> = S extends Stream<infer F> ? { -readonly [C in keyof RowOf<F>]: RowOf<F>[C] } : never
/** Compiles only if the rows of the stream are exactly R. */
declare function rowsAre<R>(): <S>(stream: S, ...check: Equal<Row<S>, R> extends true ? [] : [Row<S>]) => void

const all = source({ flag: 'bool', i: 'i32', big: 'i64', f: 'f32', x: 'f64', name: 'utf8', at: 'timestamp' })

// ── the first program of the documentation ──
const readings = context.source(webSocket('wss://plant.example/readings', {
  format: 'ndjson',
  schema: { sensor: 'utf8', at: 'timestamp', value: 'f64' },
}))

const perSecond = readings
  .withWatermark('at', '2 s')
  .groupBy(r => ({ sensor: r.sensor, window: tumbling(r.at, '1 s') }))
  .aggregate(r => ({ n: count(), mean: avg(r.value), sd: stddev(r.value) }))

perSecond.forEachBatch(batch => {
  for (const row of batch) chart.add(row.sensor, row.window.start, row.mean)
  const means: ArrayLike<number> | { at(i: number): number | null | undefined } = batch.column('mean')
  void means
  // @ts-expect-error no such column in the row
  for (const row of batch) void row.maen
})
rowsAre<{ sensor: string; window: WindowValue; n: number; mean: number; sd: number }>()(perSecond)

// ── sources and projections ──
rowsAre<{ flag: boolean; i: number; big: bigint; f: number; x: number; name: string; at: number }>()(all)
rowsAre<{ i: number; name: string }>()(all.select('i', 'name'))
rowsAre<{ flag: boolean; big: bigint }>()(all.drop('i', 'f', 'x', 'name', 'at'))
rowsAre<{ b: number; flag: boolean }>()(all.select('i', 'flag').rename({ i: 'b' }))
rowsAre<{ flag: boolean; i: string; z: number }>()(all.select('flag', 'i').with(r => ({ i: r.i.cast('utf8'), z: r.i.add(1) })))
rowsAre<{ a: number; b: bigint; c: string; d: boolean; e: number }>()(all.map(
  () => ({ a: 1, b: 1n, c: 'x', d: true, e: new Date(0) })
))
rowsAre<{ sensor: string; window: WindowValue; later: number }>()(perSecond.map(
  r => ({ sensor: r.sensor, window: r.window, later: r.window.end })
))
rowsAre<{ name: string; at: number }>()(
  all.map(r => ({ name: r.name, at: r.at })).filter(r => r.name.startsWith('a')).limit(3).sample(0.5)
)
rowsAre<{ x: number; name: string }>()(all.map(r => ({ ...r })).select('x', 'name').union(all.select('x', 'name')))

// ── expressions: the type parameter is the column type ──
all.map(r => {
  const f64: NumberExpr[] = [
    r.i.add(1), r.i.mul(r.f), r.big.add(1), r.big.div(2n), r.i.mod(3), r.f.neg(), r.x.pow(2).sqrt().atan2(r.i), r.i.clamp(0, 9),
  ]
  const i64: BigExpr[] = [
    r.big.add(1n), r.big.sub(r.i), r.i.mul(r.big), r.big.neg(), r.big.floorDiv(3n), r.big.clamp(0n, r.i), r.big.round(),
  ]
  const i32: NumberExpr<'i32'>[] = [
    r.i.mod(r.i), r.i.floorDiv(r.i), r.name.length(), r.at.year(), r.at.dayOfWeek(), r.name.hash(), r.x.cast('i32'),
  ]
  const texts: TextExpr[] = [r.name.lower().upper().trim().concat('!', r.name).substring(1, r.name.length()), r.x.cast('utf8')]
  const times: TimestampExpr[] = [r.at.truncate('week'), lit(new Date(0)), r.x.cast('timestamp'), coalesce(r.at, new Date(0))]
  const conditions: BoolExpr[] = [
    r.x.gt(3).and(r.i.le(r.f)).or(r.flag).not(), r.big.eq(1n), r.big.lt(1), r.name.between('a', 'b'),
    r.at.ge(new Date(0)), r.at.lt(5),
    r.name.isIn(['a', r.name]), r.x.isNaN(), r.flag.isNull(), r.flag.eq(true), r.name.contains('x'), r.name.endsWith(r.name),
  ]
  const size: TextExpr = when(r.x.gt(9), 'big').when(r.x.isNull(), r.name).otherwise('small')
  const number: NumberExpr = when(r.flag, r.i).otherwise(0.5)
  const big: BigExpr = greatest(r.big, r.i)
  const small: NumberExpr<'i32'> = least(r.i, r.i)
  const nothing: NumberExpr<'f32'> = lit(null, 'f32')
  void [f64, i64, i32, texts, times, conditions, size, number, big, small, nothing]
  return { x: r.x }
})

// ── aggregates ──
const grouped = all.groupBy(r => ({ name: r.name, flag: r.flag, day: sliding(r.at, '1 d', '1 h', { offset: '30 min' }) }))
const summary = grouped.aggregate(r => ({
  n: count(), hot: countIf(r.x.gt(3)), ints: sum(r.i), bigs: sum(r.big), floats: sum(r.f),
  mean: avg(r.big), spread: variance(r.i),
  least: min(r.name), most: max(r.at), one: first(r.flag), other: last(r.big), of: minBy(r.name, r.x), by: maxBy(r.i, r.at),
  some: any(r.flag), whole: every(r.flag.not()), filtered: avg(r.x).filter(r.flag).filter(q => q.x.gt(1)),
}))
rowsAre<{
  name: string; flag: boolean; day: WindowValue
  n: number; hot: number; ints: bigint; bigs: bigint; floats: number; mean: number; spread: number
  least: string; most: number; one: boolean; other: bigint; of: string; by: number
  some: boolean; whole: boolean; filtered: number
}>()(summary)
rowsAre<{ total: number }>()(all.aggregate(r => ({ total: sum(r.x) })))
rowsAre<{ name: string; count: number }>()(all.countByKey(r => ({ name: r.name })))
rowsAre<{ name: string; x: number; count: number }>()(all.select('name', 'x').countByValue())
rowsAre<{ name: string; total: bigint }>()(all.reduceByKey(r => ({ name: r.name }), r => ({ total: sum(r.i) })))
rowsAre<{ flag: boolean; i: number; big: bigint; f: number; x: number; name: string; at: number }>()(summary.lateRows())
rowsAre<{ window: WindowValue; n: number }>()(perSecond.groupBy(r => ({ window: r.window })).aggregate(r => ({ n: sum(r.n) })))
const regrouped: WindowExpr[] = []
summary.map(r => { regrouped.push(r.day); return { day: r.day } })

// ── outputs ──
const table: { rows(): { readonly sensor: string; readonly window: WindowValue }[] } =
  perSecond.select('sensor', 'window').toTable('latest', { mode: 'update' })
const web: ReadableStream<Iterable<{ readonly n: number }>> = perSecond.toReadableStream()
void [table, web]
export async function read(): Promise<number> {
  for await (const batch of perSecond) for (const row of batch) return row.mean
  return 0
}

// ── tables ──
const typed = tables.table([{ name: 'a', at: 5 }], { schema: { name: 'utf8', at: 'timestamp', big: 'i64' }, key: ['name'] })
const plain = tables.table([{ name: 'a', x: 1, flag: true }], { key: 'name' })
const columns = tables.table({ x: Int32Array.of(1), half: new Float32Array(1), name: ['a'] })
rowsAre<{ name: string; x: number; x_right: number; flag: boolean }>()(all.select('name', 'x').join(plain, { on: ['name'] }))
const leftJoined = all.select('name').join(typed, { on: (r, t) => [[r.name, t.name]], type: 'left' })
rowsAre<{ name: string; name_right: string; at: number; big: bigint }>()(leftJoined)
rowsAre<{ at: number; big: bigint }>()(all.join(typed, {
  on: (r, t) => [[r.name.lower(), t.name]], type: 'left', select: (r, t) => ({ at: r.at, big: t.big.add(1n) }),
}))
rowsAre<{ name: string; x: number }>()(all.select('name', 'x').join(columns, { on: ['x', 'name'], type: 'anti' }))
typed.upsert({ name: 'b', big: 1n })
typed.delete({ name: 'b' })

// ── what must not compile ──
// @ts-expect-error no such column of the table
all.join(plain, { on: ['at'] })
// @ts-expect-error a column of the table only
all.select('x').join(typed, { on: ['big'] })
// @ts-expect-error there is no full join with a table
all.join(plain, { on: ['name'], type: 'full' })
// @ts-expect-error not the column's type
typed.upsert({ name: 5 })
// @ts-expect-error a key that is no column
tables.table([{ a: 1 }], { key: 'b' })
// @ts-expect-error JavaScript's operator on a symbolic value
all.filter(r => r.x > 3)
// @ts-expect-error a plain boolean is no condition
all.filter(r => r.x === r.x)
// @ts-expect-error no such column
all.filter(r => r.vaule.gt(3))
// @ts-expect-error a number is no condition
all.filter(r => r.x)
// @ts-expect-error text has no add
all.map(r => ({ a: r.name.add(1) }))
// @ts-expect-error a number with text
all.map(r => ({ a: r.x.add(r.name) }))
// @ts-expect-error comparison of a number with text
all.filter(r => r.x.gt('3'))
// @ts-expect-error comparison of a timestamp with a number column
all.filter(r => r.at.gt(r.x))
// @ts-expect-error a condition has no order
all.filter(r => r.flag.gt(true))
// @ts-expect-error null is compared with isNull
all.filter(r => r.x.eq(null))
// @ts-expect-error no such unit
all.map(r => ({ a: r.at.truncate('fortnight') }))
// @ts-expect-error not a timestamp
all.withWatermark('x', '2 s')
// @ts-expect-error no such unit of time
all.withWatermark('at', '2 secs')
// @ts-expect-error not a timestamp
all.groupBy(r => ({ w: tumbling(r.x, '1 s') }))
// @ts-expect-error a window is a key of groupBy
all.map(r => ({ w: tumbling(r.at, '1 s') }))
// @ts-expect-error a mean of text
all.aggregate(r => ({ a: avg(r.name) }))
// @ts-expect-error a column is no aggregate
all.aggregate(r => ({ a: r.x }))
// @ts-expect-error an aggregate is no column
all.map(() => ({ a: count() }))
// @ts-expect-error a lambda returns named columns
all.map(r => r.x)
// @ts-expect-error no such column
all.select('name', 'nmae')
// @ts-expect-error other columns
all.select('x').union(all.select('name'))
// @ts-expect-error no such mode
all.forEachBatch(() => undefined, { mode: 'replace' })
// @ts-expect-error only aggregated streams have late rows
all.lateRows()
// @ts-expect-error two kinds of values
all.map(r => ({ a: when(r.flag, 1).otherwise('x') }))
// @ts-expect-error two kinds of values
all.map(r => ({ a: coalesce(r.x, r.name) }))
