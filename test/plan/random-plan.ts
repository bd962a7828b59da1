/**
 * Random pipelines of the typed builders, with rows for them: what the optimizer's property tests run on.
 */
import fc from 'fast-check'
import { count, countIf, first, last, max, min, sum } from '../../src/stream/aggregates.js'
import { coalesce, greatest, least, lit, when } from '../../src/stream/expression-functions.js'
import type { Stream } from '../../src/stream/stream.js'
import { sliding, tumbling } from '../../src/stream/windows.js'
import { TestPipeline } from '../stream/build.js'
import type { PlanRow } from './plan-rows.js'

type Kind = 'f64' | 'i32' | 'i64' | 'utf8' | 'bool' | 'timestamp'
/** The pipelines are random, so their types are known at run time only. */
type AnyStream = any
type Row = any

const SCHEMA = { x: 'f64', i: 'i32', n: 'i64', s: 'utf8', ok: 'bool', at: 'timestamp' } as const

/** Bytes of chance: draws numbers until they run out, then gives 0. */
export class Chance {
  readonly #bytes: readonly number[]
  #next = 0
  #names = 0

  constructor(bytes: readonly number[]) {
    this.#bytes = bytes
  }

  below(count: number): number {
    return (this.#bytes[this.#next++] ?? 0) % count
  }

  /** A name that no column has yet. */
  name(): string {
    return `c${this.#names++}`
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }
}

export const chanceBytes = fc.array(fc.nat(255), { minLength: 40, maxLength: 300 })

/** Rows of the sources' schema, with nulls, NaN, zeros and repeated values. */
export const sourceRows: fc.Arbitrary<PlanRow[]> = fc.array(fc.record({
  x: fc.constantFrom(null, NaN, 0, -0, 1, -1.5, 2.5, 1e300, Infinity),
  i: fc.constantFrom(null, 0, 1, -1, 7, 2147483647, -2147483648),
  n: fc.constantFrom(null, 0n, 3n, -4n, 9223372036854775807n),
  s: fc.constantFrom(null, '', 'a', 'b', 'éa', '🦆'),
  ok: fc.constantFrom(null, true, false),
  at: fc.constantFrom(null, 0, 999, 1000, 4999, 5000, 61_000),
}), { maxLength: 12 })

function columnOfKind(row: Row, stream: AnyStream, kind: Kind, chance: Chance): Row {
  const fields = (stream as Stream<never>).schema.filter(field => field.type === kind && !field.part)
  return fields.length > 0 ? row[chance.of(fields).name] : literalOfKind(kind, chance)
}

function literalOfKind(kind: Kind, chance: Chance): Row {
  switch (kind) {
    case 'f64': return lit(chance.of([0, 1, -2.5, 3]))
    case 'i32': return lit(chance.of([0, 1, 5]), 'i32')
    case 'i64': return lit(chance.of([0n, 2n, -9n]))
    case 'utf8': return lit(chance.of(['', 'a', 'xyz']))
    case 'bool': return lit(chance.of([true, false, true, null]), 'bool')
    case 'timestamp': return lit(new Date(chance.of([0, 2000, 70_000])))
  }
}

/** A random expression of a kind, at most `depth` deep. */
export function randomExpr(row: Row, stream: AnyStream, kind: Kind, chance: Chance, depth: number): Row {
  if (depth === 0 || chance.below(4) === 0) return chance.below(4) === 0 ? literalOfKind(kind, chance) : columnOfKind(
    row, stream, kind, chance
  )
  const of = (other: Kind): Row => randomExpr(row, stream, other, chance, depth - 1)
  const choices: Record<Kind, (() => Row)[]> = {
    f64: [() => of('f64').add(of('i32')), () => of('f64').mul(of('f64')), () => of('i32').div(of('f64')),
      () => of('f64').clamp(0, of('f64')),
      () => when(of('bool'), of('f64')).otherwise(of('i32')), () => of('f64').round().abs(), () => least(of('f64'), of('f64'))],
    i32: [() => of('i32').mod(of('i32')), () => of('utf8').length(), () => of('timestamp').minute(), () => of('f64').cast('i32')],
    i64: [
      () => of('i64').add(of('i64')), () => of('i64').floorDiv(of('i32')), () => of('i32').cast('i64'),
      () => greatest(of('i64'), of('i64')),
    ],
    utf8: [
      () => of('utf8').concat(of('utf8')), () => of('utf8').trim(), () => of('utf8').substring(1, 3),
      () => coalesce(of('utf8'), of('utf8')), () => of('i32').cast('utf8'),
    ],
    bool: [() => of('f64').gt(of('i32')), () => of('bool').and(of('bool')), () => of('bool').or(of('bool')),
      () => of('bool').not(), () => of('utf8').startsWith('a'),
      () => of('i64').eq(of('i32')), () => of('utf8').isNull(), () => of('f64').between(0, 2),
      () => of('utf8').isIn(['a', 'b']), () => of('bool').not().not()],
    timestamp: [() => of('timestamp').truncate('minute'), () => coalesce(of('timestamp'), new Date(0))],
  }
  return chance.of(choices[kind])()
}

const KINDS: readonly Kind[] = ['f64', 'i32', 'i64', 'utf8', 'bool', 'timestamp']

function narrow(stream: AnyStream, chance: Chance, sources: readonly AnyStream[]): AnyStream {
  const names: string[] = [...new Set((stream as Stream<never>).schema.filter(field => !field.part).map(field => field.name))]
  const pick = (): string[] => names.filter((_, i) => i === 0 || chance.below(2) === 0)
  const columns = (row: Row, name: (i: number) => string): Row =>
    Object.fromEntries(Array.from(
      { length: 1 + chance.below(3) }, (_, i) => [name(i), randomExpr(row, stream, chance.of(KINDS), chance, 3)]
    ))
  switch (chance.below(9)) {
    case 0: case 1: return stream.filter((row: Row) => randomExpr(row, stream, 'bool', chance, 3))
    case 2: return stream.map((row: Row) => columns(row, () => chance.name()))
    case 3: return stream.with((row: Row) => columns(row, i => i === 0 ? chance.of(names) : chance.name()))
    case 4: return names.length > 0 ? stream.select(...pick()) : stream
    case 5: return stream.limit(1 + chance.below(6))
    case 6: return stream.union(
      chance.below(2) === 0 ? stream.filter((row: Row) => randomExpr(row, stream, 'bool', chance, 2)) : stream.limit(3)
    )
    case 7: return sources[0]!.union(...sources.slice(1), sources[0]!.filter((row: Row) => row.ok))
    default: return names.includes('at') ? stream : stream.rename({ [names[0]!]: `r${names[0]!}` })
  }
}

function grouped(stream: AnyStream, chance: Chance): AnyStream {
  const aggregates = (row: Row): Row => {
    const made = { n: count(), c: countIf(
      randomExpr(row, stream, 'bool', chance, 2)
    ), s: sum(randomExpr(row, stream, 'i32', chance, 2)),
      lo: min(randomExpr(row, stream, 'f64', chance, 2)), hi: max(randomExpr(row, stream, 'utf8', chance, 1)),
      a: first(randomExpr(row, stream, 'i64', chance, 1)), z: last(randomExpr(row, stream, 'utf8', chance, 1)).filter(
        randomExpr(row, stream, 'bool', chance, 2)
      ) }
    return made
  }
  const key = (row: Row): Row => ({ k: randomExpr(row, stream, chance.of(KINDS), chance, 2) })
  if (chance.below(3) === 0) return stream.reduceByKey(key, aggregates)
  return stream.groupBy((row: Row) => ({
    ...key(row), w: windowKey(columnOfKind(row, stream, 'timestamp', chance), chance),
  })).aggregate(aggregates)
}

function windowKey(time: Row, chance: Chance): Row {
  return chance.below(2) === 0 ? tumbling(time, 1000) : sliding(time, 2000, 500, { offset: 100 })
}

/** One or two outputs over two sources, with shared prefixes, unions, aggregations and their late rows. */
export function randomPipeline(bytes: readonly number[]): TestPipeline {
  const chance = new Chance(bytes)
  const pipeline = new TestPipeline()
  const sources: AnyStream[] = [pipeline.source('a', SCHEMA), pipeline.source('b', SCHEMA)]
  const timed = sources.map((source, i) => i === 0 ? source.withWatermark('at', 1000) : source.withWatermark('at', 2000))
  let stream: AnyStream = timed[0]
  for (let steps = chance.below(5); steps > 0; steps--) stream = narrow(stream, chance, timed)
  const shared = stream
  if (chance.below(2) === 0) {
    const groups = grouped(shared, chance)
    stream = chance.below(2) === 0 ? groups.select('n', 'lo') : groups.filter((row: Row) => row.n.gt(1))
    const isOpen = nodeIsWindowed(groups)
    if (isOpen && chance.below(2) === 0) pipeline.output(
      'late', groups.lateRows().filter((row: Row) => randomExpr(row, groups.lateRows(), 'bool', chance, 1))
    )
  }
  for (let steps = chance.below(4); steps > 0; steps--) stream = narrowWithoutSources(stream, chance)
  pipeline.output('one', stream)
  if (chance.below(2) === 0) pipeline.output('two', narrowWithoutSources(shared, chance))
  return pipeline
}

function nodeIsWindowed(groups: AnyStream): boolean {
  try {
    groups.lateRows()
    return true
  } catch {
    return false
  }
}

function narrowWithoutSources(stream: AnyStream, chance: Chance): AnyStream {
  return chance.below(3) === 0 ? stream.limit(5) : stream.filter((row: Row) => randomExpr(row, stream, 'bool', chance, 3))
    .with((row: Row) => ({ extra: randomExpr(row, stream, chance.of(KINDS), chance, 2) }))
}
