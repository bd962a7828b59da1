/**
 * Types of the typed builders: from a schema to the symbolic row of a lambda, to the fields of the next stream, to the rows of a
 * batch. Nothing here exists at run time. Invariant: the column type in an expression's type is the one that
 * `plan/function-table` computes.
 */
import type { ColumnType } from '../data/schema.js'
import type { WindowValue } from '../data/batch.js'
import type { SourceSchema, ValueOf } from '../source/source.js'
import type { Agg } from './aggregates.js'
import type { BoolExpr, Expr, NumberExpr, TextExpr, TimestampExpr, WindowExpr } from './expressions.js'
import type { WindowKey } from './windows.js'

export type NumericKind = 'i32' | 'i64' | 'f32' | 'f64'

/** The symbolic value of a column of type K. */
export type ExprOf<K extends ColumnType> =
  K extends 'bool' ? BoolExpr
    : K extends 'utf8' ? TextExpr
      : K extends 'timestamp' ? TimestampExpr
        : K extends NumericKind ? NumberExpr<K> : never

export type NumberArg = Expr<NumericKind> | number | bigint
export type TextArg = Expr<'utf8'> | string

/** What may stand on the other side of a comparison with a K. */
export type Comparable<K extends ColumnType> =
  K extends NumericKind ? NumberArg
    : K extends 'utf8' ? TextArg
      : K extends 'timestamp' ? Expr<'timestamp'> | number | Date
        : Expr<'bool'> | boolean

/** A value that a lambda may return for a column: symbolic, or plain, which becomes a literal. */
export type ValueArg = Expr | number | bigint | string | boolean | Date

/** Column type of an argument. */
export type KindOf<A> =
  A extends Expr<infer K> ? K
    : A extends bigint ? 'i64'
      : A extends number ? 'f64'
        : A extends string ? 'utf8'
          : A extends boolean ? 'bool'
            : A extends Date ? 'timestamp' : never

export type ArithmeticKind<A, B> =
  [A, B] extends ['i64', 'i32' | 'i64'] ? 'i64' : [A, B] extends ['i32', 'i64'] ? 'i64' : 'f64'
/** mod and floorDiv: two i32 stay i32. */
export type IntegerKind<A, B> = [A, B] extends ['i32', 'i32'] ? 'i32' : ArithmeticKind<A, B>
export type RealKind<K> = [K] extends ['i64'] ? 'i64' : 'f64'
export type SumKind<K> = [K] extends ['i32' | 'i64'] ? 'i64' : 'f64'

/** One type for all of several values, as the function table unifies them: numbers i64 if all are integers, else f64. */
export type CommonKind<K> =
  [K] extends ['i32'] ? 'i32'
    : [K] extends ['f32'] ? 'f32'
      : [K] extends ['i32' | 'i64'] ? 'i64'
        : [K] extends [NumericKind] ? 'f64'
          : [K] extends ['bool'] ? 'bool'
            : [K] extends ['utf8'] ? 'utf8'
              : [K] extends ['timestamp' | 'f64'] ? 'timestamp' : never

/** What several values of types that do not go together give: nothing that any verb takes. */
export interface MixedTypes {
  readonly error: 'values of different types'
}
export type CommonExpr<K> = [CommonKind<K>] extends [never] ? MixedTypes : ExprOf<CommonKind<K>>

/** The symbolic row: what a lambda is given. */
export type Fields = Readonly<Record<string, Expr | WindowExpr>>

/** The symbolic row of a source. */
export type FieldsOfSchema<S extends SourceSchema> = { readonly [C in keyof S & string]: ExprOf<S[C]> }

/** A value of a table's row, where no schema is given. */
export type PlainValue = number | bigint | string | boolean | Date
/** The symbolic row of a table whose schema is that of its rows. */
export type FieldsOfRows<R> = { readonly [C in keyof R & string]-?: ExprOf<KindOf<NonNullable<R[C]>>> }

type PlainColumn =
  | Int32Array | Float32Array | Float64Array | BigInt64Array | readonly (PlainValue | null)[]
  | { readonly values: PlainColumn; readonly validity?: Uint8Array | null }
  | { readonly values: Int32Array; readonly dictionary: readonly string[]; readonly validity?: Uint8Array | null }
/** Columns by name, where no schema is given. */
export type PlainColumns = Readonly<Record<string, PlainColumn>>
type KindOfColumn<C> =
  C extends Int32Array ? 'i32'
    : C extends Float32Array ? 'f32'
      : C extends Float64Array ? 'f64'
        : C extends BigInt64Array ? 'i64'
          : C extends readonly (infer V)[] ? KindOf<NonNullable<V>>
            : C extends { readonly dictionary: readonly string[] } ? 'utf8'
              : C extends { readonly values: infer V } ? KindOfColumn<V> : never
/** The symbolic row of a table whose schema is that of its columns. */
export type FieldsOfColumns<C> = {
  readonly [N in keyof C & string]: KindOfColumn<C[N]> extends infer K extends ColumnType ? ExprOf<K> : never
}

/** The fields of a row joined with one of a table: On are equal on both sides; a name that is taken gets `_right`. */
export type Joined<F, G, On> = Flat<F & {
  readonly [C in Exclude<keyof G & string, On> as C extends keyof F ? `${C}_right` : C]: G[C]
}>

/** What map and with take: columns by name. */
export type Columns = Readonly<Record<string, ValueArg | WindowExpr>>
/** What groupBy takes. */
export type Keys = Readonly<Record<string, ValueArg | WindowExpr | WindowKey>>
/** What aggregate takes. */
export type Aggregates = Readonly<Record<string, Agg>>

/** The fields that a lambda's result stands for. */
export type FieldsOf<O> = {
  readonly [C in keyof O & string]: O[C] extends Agg<infer K> ? ExprOf<K>
    : O[C] extends WindowExpr | WindowKey ? WindowExpr
      : KindOf<O[C]> extends infer K extends ColumnType ? ExprOf<K> : never
}

export type Flat<T> = { readonly [C in keyof T]: T[C] }
/** The fields of `with`: those of O replace those of F. */
export type Merged<F, O> = Flat<Omit<F, keyof O> & FieldsOf<O>>
export type Renamed<F extends Fields, M> =
  { readonly [C in keyof F as C extends keyof M ? M[C] & string : C]: F[C] } extends infer R extends Fields ? R : never
export type TimestampName<F> = { [C in keyof F]: F[C] extends TimestampExpr ? C : never }[keyof F] & string

/**
 * A row of a result batch. Every value may be null in principle (an average over nothing, a missing key); as in the row types of
 * most database clients that would put a check on every use, so fields are typed without null and `batch.column(name).at(i)` with
 * it. A value that is null arrives as null: take `coalesce()` or a filter on `isNull().not()` into the pipeline where that can
 * happen.
 */
export type RowOf<F> = {
  readonly [C in keyof F]: F[C] extends WindowExpr ? WindowValue : F[C] extends Expr<infer K> ? ValueOf<K> : never
}
