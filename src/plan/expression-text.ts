/**
 * Expressions as text, for `explain` and for messages: `(value - 20) / 3 > 3 and startsWith(sensor, 'a')`.
 * Invariant: the text is a function of the expression alone and unambiguous: brackets stand wherever binding is not obvious.
 */
import type { AggregateCall, Expression, FunctionName, NamedExpression } from './expression.js'
import type { ColumnType } from '../data/schema.js'
import type { JoinSpec } from './join.js'
import type { AggregateSpec, WindowSpec } from './node.js'

/** Binary functions that read best between their operands, with how tightly they bind. */
const INFIX: Partial<Record<FunctionName, readonly [symbol: string, binding: number]>> = {
  or: ['or', 1], and: ['and', 2],
  eq: ['=', 4], ne: ['≠', 4], lt: ['<', 4], le: ['≤', 4], gt: ['>', 4], ge: ['≥', 4],
  add: ['+', 5], sub: ['-', 5], mul: ['*', 6], div: ['/', 6],
}
const ASSOCIATIVE: readonly FunctionName[] = ['and', 'or']
const NOT_BINDING = 3

/** The expression as one line. */
export function expressionText(expression: Expression): string {
  return textOf(expression, 0)
}

function textOf(expression: Expression, outer: number): string {
  switch (expression.kind) {
    case 'column': return expression.name
    case 'literal': return literalText(expression.value, expression.type)
    case 'parameter': return `$${expression.name}(${expression.operatorId})`
    case 'cast': return `cast(${textOf(expression.arg, 0)} as ${expression.type})`
    case 'call': return callText(expression.fn, expression.args, outer)
  }
}

function callText(fn: FunctionName, args: readonly Expression[], outer: number): string {
  const infix = INFIX[fn]
  const [left, right] = args
  if (infix && left && right) {
    const [symbol, binding] = infix
    const rightBinding = ASSOCIATIVE.includes(fn) ? binding : binding + 1
    const leftBinding = binding === 4 ? binding + 1 : binding
    return bracket(`${textOf(left, leftBinding)} ${symbol} ${textOf(right, rightBinding)}`, binding < outer)
  }
  if (fn === 'not' && left) return bracket(`not ${textOf(left, NOT_BINDING)}`, outer > NOT_BINDING)
  return `${fn}(${args.map(arg => textOf(arg, 0)).join(', ')})`
}

function bracket(text: string, needed: boolean): string {
  return needed ? `(${text})` : text
}

/** A literal as text: text in single quotes, i64 with `n`, a timestamp as ISO 8601. */
export function literalText(value: boolean | number | bigint | string | null, type: ColumnType): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'number') return String(value)
  if (type === 'timestamp' && Number.isFinite(new Date(value).getTime())) return new Date(value).toISOString()
  return Object.is(value, -0) ? '-0' : String(value)
}

/** `name` alone where the column keeps its name, else `expression as name`. */
export function namedText({ name, expression }: NamedExpression): string {
  return expression.kind === 'column' && expression.name === name ? name : `${expressionText(expression)} as ${name}`
}

/** `avg(value) as mean where value > 3`. */
export function aggregateText(call: AggregateCall): string {
  const filter = call.filter ? ` where ${expressionText(call.filter)}` : ''
  return `${call.fn}(${call.args.map(expressionText).join(', ')})${filter} as ${call.name}`
}

/** The verb that makes such windows. */
export function windowVerb({ sizeMs, slideMs }: WindowSpec): 'tumbling' | 'sliding' {
  return slideMs === sizeMs ? 'tumbling' : 'sliding'
}

/** `tumbling(at, 1000 ms) as window`. */
export function windowText(window: WindowSpec): string {
  const verb = windowVerb(window)
  const slide = verb === 'tumbling' ? '' : `, ${window.slideMs} ms`
  const offset = window.offsetMs === 0 ? '' : `, offset ${window.offsetMs} ms`
  return `${verb}(${expressionText(window.time)}, ${window.sizeMs} ms${slide}${offset}) as ${window.name}`
}

/** Keys as text, the window last. */
export function keysText(spec: AggregateSpec): string {
  return [...spec.keys.map(namedText), ...(spec.window ? [windowText(spec.window)] : [])].join(', ')
}

/** `inner join with table campaigns on ad = ad, takes campaign as campaign_right`. */
export function joinText({ table, type, keys, columns }: JoinSpec): string {
  const on = keys.map(({ value, column }) => `${textOf(value, 5)} = ${column}`).join(' and ')
  const taken = columns.map(({ name, column }) => name === column ? name : `${column} as ${name}`).join(', ')
  return `${type} join with table ${table.name} on ${on}${taken ? `, takes ${taken}` : ''}`
}
