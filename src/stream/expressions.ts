/**
 * Symbolic values: what `r.value` is inside a lambda. Their methods build expressions; nothing is computed until the kernels run.
 * On the data path: lambda → these → plan/expression → vector program.
 * Invariant: the class and its type parameter say the column type, so what TypeScript accepts is what `plan/function-table`
 * accepts; plain JavaScript callers get the same refusals at run time.
 */
import { invalid } from '../plan/invalid.js'
import type { ColumnType } from '../data/schema.js'
import type { Expression, FunctionName } from '../plan/expression.js'
import { expressionText } from '../plan/expression-text.js'
import { callOf, castTo, TRUNCATE_UNITS, type TruncateUnit } from '../plan/function-table.js'
import { literalOf, toLiteral } from '../plan/literal.js'
import { recordExpression } from './recording.js'
import type {
  ArithmeticKind, Comparable, ExprOf, IntegerKind, KindOf, NumberArg, NumericKind, RealKind, TextArg,
} from './types.js'

declare const columnType: unique symbol

const LENGTH_MAX = 2 ** 31 - 1

/** A value of every row: a column, a literal or something computed of them. */
export abstract class Expr<K extends ColumnType = ColumnType> {
  declare readonly [columnType]: K
  readonly #expression: Expression

  constructor(expression: Expression) {
    this.#expression = expression
    recordExpression(expression)
  }

  /** @internal The plan's side of a symbolic value. */
  static expressionOf(value: Expr): Expression {
    return value.#expression
  }

  /** Equal; null if either side is null. NaN equals NaN, −0 equals 0. */
  eq(other: Comparable<K>): BoolExpr { return this.#compare('eq', other) }
  /** Not equal; null if either side is null. */
  ne(other: Comparable<K>): BoolExpr { return this.#compare('ne', other) }
  /** Whether it is null; never null itself. */
  isNull(): BoolExpr { return this.call('isNull') }
  /** Whether it equals one of the values; false for an empty list. */
  isIn(values: readonly Comparable<K>[]): BoolExpr {
    if (!Array.isArray(values)) throw invalid(`isIn takes an array of values: r.sensor.isIn(['a', 'b']).`)
    const matches = values.map(value => callOf('eq', [this.#expression, operandOf(value, 'isIn')]))
    // Of no values it is false, but still an expression of this value: the optimizer makes a plain false of it.
    if (matches.length === 0) return exprOf(callOf('and', [callOf('isNull', [this.#expression]), literalOf(false, 'bool')]))
    return exprOf(matches.reduce((any, match) => callOf('or', [any, match])))
  }

  /**
   * The value as another type; what cannot be read or does not fit becomes null. Fractions are cut off, a timestamp is its epoch
   * ms.
   */
  cast<T extends ColumnType>(type: T): ExprOf<T> { return exprOf(castTo(this.#expression, type)) }
  /** 32 bits of a hash, the same on every machine. */
  hash(): NumberExpr<'i32'> { return this.call('hash') }

  /** @internal A call of `fn` with this value first. */
  protected call<E extends Expr>(fn: FunctionName, ...args: readonly unknown[]): E {
    return exprOf(callOf(fn, [this.#expression, ...args.map(arg => operandOf(arg, fn))]))
  }

  #compare(fn: 'eq' | 'ne', other: unknown): BoolExpr { return this.call(fn, other) }

  valueOf(): never { return refuseOperator(this.#expression) }
  toString(): never { return refuseOperator(this.#expression) }
  [Symbol.toPrimitive](): never { return refuseOperator(this.#expression) }
}

/** Values that have an order: numbers, text and timestamps. In it NaN is greatest. */
export abstract class OrderedExpr<K extends ColumnType = ColumnType> extends Expr<K> {
  /** Less than. */
  lt(other: Comparable<K>): BoolExpr { return this.call('lt', other) }
  /** Less than or equal. */
  le(other: Comparable<K>): BoolExpr { return this.call('le', other) }
  /** Greater than. */
  gt(other: Comparable<K>): BoolExpr { return this.call('gt', other) }
  /** Greater than or equal. */
  ge(other: Comparable<K>): BoolExpr { return this.call('ge', other) }
  /** From `low` to `high`, both included. */
  between(low: Comparable<K>, high: Comparable<K>): BoolExpr {
    const value = Expr.expressionOf(this)
    const [from, to] = [low, high].map(bound => operandOf(bound, 'between'))
    return exprOf(callOf('and', [callOf('ge', [value, from!]), callOf('le', [value, to!])]))
  }
}

/**
 * A number. Arithmetic gives f64, but i64 with integers stays i64 (what does not fit becomes null), and mod and floorDiv of two
 * i32 stay i32. Plain numbers are f64, bigints i64.
 */
export class NumberExpr<K extends NumericKind = 'f64'> extends OrderedExpr<K> {
  add<A extends NumberArg>(other: A): NumberExpr<ArithmeticKind<K, KindOf<A>>> { return this.call('add', other) }
  sub<A extends NumberArg>(other: A): NumberExpr<ArithmeticKind<K, KindOf<A>>> { return this.call('sub', other) }
  mul<A extends NumberArg>(other: A): NumberExpr<ArithmeticKind<K, KindOf<A>>> { return this.call('mul', other) }
  /** Quotient, always f64: 1/0 is Infinity, 0/0 NaN. */
  div(other: NumberArg): NumberExpr { return this.call('div', other) }
  /** Remainder with the sign of the dividend, as `%`; integers: null when divided by zero. */
  mod<A extends NumberArg>(other: A): NumberExpr<IntegerKind<K, KindOf<A>>> { return this.call('mod', other) }
  /** Quotient rounded down; integers: null when divided by zero. */
  floorDiv<A extends NumberArg>(other: A): NumberExpr<IntegerKind<K, KindOf<A>>> { return this.call('floorDiv', other) }
  neg(): NumberExpr<RealKind<K>> { return this.call('neg') }
  abs(): NumberExpr<RealKind<K>> { return this.call('abs') }
  /** −1, 0 or 1. */
  sign(): NumberExpr<RealKind<K>> { return this.call('sign') }
  floor(): NumberExpr<RealKind<K>> { return this.call('floor') }
  ceil(): NumberExpr<RealKind<K>> { return this.call('ceil') }
  /** To the nearest integer, halves up, as Math.round. */
  round(): NumberExpr<RealKind<K>> { return this.call('round') }
  /** Without its fraction. */
  trunc(): NumberExpr<RealKind<K>> { return this.call('trunc') }
  /** `low` if less, `high` if greater. */
  clamp<L extends NumberArg, H extends NumberArg>(
    low: L, high: H,
  ): NumberExpr<ArithmeticKind<ArithmeticKind<K, KindOf<L>>, KindOf<H>>> {
    return this.call('clamp', low, high)
  }

  sqrt(): NumberExpr { return this.call('sqrt') }
  pow(exponent: NumberArg): NumberExpr { return this.call('pow', exponent) }
  exp(): NumberExpr { return this.call('exp') }
  /** Natural logarithm. */
  ln(): NumberExpr { return this.call('ln') }
  log10(): NumberExpr { return this.call('log10') }
  sin(): NumberExpr { return this.call('sin') }
  cos(): NumberExpr { return this.call('cos') }
  tan(): NumberExpr { return this.call('tan') }
  /** Angle of the point (x, this), as Math.atan2(this, x). */
  atan2(x: NumberArg): NumberExpr { return this.call('atan2', x) }
  isNaN(): BoolExpr { return this.call('isNaN') }
}

/** An i64: bigint in rows. */
export type BigExpr = NumberExpr<'i64'>

/** A condition: true, false or null. */
export class BoolExpr extends Expr<'bool'> {
  /** Three-valued: false and null is false. */
  and(other: Comparable<'bool'>): BoolExpr { return this.call('and', other) }
  /** Three-valued: true or null is true. */
  or(other: Comparable<'bool'>): BoolExpr { return this.call('or', other) }
  not(): BoolExpr { return this.call('not') }
}

/** Text. Lengths and positions count code points, positions start at 0. Order is by UTF-8 bytes. */
export class TextExpr extends OrderedExpr<'utf8'> {
  lower(): TextExpr { return this.call('lower') }
  upper(): TextExpr { return this.call('upper') }
  /** Without white space at both ends. */
  trim(): TextExpr { return this.call('trim') }
  length(): NumberExpr<'i32'> { return this.call('length') }
  startsWith(text: TextArg): BoolExpr { return this.call('startsWith', text) }
  endsWith(text: TextArg): BoolExpr { return this.call('endsWith', text) }
  contains(text: TextArg): BoolExpr { return this.call('contains', text) }
  /** This and the others, one after the other; null if one is null. */
  concat(...others: readonly TextArg[]): TextExpr {
    const texts = others.map(other => operandOf(other, 'concat'))
    return exprOf(texts.reduce<Expression>((text, other) => callOf('concat', [text, other]), Expr.expressionOf(this)))
  }

  /**
   * Code points from `start` up to, but not with, `end` (default: to the end), cut to the text, as a string's slice from 0 on.
   */
  substring(start: NumberArg, end: NumberArg = LENGTH_MAX): TextExpr {
    return this.call('substring', exprOf(positionOf(start)), exprOf(positionOf(end)))
  }
}

/** A point in time, UTC, epoch ms. */
export class TimestampExpr extends OrderedExpr<'timestamp'> {
  year(): NumberExpr<'i32'> { return this.call('year') }
  /** 1 to 12. */
  month(): NumberExpr<'i32'> { return this.call('month') }
  /** Of the month, 1 to 31. */
  day(): NumberExpr<'i32'> { return this.call('day') }
  hour(): NumberExpr<'i32'> { return this.call('hour') }
  minute(): NumberExpr<'i32'> { return this.call('minute') }
  second(): NumberExpr<'i32'> { return this.call('second') }
  millisecond(): NumberExpr<'i32'> { return this.call('millisecond') }
  /** 0 (Sunday) to 6, as getUTCDay. */
  dayOfWeek(): NumberExpr<'i32'> { return this.call('dayOfWeek') }
  /** The start of the unit that it lies in; weeks start on Monday. */
  truncate(unit: TruncateUnit): TimestampExpr {
    if (!TRUNCATE_UNITS.includes(unit)) {
      throw invalid(`truncate: ${String(unit)} is not a unit. Write one of ${TRUNCATE_UNITS.join(', ')}.`)
    }
    return this.call('truncate', unit)
  }
}

/** The value of a window key, once grouped: a pair of timestamps. */
export class WindowExpr {
  readonly start: TimestampExpr
  readonly end: TimestampExpr

  constructor(start: TimestampExpr, end: TimestampExpr) {
    this.start = start
    this.end = end
  }

  valueOf(): never { return this.#refuse() }
  toString(): never { return this.#refuse() }
  [Symbol.toPrimitive](): never { return this.#refuse() }

  #refuse(): never {
    throw invalid(`A window is a pair of timestamps: compare its start or end, such as r.window.start.gt(…).`)
  }
}

/** The symbolic value for an expression, of the class that its type has; the caller knows it as E. */
export function exprOf<E extends Expr = Expr>(expression: Expression): E {
  const symbolic: Expr = ofType(expression)
  return symbolic as E
}

function ofType(expression: Expression): Expr {
  switch (expression.type) {
    case 'bool': return new BoolExpr(expression)
    case 'utf8': return new TextExpr(expression)
    case 'timestamp': return new TimestampExpr(expression)
    default: return new NumberExpr<NumericKind>(expression)
  }
}

/**
 * The plan's expression for an argument: a symbolic value, or a plain value as a literal.
 * @throws MillraceError INVALID_PIPELINE for anything else, saying what to write.
 */
export function operandOf(value: unknown, what: string): Expression {
  if (value instanceof Expr) return Expr.expressionOf(value)
  if (value instanceof WindowExpr) {
    throw invalid(`${what}: a window is a pair of timestamps; use its .start or .end.`)
  }
  if (typeof value === 'function') throw invalid(`${what}: this is a function, not a value; call it: r.name.lower().`)
  return toLiteral(value, what)
}

/** A position in text, as i32; a literal is cut to what can be one. */
function positionOf(value: unknown): Expression {
  if (typeof value !== 'number') return castTo(operandOf(value, 'substring'), 'i32')
  if (!Number.isInteger(value)) throw invalid(`substring: positions are whole numbers, not ${value}.`)
  return literalOf(Math.min(Math.max(value, 0), LENGTH_MAX), 'i32')
}

function refuseOperator(expression: Expression): never {
  const text = expressionText(expression)
  throw invalid(
    `JavaScript's operators do not work on ${text} (${expression.type}): the lambda is called once, with symbolic values. ` +
    'Write methods instead: a > 3 as a.gt(3), < as lt, >= as ge, <= as le, == as eq, != as ne, + as add, - as sub, * as mul, ' +
    '/ as div, % as mod, ** as pow, && as and, || as or, ! as not, `${a}…` as a.concat(…), c ? a : b as when(c, a).otherwise(b).')
}

/** What a type is called when a method is not one of its own. */
const OWNERS: readonly (readonly [of: string, prototype: object])[] = [
  ['numbers', NumberExpr.prototype], ['text', TextExpr.prototype], ['timestamps', TimestampExpr.prototype],
  ['conditions', BoolExpr.prototype], ['numbers, text and timestamps', OrderedExpr.prototype],
]

/** JavaScript callers have no compiler to tell them: a method of another type says so instead of `is not a function`. */
for (const { prototype } of [NumberExpr, TextExpr, TimestampExpr, BoolExpr]) {
  for (const [of, owner] of OWNERS) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (!(name in prototype)) Object.defineProperty(prototype, name, { value: refuseMethod(name, of), configurable: true })
    }
  }
}

function refuseMethod(method: string, of: string): (this: Expr) => never {
  return function () {
    const expression = Expr.expressionOf(this)
    throw invalid(
      `${method}() works on ${of}; ${expressionText(expression)} is ${expression.type}. cast('…') makes another type of it.`)
  }
}
