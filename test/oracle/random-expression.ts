/**
 * Random expressions, each in two languages: as calls of the public builder and as SQL for DuckDB that means the same.
 * Where JavaScript's arithmetic differs from SQL's (rounding, modulo, integer overflow → null) the SQL spells Millrace's rule
 * out.
 */
import fc from 'fast-check'
import * as api from 'millrace'
import { SQL_TYPE, type ColumnType, type TableSchema } from './duck.js'

// The pipelines are random, so their row types are known at run time only.
type SymbolicRow = Readonly<Record<string, any>>

/** One expression. `toString` is its SQL: what a failing test prints. */
export class RandomExpression {
  readonly type: ColumnType
  readonly sql: string
  readonly build: (row: SymbolicRow) => any

  constructor(type: ColumnType, sql: string, build: (row: SymbolicRow) => any) {
    this.type = type
    this.sql = sql
    this.build = build
  }

  toString(): string {
    return this.sql
  }

  [fc.toStringMethod](): string {
    return `${this.sql} :: ${this.type}`
  }
}

/** A way to make an expression of some type from arguments of other types. */
interface Production {
  readonly type: ColumnType
  readonly args: readonly ColumnType[]
  readonly sql: (...args: string[]) => string
  readonly build: (...args: any[]) => any
}

function production(type: ColumnType, args: Production['args'], sql: Production['sql'], build: Production['build']): Production {
  return { type, args, sql, build }
}

const f64 = (sql: string): string => `(${sql})::DOUBLE`
const wide = (sql: string): string => `(${sql})::HUGEINT`
const int64 = (sql: string): string => `TRY_CAST(${sql} AS BIGINT)`
const int32 = (sql: string): string => `TRY_CAST(${sql} AS INTEGER)`
/** A value used twice is bound to a name, so that SQL does not grow without bound. */
const bind = (value: string, body: (x: string) => string): string =>
  `list_transform([${value}], lambda bound: ${body('bound')})[1]`
const bind2 = (a: string, b: string, body: (x: string, y: string) => string): string =>
  bind(`{a: ${a}, b: ${b}}`, x => body(`${x}.a`, `${x}.b`))

const FLOAT_PAIRS: readonly (readonly [ColumnType, ColumnType])[] =
  [['f64', 'f64'], ['f64', 'f64'], ['i32', 'f64'], ['f32', 'f64'], ['f64', 'i64'], ['i32', 'i32'], ['f32', 'i32']]
const I64_PAIRS: readonly (readonly [ColumnType, ColumnType])[] = [['i64', 'i64'], ['i64', 'i32'], ['i32', 'i64']]
const COMPARABLE: readonly (readonly [ColumnType, ColumnType])[] =
  [['f64', 'f64'], ['i32', 'i32'], ['i64', 'i64'], ['f32', 'f32'], ['utf8', 'utf8'], ['timestamp', 'timestamp'],
    ['i32', 'f64'], ['f32', 'f64'], ['i64', 'f64'], ['i32', 'i64']]
const TYPES: readonly ColumnType[] = ['bool', 'i32', 'i64', 'f32', 'f64', 'utf8', 'timestamp']
const isFloat = (type: ColumnType): boolean => type === 'f64' || type === 'f32' || type === 'timestamp'

const floorDivision = (a: string, b: string): string =>
  bind2(wide(a), wide(b), (x, y) => `${x} // ${y} - CASE WHEN ${x} % ${y} <> 0 AND (${x} < 0) <> (${y} < 0) THEN 1 ELSE 0 END`)
const roundHalfUp = (a: string): string =>
  bind(f64(a), x => `CASE WHEN isinf(${x}) THEN ${x} WHEN ${x} - floor(${x}) >= 0.5 THEN ceil(${x}) ELSE floor(${x}) END`)
const signum = (a: string): string =>
  bind(f64(a), x => `CASE WHEN isnan(${x}) OR ${x} = 0 THEN ${x} WHEN ${x} > 0 THEN 1 WHEN ${x} < 0 THEN -1 END`)

function arithmetic(): Production[] {
  const onFloats = FLOAT_PAIRS.flatMap(pair => [
    production('f64', pair, (a, b) => `(${f64(a)} + ${f64(b)})`, (a, b) => a.add(b)),
    production('f64', pair, (a, b) => `(${f64(a)} - ${f64(b)})`, (a, b) => a.sub(b)),
    production('f64', pair, (a, b) => `(${f64(a)} * ${f64(b)})`, (a, b) => a.mul(b)),
    production('f64', pair, (a, b) => `(${f64(a)} / ${f64(b)})`, (a, b) => a.div(b)),
  ])
  const onIntegers = I64_PAIRS.flatMap(pair => [
    production('i64', pair, (a, b) => int64(`${wide(a)} + ${wide(b)}`), (a, b) => a.add(b)),
    production('i64', pair, (a, b) => int64(`${wide(a)} - ${wide(b)}`), (a, b) => a.sub(b)),
    production('i64', pair, (a, b) => int64(`${wide(a)} * ${wide(b)}`), (a, b) => a.mul(b)),
    production('i64', pair, (a, b) => int64(`${wide(a)} % ${wide(b)}`), (a, b) => a.mod(b)),
    production('i64', pair, (a, b) => int64(floorDivision(a, b)), (a, b) => a.floorDiv(b)),
    production('f64', pair, (a, b) => `(${f64(a)} / ${f64(b)})`, (a, b) => a.div(b)),
  ])
  return [
    ...onFloats, ...onIntegers,
    production('i32', ['i32', 'i32'], (a, b) => int32(`${wide(a)} % ${wide(b)}`), (a, b) => a.mod(b)),
    production('i32', ['i32', 'i32'], (a, b) => int32(floorDivision(a, b)), (a, b) => a.floorDiv(b)),
    production('f64', ['f64', 'f64'], (a, b) => `(${a} % ${b})`, (a, b) => a.mod(b)),
    production('f64', ['f64', 'f64'], (a, b) => `floor(${a} / ${b})`, (a, b) => a.floorDiv(b)),
    production('i64', ['i64'], a => int64(`-${wide(a)}`), a => a.neg()),
    production('i64', ['i64'], a => int64(`abs(${wide(a)})`), a => a.abs()),
    ...(['f64', 'f32', 'i32'] as const).flatMap(type => [
      production('f64', [type], a => `(-${f64(a)})`, a => a.neg()),
      production('f64', [type], a => `abs(${f64(a)})`, a => a.abs()),
    ]),
    production('f64', ['f64'], a => `floor(${a})`, a => a.floor()),
    production('f64', ['f64'], a => `ceil(${a})`, a => a.ceil()),
    production('f64', ['f64'], a => `trunc(${a})`, a => a.trunc()),
    production('f64', ['f64'], roundHalfUp, a => a.round()),
    production('f64', ['f64'], signum, a => a.sign()),
    production('f64', ['f64'], a => bind(a, x => `CASE WHEN ${x} < 0 THEN 'nan'::DOUBLE ELSE sqrt(${x}) END`), a => a.sqrt()),
  ]
}

function conditions(): Production[] {
  const compare = (sql: string, build: Production['build']): Production[] => COMPARABLE.map(pair => {
    const cast = pair[0] === pair[1] ? (a: string) => a : pair.some(isFloat) ? f64 : wide
    return production('bool', pair, (a, b) => `(${cast(a)} ${sql} ${cast(b)})`, build)
  })
  return [
    ...compare('=', (a, b) => a.eq(b)), ...compare('<>', (a, b) => a.ne(b)), ...compare('<', (a, b) => a.lt(b)),
    ...compare('<=', (a, b) => a.le(b)), ...compare('>', (a, b) => a.gt(b)), ...compare('>=', (a, b) => a.ge(b)),
    production('bool', ['f64', 'f64', 'f64'], (a, b, c) => `(${a} BETWEEN ${b} AND ${c})`, (a, b, c) => a.between(b, c)),
    production('bool', ['bool', 'bool'], (a, b) => `(${a} = ${b})`, (a, b) => a.eq(b)),
    ...Array.from({ length: 4 }, () => [
      production('bool', ['bool', 'bool'], (a, b) => `(${a} AND ${b})`, (a, b) => a.and(b)),
      production('bool', ['bool', 'bool'], (a, b) => `(${a} OR ${b})`, (a, b) => a.or(b)),
      production('bool', ['bool'], a => `(NOT ${a})`, a => a.not()),
    ]).flat(),
    ...TYPES.map(type => production('bool', [type], a => `((${a}) IS NULL)`, a => a.isNull())),
    production('bool', ['f64'], a => `isnan(${a})`, a => a.isNaN()),
    production('bool', ['utf8', 'utf8'], (a, b) => `starts_with(${a}, ${b})`, (a, b) => a.startsWith(b)),
    production('bool', ['utf8', 'utf8'], (a, b) => `ends_with(${a}, ${b})`, (a, b) => a.endsWith(b)),
    production('bool', ['utf8', 'utf8'], (a, b) => `contains(${a}, ${b})`, (a, b) => a.contains(b)),
    production('bool', ['utf8'], a => `(${a} IN ('a', '🦆', ''))`, a => a.isIn(['a', '🦆', ''])),
  ]
}

function choices(): Production[] {
  const unsigned = (type: ColumnType) => (sql: string): string => isFloat(type) ? `(${sql}) + 0.0` : sql
  return [
    ...TYPES.map(type => production(type, ['bool', type, type],
      (c, a, b) => `CASE WHEN ${c} THEN ${a} ELSE ${b} END`, (c, a, b) => api.when(c, a).otherwise(b))),
    ...TYPES.map(type => production(type, [type, type], (a, b) => `coalesce(${a}, ${b})`, (a, b) => api.coalesce(a, b))),
    // Which zero wins is not said: adding 0 makes both +0.
    ...(['f64', 'i64', 'utf8'] as const).flatMap(type => [
      production(type, [type, type], (a, b) => unsigned(type)(`least(${a}, ${b})`),
        (a, b) => type === 'f64' ? (api.least(a, b) as any).add(0) : api.least(a, b)),
      production(type, [type, type], (a, b) => unsigned(type)(`greatest(${a}, ${b})`),
        (a, b) => type === 'f64' ? (api.greatest(a, b) as any).add(0) : api.greatest(a, b)),
    ]),
  ]
}

function texts(): Production[] {
  return [
    production('utf8', ['utf8', 'utf8'], (a, b) => `(${a} || ${b})`, (a, b) => a.concat(b)),
    production('utf8', ['utf8'], a => `substring(${a}, 2, 2)`, a => a.substring(1, 3)),
    production('utf8', ['utf8'], a => `substring(${a}, 1, 1)`, a => a.substring(0, 1)),
    production('i32', ['utf8'], a => `length(${a})::INTEGER`, a => a.length()),
    production('utf8', ['i32'], a => `(${a})::VARCHAR`, a => a.cast('utf8')),
    production('utf8', ['i64'], a => `(${a})::VARCHAR`, a => a.cast('utf8')),
    production('utf8', ['bool'], a => `(${a})::VARCHAR`, a => a.cast('utf8')),
  ]
}

const instant = (a: string): string => `epoch_ms((${a})::BIGINT)`
const TIME_PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'dayofweek'] as const
const METHOD_OF = { dayofweek: 'dayOfWeek' } as const

function times(): Production[] {
  return [
    ...TIME_PARTS.map(part => production('i32', ['timestamp'], a => `date_part('${part}', ${instant(a)})::INTEGER`,
      a => a[part in METHOD_OF ? METHOD_OF[part as keyof typeof METHOD_OF] : part]())),
    production('i32', ['timestamp'], a => `((${a})::BIGINT % 1000)::INTEGER`, a => a.millisecond()),
    ...['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'].map(unit => production('timestamp', ['timestamp'],
      a => `epoch_ms(date_trunc('${unit}', ${instant(a)}))::DOUBLE`, a => a.truncate(unit))),
  ]
}

function casts(): Production[] {
  return [
    ...(['i32', 'i64', 'f32'] as const).map(type => production('f64', [type], f64, a => a.cast('f64'))),
    production('i64', ['i32'], a => `(${a})::BIGINT`, a => a.cast('i64')),
    production('i32', ['i64'], int32, a => a.cast('i32')),
    production('i32', ['f64'], a => int32(`trunc(${a})`), a => a.cast('i32')),
    production('i64', ['f64'], a => int64(`trunc(${a})`), a => a.cast('i64')),
    production('i32', ['bool'], a => `(${a})::INTEGER`, a => a.cast('i32')),
    production('f64', ['timestamp'], f64, a => a.cast('f64')),
  ]
}

const PRODUCTIONS: readonly Production[] = [...arithmetic(), ...conditions(), ...choices(), ...texts(), ...times(), ...casts()]

const LITERALS: Readonly<Record<ColumnType, fc.Arbitrary<boolean | number | bigint | string>>> = {
  bool: fc.boolean(),
  i32: fc.constantFrom(0, 1, -1, 2, 100),
  i64: fc.constantFrom(0n, 1n, -1n, 2n, 10n ** 12n),
  f32: fc.constantFrom(0, 0.5, 1, -2),
  f64: fc.constantFrom(0, 1, -1, 0.1, 2.5, 1e9, -1e-9),
  utf8: fc.constantFrom('', 'a', 'é', '🦆'),
  timestamp: fc.constantFrom(0, 1_700_000_030_000),
}

function literal(type: ColumnType): fc.Arbitrary<RandomExpression> {
  return LITERALS[type].map(value => {
    const sql = typeof value === 'string' ? `'${value}'` : String(value)
    return new RandomExpression(type, `(${sql})::${SQL_TYPE[type]}`, () => api.lit(value as never, type as never))
  })
}

/** An expression of `type` over the columns of `schema`, nested at most `depth` deep; about one leaf in four is a literal. */
export function randomExpression(schema: TableSchema, type: ColumnType, depth: number): fc.Arbitrary<RandomExpression> {
  const columns = Object.keys(schema).filter(name => schema[name] === type)
  const leaf = columns.length === 0 ? literal(type) : fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...columns).map(name => new RandomExpression(type, `"${name}"`, row => row[name])) },
    { weight: 1, arbitrary: literal(type) })
  const productions = PRODUCTIONS.filter(each => each.type === type)
  if (depth === 0 || productions.length === 0) return leaf
  const call = fc.constantFrom(...productions).chain(({ args, sql, build }) =>
    fc.tuple(...args.map(arg => randomExpression(schema, arg, depth - 1))).map(made =>
      new RandomExpression(type, sql(...made.map(arg => arg.sql)), row => build(...made.map(arg => arg.build(row))))))
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 3, arbitrary: call })
}
