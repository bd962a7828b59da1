/**
 * Expressions: what a lambda such as `r => r.value.sub(20).abs()` becomes when the pipeline is built. Frozen plain data,
 * typed bottom-up, printed by `explain()`, folded by the optimizer and compiled to vector instructions.
 * Invariant: `type` is the type of the value; every expression may be null.
 */
import type { ColumnType } from '../data/schema.js'

/**
 * A JavaScript value as a literal holds it: by type boolean, number, bigint, string; a timestamp is epoch ms; null has any
 * type.
 */
export type LiteralValue = boolean | number | bigint | string | null

export type Expression =
  /** A column of the input, by name. */
  | { readonly kind: 'column'; readonly name: string; readonly type: ColumnType }
  | { readonly kind: 'literal'; readonly value: LiteralValue; readonly type: ColumnType }
  /** A value that the scheduler sets per batch and operator: the watermark in force, as epoch ms (−Infinity before any event). */
  | { readonly kind: 'parameter'; readonly name: ParameterName; readonly operatorId: number; readonly type: 'timestamp' }
  | { readonly kind: 'call'; readonly fn: FunctionName; readonly args: readonly Expression[]; readonly type: ColumnType }
  | { readonly kind: 'cast'; readonly arg: Expression; readonly type: ColumnType }

/** `lateWatermarkMs`: rows are late by it (batch N−1's). `closeWatermarkMs`: windows close by it (batch N's). */
export type ParameterName = 'lateWatermarkMs' | 'closeWatermarkMs'

/**
 * Functions of the language. Argument and result types are in the signature table of `plan/function-table.ts`, which inserts the
 * casts, so that the compiler sees operands of one type: arithmetic is f64 × f64 → f64, or i64 × i64 → i64; `mod` and
 * `floorDiv` also i32 × i32.
 */
export type FunctionName =
  // numeric
  | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'floorDiv' | 'neg' | 'abs' | 'sqrt' | 'pow' | 'exp' | 'ln' | 'log10'
  | 'floor' | 'ceil' | 'round' | 'trunc' | 'sin' | 'cos' | 'tan' | 'atan2' | 'sign' | 'clamp'
  // comparison, over two operands of one type
  | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'
  // boolean, three-valued
  | 'and' | 'or' | 'not'
  // null and conditional; `if` takes (condition, then, else), a null condition counts as false
  | 'isNull' | 'isNaN' | 'if' | 'coalesce' | 'least' | 'greatest'
  // text; lengths and positions count code points, positions start at 0
  | 'lower' | 'upper' | 'trim' | 'length' | 'startsWith' | 'endsWith' | 'contains' | 'concat' | 'substring'
  // time, UTC; `truncate` takes (t, literal unit)
  | 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' | 'dayOfWeek' | 'truncate'
  /**
   * Largest `origin + n · step` ≤ t, of (t, literal stepMs, literal originMs): the start of the pane or window that t falls
   * in.
   */
  | 'floorTo'
  | 'hash'

export interface NamedExpression {
  readonly name: string
  readonly expression: Expression
}

export type AggregateName =
  | 'count' | 'countIf' | 'sum' | 'avg' | 'min' | 'max'
  | 'variance' | 'stddev' | 'variancePopulation' | 'stddevPopulation'
  | 'first' | 'last' | 'minBy' | 'maxBy' | 'any' | 'every'

/**
 * One aggregate of a group. `args`: none for count; one; or for minBy and maxBy the value and what it is ordered by.
 * `filter`: only rows for which it is true are seen. Types: count, countIf → f64 (exact to 2^53); sum of i32 or i64 → i64,
 * of floats → f64;
 * avg, variance, stddev → f64; any, every → bool; the others as their first argument.
 */
export interface AggregateCall {
  readonly name: string
  readonly fn: AggregateName
  readonly args: readonly Expression[]
  readonly filter: Expression | null
  readonly type: ColumnType
}
