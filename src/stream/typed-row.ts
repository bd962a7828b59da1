/**
 * The symbolic row of a lambda, and what a lambda's result becomes. A lambda is called once, when the verb is called, with a row
 * whose columns are symbolic values; it returns expressions by name.
 * Invariant: every mistake throws here, at the user's line, naming the columns that exist.
 */
import { quoteNames } from '../base/errors.js'
import { invalid } from '../plan/invalid.js'
import { windowFields, type Field, type Schema } from '../data/schema.js'
import type { AggregateCall, Expression, NamedExpression } from '../plan/expression.js'
import { expressionText } from '../plan/expression-text.js'
import { describeValue } from '../plan/literal.js'
import type { WindowSpec } from '../plan/node.js'
import { Agg } from './aggregates.js'
import { BoolExpr, Expr, exprOf, operandOf, TimestampExpr, WindowExpr } from './expressions.js'
import { When } from './expression-functions.js'
import { checkRecording, recorded, type Recording } from './recording.js'
import { WindowKey } from './windows.js'

/** Column names as users see them: a window is one. */
export function columnNames(schema: Schema): readonly string[] {
  return [...new Set(schema.map(field => field.part?.of ?? field.name))]
}

/** The physical columns of a user's column: one, or the two of a window. Empty if there is none. */
export function physicalFields(schema: Schema, name: string): readonly Field[] {
  return schema.filter(field => (field.part?.of ?? field.name) === name)
}

export function columnOf({ name, type }: Field): Expression {
  return Object.freeze({ kind: 'column', name, type })
}

/** @throws MillraceError INVALID_PIPELINE when there is no such column, naming those that exist. */
export function requireColumn(schema: Schema, name: string, verb: string): readonly Field[] {
  const fields = physicalFields(schema, name)
  if (fields.length === 0) {
    throw invalid(`${verb}: there is no column '${name}'; there are ${quoteNames(columnNames(schema))}.`)
  }
  return fields
}

/** Runs a lambda over the symbolic row and checks that its result holds everything it made. */
function runLambda<T>(
  schema: Schema, verb: string, lambda: (row: never) => unknown,
  read: (result: unknown) => { value: T; expressions: readonly Expression[] }
): T {
  return runRowsLambda([schema], verb, lambda as (...rows: never[]) => unknown, read)
}

/** The same for a lambda of several rows; `read` is also given the columns that were read of each. */
export function runRowsLambda<T>(
  schemas: readonly Schema[], verb: string, lambda: (...rows: never[]) => unknown,
  read: (result: unknown, columnsOfRows: readonly ReadonlySet<Expression>[]) => { value: T; expressions: readonly Expression[] }
): T {
  if (typeof lambda !== 'function') {
    throw invalid(`${verb} takes a lambda, such as ${verb}(r => …); it was given ${describeValue(lambda)}.`)
  }
  const columns = new Set<Expression>()
  const optional = new Set<Expression>()
  const recording: Recording = { verb, row: null, columns, conditions: new Set(), isEnumerated: false }
  const own = schemas.map(() => new Set<Expression>())
  const rows = schemas.map((schema, i) => symbolicRow(schema, verb, recording, { optional, own: own[i]! }))
  recording.row = rows[0]
  const { value, expressions } = recorded(recording, () => read(lambda(...rows as never[]), own))
  checkRecording(recording, expressions, optional)
  return value
}

interface RowColumns {
  /** Those that may be left unused. */
  readonly optional: Set<Expression>
  /** Those of this row. */
  readonly own: Set<Expression>
}

function symbolicRow(schema: Schema, verb: string, recording: Recording, { optional, own }: RowColumns): unknown {
  const names = columnNames(schema)
  const read = (name: string): unknown => {
    const fields = requireColumn(schema, name, verb)
    const expressions = fields.map(columnOf)
    for (const expression of expressions) {
      recording.columns.add(expression)
      own.add(expression)
    }
    const [first, second] = expressions
    if (!second) return exprOf(first!)
    expressions.forEach(expression => optional.add(expression))
    return new WindowExpr(new TimestampExpr(first!), new TimestampExpr(second))
  }
  return new Proxy(Object.create(null) as object, {
    get: (_, name) => typeof name === 'string' ? read(name) : undefined,
    has: (_, name) => typeof name === 'string' && names.includes(name),
    set: (_, name) => {
      throw invalid(
        `${verb}: the row cannot be assigned to; return the columns, such as r => ({ ...r, ${String(name)}: … }), or use with().`
      )
    },
    ownKeys: () => {
      recording.isEnumerated = true
      return [...names]
    },
    // Spreading looks at each property before it reads it.
    getOwnPropertyDescriptor: (_, name) =>
      typeof name === 'string' && names.includes(name) ? { value: read(name), enumerable: true, configurable: true } : undefined,
  })
}

/** The condition that a lambda of filter returns. */
export function conditionOf(schema: Schema, verb: string, lambda: (row: never) => unknown): Expression {
  return runLambda(schema, verb, lambda, result => {
    if (result instanceof BoolExpr) return { value: Expr.expressionOf(result), expressions: [Expr.expressionOf(result)] }
    throw invalid(`${verb}: the lambda must return a condition, such as r.value.gt(3); ${whatCameBack(result)}`)
  })
}

function whatCameBack(result: unknown): string {
  if (result instanceof Expr) {
    const expression = Expr.expressionOf(result)
    return `it returned ${expressionText(expression)} (${expression.type}).`
  }
  if (typeof result === 'boolean') {
    return `it returned plain ${result}. JavaScript's ===, !==, !, && and || cannot work on symbolic values: ` +
      `write r.a.eq(b), .ne(b), .not(), .and(…), .or(…); lit(${result}) if that is meant.`
  }
  if (result === undefined) return 'it returned nothing; was a `return` forgotten?'
  if (result instanceof Promise) return 'it returned a promise; the lambda cannot be async.'
  return `it returned ${describeValue(result)}.`
}

/** The columns of a result, physical: a window counts two. */
export interface ColumnList {
  readonly columns: readonly NamedExpression[]
  readonly schema: Schema
}

/** One column of a result, with the fields that it adds. */
interface Entry {
  readonly name: string
  readonly expressions: readonly Expression[]
  readonly fields: readonly Field[]
}

/** The columns that a lambda of map or with returns. */
export function columnListOf(schema: Schema, verb: string, lambda: (row: never) => unknown): ColumnList {
  return runLambda(schema, verb, lambda, result => columnsOfResult(result, verb))
}

/** The columns that the result of a lambda stands for, and every expression of them. */
export function columnsOfResult(
  result: unknown, verb: string
): { readonly value: ColumnList; readonly expressions: readonly Expression[] } {
  const entries = entriesOf(result, verb).map(([name, value]) => entryOf(name, value, verb))
  return { value: listOf(entries, verb), expressions: entries.flatMap(entry => entry.expressions) }
}

/** The keys that a lambda of groupBy returns. */
export interface KeyList {
  readonly keys: readonly NamedExpression[]
  readonly window: WindowSpec | null
  /** Keys in the order written. */
  readonly schema: Schema
}

/** A window that was grouped before as a key again; gives the key to use, or null to take it as two timestamps. */
export type RegroupWindow = (name: string, start: Expression) => WindowSpec | null

export function keyListOf(schema: Schema, verb: string, lambda: (row: never) => unknown, regroup: RegroupWindow): KeyList {
  return runLambda(schema, verb, lambda, result => {
    let window: WindowSpec | null = null
    const entries: Entry[] = []
    const keys: NamedExpression[] = []
    for (const [name, value] of entriesOf(result, verb)) {
      const key = windowOf(name, value, regroup)
      if (key && window) {
        throw invalid(`${verb}: '${window.name}' and '${name}' are both windows; an aggregation has at most one.`)
      }
      window ??= key
      const entry = key ? { name, expressions: [key.time], fields: windowFields(name) } : entryOf(name, value, verb)
      entries.push(entry)
      if (!key) keys.push(...listOf([entry], verb).columns)
    }
    return {
      value: { keys, window, schema: listOf(entries, verb).schema }, expressions: entries.flatMap(entry => entry.expressions),
    }
  })
}

function windowOf(name: string, value: unknown, regroup: RegroupWindow): WindowSpec | null {
  if (value instanceof WindowKey) return WindowKey.specOf(value, name)
  return value instanceof WindowExpr ? regroup(name, Expr.expressionOf(value.start)) : null
}

/** The aggregates that a lambda of aggregate returns. */
export function aggregateListOf(schema: Schema, verb: string, lambda: (row: never) => unknown): readonly AggregateCall[] {
  return runLambda(schema, verb, lambda, result => {
    const calls = entriesOf(result, verb).map(([name, value]) => {
      if (value instanceof Agg) return Agg.callOf(value, name)
      throw invalid(
        `${verb}: '${name}' is not an aggregate; write count(), avg(r.value), first(r.value) and so on. ` +
        'Keys belong into groupBy, computed columns into a map() that follows.')
    })
    return { value: calls, expressions: calls.flatMap(call => call.filter ? [...call.args, call.filter] : call.args) }
  })
}

/** Name and value pairs of the object that a lambda returned. */
function entriesOf(result: unknown, verb: string): readonly (readonly [string, unknown])[] {
  if (result instanceof Expr || result instanceof Agg || result instanceof WindowExpr || result instanceof WindowKey) {
    throw invalid(`${verb}: the lambda must return an object of named columns, such as r => ({ name: … }).`)
  }
  if (typeof result !== 'object' || result === null || Array.isArray(result) || result instanceof Promise) {
    throw invalid(`${verb}: the lambda must return an object of named columns; ${whatCameBack(result)}`)
  }
  const entries = Object.entries(result)
  if (entries.length === 0) throw invalid(`${verb}: the lambda returned an object without columns.`)
  return entries
}

function entryOf(name: string, value: unknown, verb: string): Entry {
  const what = `${verb}: '${name}'`
  if (value instanceof WindowExpr) {
    return { name, expressions: [Expr.expressionOf(value.start), Expr.expressionOf(value.end)], fields: windowFields(name) }
  }
  if (value instanceof WindowKey) throw invalid(`${what} is a window; tumbling() and sliding() stand among the keys of groupBy.`)
  if (value instanceof Agg) throw invalid(`${what} is an aggregate; aggregates stand in aggregate() or reduceByKey().`)
  if (value instanceof When) throw invalid(`${what} is an unfinished when(); end it with .otherwise(…).`)
  const expression = operandOf(value, what)
  return { name, expressions: [expression], fields: [{ name, type: expression.type }] }
}

function listOf(entries: readonly Entry[], verb: string): ColumnList {
  const columns = entries.flatMap(({ expressions, fields }) =>
    fields.map(({ name }, i) => Object.freeze({ name, expression: expressions[i]! })))
  return { columns: Object.freeze(columns), schema: checkedSchema(entries.flatMap(entry => entry.fields), verb) }
}

/** @throws MillraceError INVALID_PIPELINE when two fields have one name, or one has none. */
export function checkedSchema(fields: readonly Field[], verb: string): Schema {
  const seen = new Set<string>()
  for (const { name } of fields) {
    if (name === '') throw invalid(`${verb}: a column needs a name.`)
    if (seen.has(name)) throw invalid(`${verb}: there would be two columns named '${name}'; give one another name.`)
    seen.add(name)
  }
  return Object.freeze(fields.map(field => Object.freeze(field)))
}
