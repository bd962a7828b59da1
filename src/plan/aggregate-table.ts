/**
 * The aggregates of the language: what each takes and gives. All skip nulls of their (first) argument and give null for a group
 * without values, except count and countIf, which give 0.
 */
import { invalid } from './invalid.js'
import type { ColumnType } from '../data/schema.js'
import type { AggregateCall, AggregateName, Expression } from './expression.js'
import { expressionText } from './expression-text.js'
import { castTo, isNumeric } from './function-table.js'

interface AggregateSignature {
  readonly arity: number
  /** What it takes, in words, for messages. */
  readonly takes: string
  /** The argument casts and the result; null when the types do not fit. */
  resolve(types: readonly ColumnType[]): { readonly args: readonly ColumnType[]; readonly type: ColumnType } | null
}

const isOrdered = (type: ColumnType): boolean => type !== 'bool'

function statistic(): AggregateSignature {
  return { arity: 1, takes: 'a number', resolve: ([type]) => isNumeric(type!) ? { args: ['f64'], type: 'f64' } : null }
}

function condition(type: ColumnType): AggregateSignature {
  return { arity: 1, takes: 'a condition', resolve: ([given]) => given === 'bool' ? { args: ['bool'], type } : null }
}

function same(takes: string, accepts: (type: ColumnType) => boolean = () => true): AggregateSignature {
  return { arity: 1, takes, resolve: ([type]) => accepts(type!) ? { args: [type!], type: type! } : null }
}

function by(): AggregateSignature {
  const resolve = ([value, order]: readonly ColumnType[]) => isOrdered(order!) ? { args: [value!, order!], type: value! } : null
  return { arity: 2, takes: 'a value, and a number, text or timestamp to order by', resolve }
}

function sumOf(types: readonly ColumnType[]): { args: readonly ColumnType[]; type: ColumnType } | null {
  const type = types[0]!
  if (!isNumeric(type)) return null
  const sum = type === 'i32' || type === 'i64' ? 'i64' : 'f64'
  return { args: [sum], type: sum }
}

export const AGGREGATE_TABLE: Readonly<Record<AggregateName, AggregateSignature>> = Object.freeze({
  count: { arity: 0, takes: 'nothing', resolve: () => ({ args: [], type: 'f64' }) } satisfies AggregateSignature,
  countIf: condition('f64'),
  sum: { arity: 1, takes: 'a number', resolve: sumOf } satisfies AggregateSignature,
  avg: statistic(), variance: statistic(), stddev: statistic(), variancePopulation: statistic(), stddevPopulation: statistic(),
  min: same('a number, text or timestamp', isOrdered), max: same('a number, text or timestamp', isOrdered),
  first: same('any value'), last: same('any value'),
  minBy: by(), maxBy: by(),
  any: condition('bool'), every: condition('bool'),
})

/**
 * One aggregate of a group, checked, with its arguments cast to what it works on.
 * @throws MillraceError INVALID_PIPELINE naming the arguments and their types when they do not fit.
 */
export function aggregateCallOf(
  name: string, fn: AggregateName, args: readonly Expression[], filter: Expression | null
): AggregateCall {
  const { arity, takes, resolve } = AGGREGATE_TABLE[fn]
  const resolution = args.length === arity ? resolve(args.map(arg => arg.type)) : null
  if (!resolution) {
    const given = args.map(arg => `${expressionText(arg)} (${arg.type})`).join(', ') || 'nothing'
    throw invalid(`${fn} takes ${takes}; it was given ${given}.`)
  }
  const cast = args.map((arg, i) => castTo(arg, resolution.args[i]!))
  return Object.freeze({ name, fn, args: Object.freeze(cast), filter, type: resolution.type })
}
