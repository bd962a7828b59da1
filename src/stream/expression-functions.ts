/**
 * Free functions of the language: `when(r.value.gt(3), 'high').otherwise('normal')`, coalesce, least, greatest and lit.
 */
import { invalid } from '../plan/invalid.js'
import type { ColumnType } from '../data/schema.js'
import type { Expression } from '../plan/expression.js'
import { callOf, castTo } from '../plan/function-table.js'
import { literalOf } from '../plan/literal.js'
import { BoolExpr, Expr, exprOf, operandOf } from './expressions.js'
import type { CommonExpr, ExprOf, KindOf, ValueArg } from './types.js'

/** A chain of conditions; `otherwise` ends it. V is the column type of the values so far. */
export class When<V extends ColumnType> {
  readonly #cases: readonly (readonly [condition: Expression, value: Expression])[]

  constructor(cases: readonly (readonly [Expression, Expression])[]) {
    this.#cases = cases
  }

  /** Where no earlier condition is true and this one is. */
  when<A extends ValueArg>(condition: Expr<'bool'>, value: A): When<V | KindOf<A>> {
    return new When([...this.#cases, [conditionOf(condition), operandOf(value, 'when')]])
  }

  /** Where no condition is true; a null condition is not. */
  otherwise<A extends ValueArg>(value: A): CommonExpr<V | KindOf<A>> {
    const last = operandOf(value, 'otherwise')
    return commonExpr(this.#cases.reduceRight<Expression>(
      (rest, [condition, chosen]) => callOf('if', [condition, chosen, rest]), last
    ))
  }
}

function conditionOf(value: unknown): Expression {
  if (value instanceof BoolExpr) return Expr.expressionOf(value)
  throw invalid(`when takes a condition first, such as when(r.value.gt(3), 'high').`)
}

/** The value of the first condition that is true. Numbers of several types become one, as in arithmetic. */
export function when<A extends ValueArg>(condition: Expr<'bool'>, value: A): When<KindOf<A>> {
  return new When([[conditionOf(condition), operandOf(value, 'when')]])
}

/** The first of the values that is not null. */
export function coalesce<A extends readonly [ValueArg, ...ValueArg[]]>(...values: A): CommonExpr<KindOf<A[number]>> {
  return commonExpr(ofAll('coalesce', values))
}

/** The smallest of the values; nulls are passed over, NaN is greatest. */
export function least<A extends readonly [ValueArg, ...ValueArg[]]>(...values: A): CommonExpr<KindOf<A[number]>> {
  return commonExpr(ofAll('least', values))
}

/** The largest of the values; nulls are passed over, NaN is greatest. */
export function greatest<A extends readonly [ValueArg, ...ValueArg[]]>(...values: A): CommonExpr<KindOf<A[number]>> {
  return commonExpr(ofAll('greatest', values))
}

function ofAll(fn: 'coalesce' | 'least' | 'greatest', values: readonly ValueArg[]): Expression {
  return callOf(fn, values.map(value => operandOf(value, fn)))
}

/** Values of types that do not go together were refused by the function table. */
function commonExpr<K>(expression: Expression): CommonExpr<K> {
  return exprOf(expression) as unknown as CommonExpr<K>
}

/**
 * A plain value as a symbolic one: `lit(1n)`, `lit(new Date(0))`, `lit(null, 'f64')`, `lit(3, 'i32')`.
 * @throws MillraceError INVALID_PIPELINE when the value is not one of the type.
 */
export function lit<A extends Exclude<ValueArg, Expr>>(value: A): ExprOf<KindOf<A>>
export function lit<T extends ColumnType>(value: Exclude<ValueArg, Expr> | null, type: T): ExprOf<T>
export function lit(value: ValueArg | null, type?: ColumnType): Expr {
  if (value === null && type) return exprOf(literalOf(null, type))
  const literal = operandOf(value, 'lit')
  return exprOf(type ? castTo(literal, type) : literal)
}
