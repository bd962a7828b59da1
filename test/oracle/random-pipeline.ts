/**
 * Random pipelines, each as verbs of the public API and as SQL over a table that has `ord` (arrival order), `late` and `window`
 * aside. A pipeline is a chain of narrow verbs, then perhaps one aggregation by keys and a window.
 */
import fc from 'fast-check'
import * as api from 'millrace'
import { SQL_TYPE, type ColumnType, type TableSchema } from './duck.js'
import { randomExpression, type RandomExpression } from './random-expression.js'

/** What a chain of verbs has come to: `sql` gives `ord` and the columns of `schema`. */
export interface RandomChain {
  readonly schema: TableSchema
  readonly sql: string
  readonly verbs: string
  readonly build: (stream: any) => any
}

const TYPES: readonly ColumnType[] = ['bool', 'i32', 'i64', 'f32', 'f64', 'utf8', 'timestamp']
const quoted = (names: readonly string[]): string => names.map(name => `"${name}"`).join(', ')

type Verb = (chain: RandomChain, depth: number) => fc.Arbitrary<RandomChain>

const filter: Verb = (chain, depth) => randomExpression(chain.schema, 'bool', depth).map(predicate => ({
  schema: chain.schema,
  sql: `SELECT * FROM (${chain.sql}) WHERE ${predicate.sql}`,
  verbs: `${chain.verbs}\n  .filter(${predicate})`,
  build: stream => chain.build(stream).filter((row: any) => predicate.build(row)),
}))

/** Named expressions of random types. */
function projections(schema: TableSchema, depth: number, max: number): fc.Arbitrary<Record<string, RandomExpression>> {
  const projection = fc.constantFrom(...TYPES).chain(type => randomExpression(schema, type, depth))
  return fc.array(projection, { minLength: 1, maxLength: max })
    .map(made => Object.fromEntries(made.map((expression, i) => [`m${i}`, expression])))
}

const entriesOf = (columns: Record<string, RandomExpression>): [string, RandomExpression][] => Object.entries(columns)
const schemaOf = (columns: Record<string, RandomExpression>): TableSchema =>
  Object.fromEntries(entriesOf(columns).map(([name, { type }]) => [name, type]))
const sqlOf = (columns: Record<string, RandomExpression>): string =>
  entriesOf(columns).map(([name, { sql, type }]) => `(${sql})::${SQL_TYPE[type]} AS "${name}"`).join(', ')
const buildAll = (columns: Record<string, RandomExpression>) => (row: any): Record<string, unknown> =>
  Object.fromEntries(entriesOf(columns).map(([name, expression]) => [name, expression.build(row)]))

const map: Verb = (chain, depth) => projections(chain.schema, depth, 4).map(columns => ({
  schema: schemaOf(columns),
  sql: `SELECT ord, ${sqlOf(columns)} FROM (${chain.sql})`,
  verbs: `${chain.verbs}\n  .map(${sqlOf(columns)})`,
  build: stream => chain.build(stream).map(buildAll(columns)),
}))

const extend: Verb = (chain, depth) => projections(chain.schema, depth, 2).map(columns => {
  const kept = Object.keys(chain.schema).filter(name => !(name in columns))
  return {
    schema: { ...chain.schema, ...schemaOf(columns) },
    sql: `SELECT ${['ord', ...kept.map(name => `"${name}"`)].join(', ')}, ${sqlOf(columns)} FROM (${chain.sql})`,
    verbs: `${chain.verbs}\n  .with(${sqlOf(columns)})`,
    build: stream => chain.build(stream).with(buildAll(columns)),
  }
})

const select: Verb = chain => fc.shuffledSubarray(Object.keys(chain.schema), { minLength: 1 }).map(names => ({
  schema: Object.fromEntries(names.map(name => [name, chain.schema[name]!])),
  sql: `SELECT ord, ${quoted(names)} FROM (${chain.sql})`,
  verbs: `${chain.verbs}\n  .select(${names.join(', ')})`,
  build: stream => chain.build(stream).select(...names),
}))

/** A chain of up to `length` verbs over the table `rows`. */
export function randomChain(schema: TableSchema, length: number, depth: number): fc.Arbitrary<RandomChain> {
  const start: RandomChain = {
    schema, verbs: 'rows', build: stream => stream,
    sql: `SELECT ord, ${quoted(Object.keys(schema))} FROM rows`,
  }
  const steps = fc.array(fc.constantFrom<Verb[]>(filter, filter, map, extend, select), { maxLength: length })
  return steps.chain(verbs => verbs.reduce<fc.Arbitrary<RandomChain>>(
    (chain, verb) => chain.chain(made => verb(made, depth)), fc.constant(start)))
}

/** How exactly an aggregate can be compared: floats add up in another order than DuckDB's. */
export type Precision = 'exact' | 'approximate'

export interface RandomAggregate {
  readonly type: ColumnType
  readonly precision: Precision
  /** The call in SQL, such as `sum("a")`. */
  readonly call: string
  /** Only rows for which all of these are true are seen. */
  readonly conditions: readonly string[]
  /** Calls whose product is the size of what was added up, for the tolerance. */
  readonly scale: readonly string[]
  readonly build: (row: any) => any
}

/** The aggregate as a column of a query. */
export function aggregateSql({ call, conditions, type }: RandomAggregate): string {
  return `TRY_CAST(${call}${filterSql(conditions)} AS ${SQL_TYPE[type]})`
}

/** The size of what it added up, as a column of a query. */
export function scaleSql({ scale, conditions }: RandomAggregate): string {
  return scale.map(call => `${call}${filterSql(conditions)}`).join(' * ') || '0::DOUBLE'
}

function filterSql(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` FILTER (WHERE ${conditions.map(condition => `(${condition})`).join(' AND ')})`
}

type AggregateMaker = (expression: (type: ColumnType) => fc.Arbitrary<RandomExpression>) => fc.Arbitrary<RandomAggregate>

const exact = (type: ColumnType, call: string, build: (row: any) => any, conditions: readonly string[] = []): RandomAggregate =>
  ({ type, precision: 'exact', call, conditions, scale: [], build })

type Make = (value: any, by?: any) => any

const ofType = (types: readonly ColumnType[], sql: (x: string) => string, make: Make, result?: ColumnType): AggregateMaker =>
  expression => fc.constantFrom(...types).chain(type => expression(type).map(arg =>
    exact(result ?? type, sql(arg.sql), row => make(arg.build(row)))))

/** Statistics of integers: DuckDB refuses NaN and infinity in them. */
const statistic = (fn: string, make: (x: any) => any): AggregateMaker => expression => expression('i32').map(arg => ({
  type: 'f64', precision: 'approximate', conditions: [],
  call: `${fn}((${arg.sql})::DOUBLE)`,
  // A variance has the unit of its values squared.
  scale: Array.from({ length: fn.startsWith('var') ? 2 : 1 }, () => `max(abs((${arg.sql})::DOUBLE))`),
  build: row => make(arg.build(row)),
}))

const floatSum = (fn: 'sum' | 'avg', types: readonly ColumnType[], make: (x: any) => any): AggregateMaker => expression =>
  fc.constantFrom(...types).chain(type => expression(type)).map(arg => ({
    type: 'f64', precision: 'approximate', conditions: [],
    call: `${fn}((${arg.sql})::DOUBLE)`,
    scale: [`sum(abs((${arg.sql})::DOUBLE))`],
    build: row => make(arg.build(row)),
  }))

/** DuckDB orders ties and nulls by itself: `ord` and the conditions say what Millrace says. */
const positional = (fn: 'first' | 'last', make: (x: any) => any): AggregateMaker => expression =>
  fc.constantFrom(...TYPES).chain(type => expression(type).map(({ sql, build }) =>
    exact(type, `${fn}(${sql} ORDER BY ord)`, row => make(build(row)), [`(${sql}) IS NOT NULL`])))

const extremeBy = (direction: 'ASC' | 'DESC', make: (value: any, by: any) => any): AggregateMaker => expression =>
  fc.constantFrom<ColumnType>('i32', 'f64', 'utf8', 'timestamp')
    .chain(type => fc.tuple(expression('utf8'), expression(type)))
    .map(([value, by]) => exact('utf8', `first(${value.sql} ORDER BY ${by.sql} ${direction}, ord)`,
      row => make(value.build(row), by.build(row)), [`(${value.sql}) IS NOT NULL`, `(${by.sql}) IS NOT NULL`]))

const ORDERED: readonly ColumnType[] = ['i32', 'i64', 'f32', 'f64', 'utf8', 'timestamp']

const AGGREGATES: readonly AggregateMaker[] = [
  () => fc.constant(exact('f64', 'count(*)', () => api.count())),
  // DuckDB's count_if over no rows is null.
  expression => expression('bool').map(({ sql, build }) => exact('f64', 'count(*)', row => api.countIf(build(row)), [sql])),
  ofType(['i32'], x => `sum(${x})`, x => api.sum(x), 'i64'),
  floatSum('sum', ['f64', 'f32'], x => api.sum(x)), floatSum('avg', ['f64', 'f32', 'i32', 'i64'], x => api.avg(x)),
  ofType(ORDERED, x => `min(${x})`, x => api.min(x)), ofType(ORDERED, x => `max(${x})`, x => api.max(x)),
  statistic('var_samp', x => api.variance(x)), statistic('var_pop', x => api.variancePopulation(x)),
  statistic('stddev_samp', x => api.stddev(x)), statistic('stddev_pop', x => api.stddevPopulation(x)),
  positional('first', x => api.first(x)), positional('last', x => api.last(x)),
  extremeBy('ASC', (value, by) => api.minBy(value, by)), extremeBy('DESC', (value, by) => api.maxBy(value, by)),
  ofType(['bool'], x => `bool_or(${x})`, x => api.any(x)), ofType(['bool'], x => `bool_and(${x})`, x => api.every(x)),
]

/** One aggregate over the columns of `schema`, in one case of three seeing only the rows for which a condition is true. */
function randomAggregate(schema: TableSchema): fc.Arbitrary<RandomAggregate> {
  const made = fc.constantFrom(...AGGREGATES).chain(make => make(type => randomExpression(schema, type, 1)))
  const filtered = fc.tuple(made, randomExpression(schema, 'bool', 1)).map(([aggregate, condition]): RandomAggregate => ({
    ...aggregate,
    conditions: [...aggregate.conditions, condition.sql],
    build: row => aggregate.build(row).filter((inner: any) => condition.build(inner)),
  }))
  return fc.oneof({ weight: 2, arbitrary: made }, { weight: 1, arbitrary: filtered })
}

export interface RandomGrouping {
  readonly chain: RandomChain
  readonly keys: Readonly<Record<string, RandomExpression>>
  readonly aggregates: Readonly<Record<string, RandomAggregate>>
}

/** Up to three keys, floats and nulls among them, and up to four aggregates, over a chain of at most `verbs` verbs. */
export function randomGrouping(schema: TableSchema, verbs = 2): fc.Arbitrary<RandomGrouping> {
  return randomChain(schema, verbs, 2).chain(chain => {
    const key = fc.constantFrom(...TYPES).chain(type => randomExpression(chain.schema, type, 1))
    return fc.record({
      chain: fc.constant(chain),
      keys: fc.array(key, { maxLength: 3 }).map(keys => Object.fromEntries(keys.map((made, i) => [`k${i}`, made]))),
      aggregates: fc.array(randomAggregate(chain.schema), { minLength: 1, maxLength: 4 })
        .map(made => Object.fromEntries(made.map((aggregate, i) => [`v${i}`, aggregate]))),
    })
  })
}
