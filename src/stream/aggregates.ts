/**
 * Aggregates as users write them: `count()`, `avg(r.value).filter(r.ok)`. They stand in the lambdas of aggregate and reduceByKey.
 * Invariant: all but count and countIf skip nulls and give null for a group without values.
 */
import { invalid } from '../plan/invalid.js'
import type { ColumnType } from '../data/schema.js'
import { aggregateCallOf } from '../plan/aggregate-table.js'
import type { AggregateCall, AggregateName, Expression } from '../plan/expression.js'
import { BoolExpr, Expr, operandOf } from './expressions.js'
import { currentRecording } from './recording.js'
import type { NumericKind, SumKind } from './types.js'

declare const resultType: unique symbol

/**
 * TypeScript cannot know the row of a lambda inside `count().filter(…)`, so that row is not checked until the pipeline is built.
 */
type UncheckedRow = ReturnType<typeof JSON.parse>

/** One aggregate of every group, of column type K. */
export class Agg<K extends ColumnType = ColumnType> {
  declare readonly [resultType]: K
  readonly #fn: AggregateName
  readonly #args: readonly Expression[]
  readonly #filter: Expression | null

  constructor(fn: AggregateName, args: readonly Expression[], filter: Expression | null = null) {
    this.#fn = fn
    this.#args = args
    this.#filter = filter
    aggregateCallOf(fn, fn, args, filter)
  }

  /**
   * Only rows for which the condition is true are seen: `count().filter(r.value.gt(3))`. A lambda works too, but without types.
   * Several filters must all be true.
   */
  filter(condition: Expr<'bool'> | ((row: UncheckedRow) => Expr<'bool'>)): Agg<K> {
    const given = typeof condition === 'function' ? condition(rowOfLambda(this.#fn)) : condition
    if (!(given instanceof BoolExpr)) {
      throw invalid(`${this.#fn}().filter takes a condition, such as r.value.gt(3).`)
    }
    const filter = Expr.expressionOf(this.#filter ? exprAnd(this.#filter, given) : given)
    return new Agg<K>(this.#fn, this.#args, filter)
  }

  /** @internal The plan's side, under a column name. */
  static callOf(agg: Agg, name: string): AggregateCall {
    return aggregateCallOf(name, agg.#fn, agg.#args, agg.#filter)
  }

  toString(): never { return refuse(this.#fn) }
  valueOf(): never { return refuse(this.#fn) }
  [Symbol.toPrimitive](): never { return refuse(this.#fn) }
}

function refuse(fn: AggregateName): never {
  throw invalid(
    `JavaScript's operators do not work on ${fn}(): give each aggregate a name, and compute with them in a map() that follows.`
  )
}

function exprAnd(filter: Expression, condition: BoolExpr): BoolExpr {
  return new BoolExpr(filter).and(condition)
}

function rowOfLambda(fn: AggregateName): UncheckedRow {
  const recording = currentRecording()
  if (!recording) throw invalid(`${fn}().filter(r => …) only works inside the lambda of aggregate or reduceByKey.`)
  return recording.row
}

function aggregate<K extends ColumnType>(fn: AggregateName, ...args: readonly unknown[]): Agg<K> {
  return new Agg<K>(fn, args.map(arg => operandOf(arg, fn)))
}

/** Number of rows. */
export function count(): Agg<'f64'> { return aggregate('count') }
/** Number of rows for which the condition is true. */
export function countIf(condition: Expr<'bool'>): Agg<'f64'> { return aggregate('countIf', condition) }
/** Sum: i64 of integers (null when it does not fit), f64 of floats. */
export function sum<K extends NumericKind>(value: Expr<K>): Agg<SumKind<K>> { return aggregate('sum', value) }
/** Arithmetic mean. */
export function avg(value: Expr<NumericKind>): Agg<'f64'> { return aggregate('avg', value) }
/** Smallest value; NaN is greatest. */
export function min<K extends Exclude<ColumnType, 'bool'>>(value: Expr<K>): Agg<K> { return aggregate('min', value) }
/** Largest value; NaN is greatest. */
export function max<K extends Exclude<ColumnType, 'bool'>>(value: Expr<K>): Agg<K> { return aggregate('max', value) }
/** Sample variance; null for fewer than two values. */
export function variance(value: Expr<NumericKind>): Agg<'f64'> { return aggregate('variance', value) }
/** Sample standard deviation; null for fewer than two values. */
export function stddev(value: Expr<NumericKind>): Agg<'f64'> { return aggregate('stddev', value) }
/** Variance of the values as the whole population. */
export function variancePopulation(value: Expr<NumericKind>): Agg<'f64'> { return aggregate('variancePopulation', value) }
/** Standard deviation of the values as the whole population. */
export function stddevPopulation(value: Expr<NumericKind>): Agg<'f64'> { return aggregate('stddevPopulation', value) }
/** First value that is not null, in the order of the data; in overlapping windows, the earliest pane's. */
export function first<K extends ColumnType>(value: Expr<K>): Agg<K> { return aggregate('first', value) }
/** Last value that is not null, in the order of the data; in overlapping windows, the latest pane's. */
export function last<K extends ColumnType>(value: Expr<K>): Agg<K> { return aggregate('last', value) }
/** The value where `order` is smallest; of equal ones the first. */
export function minBy<K extends ColumnType>(
  value: Expr<K>, order: Expr<Exclude<ColumnType, 'bool'>>
): Agg<K> { return aggregate('minBy', value, order) }
/** The value where `order` is largest; of equal ones the first. */
export function maxBy<K extends ColumnType>(
  value: Expr<K>, order: Expr<Exclude<ColumnType, 'bool'>>
): Agg<K> { return aggregate('maxBy', value, order) }
/** Whether the condition is true for some row. */
export function any(condition: Expr<'bool'>): Agg<'bool'> { return aggregate('any', condition) }
/** Whether the condition is true for every row where it is not null. */
export function every(condition: Expr<'bool'>): Agg<'bool'> { return aggregate('every', condition) }
