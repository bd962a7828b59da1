/**
 * Which columns expressions, steps and branches read. The decoder of a source turns only those into columns.
 */
import { assert } from '../base/errors.js'
import type { Schema } from '../data/schema.js'
import type { Expression } from './expression.js'
import type { AggregateSpec } from './node.js'
import type { Branch } from './stage.js'

/** Calls `visit` for every column in the expression. */
export function visitColumns(expression: Expression, visit: (name: string) => void): void {
  if (expression.kind === 'column') visit(expression.name)
  else if (expression.kind === 'cast') visitColumns(expression.arg, visit)
  else if (expression.kind === 'call') for (const arg of expression.args) visitColumns(arg, visit)
}

/** Names of the columns that these expressions read. */
export function columnsOf(expressions: readonly Expression[]): Set<string> {
  const names = new Set<string>()
  for (const expression of expressions) visitColumns(expression, name => names.add(name))
  return names
}

/** Everything that an aggregation computes from its input. */
export function expressionsOf(spec: AggregateSpec): readonly Expression[] {
  return [
    ...spec.keys.map(key => key.expression),
    ...(spec.window ? [spec.window.time] : []),
    ...spec.aggregates.flatMap(call => call.filter ? [...call.args, call.filter] : call.args),
  ]
}

/** Indexes, ascending, of the columns of `schema` that some branch over it reads. */
export function columnsReadBy(branches: readonly Branch[], schema: Schema): readonly number[] {
  const names = new Set<string>()
  for (const branch of branches) for (const name of readByBranch(branch, schema)) names.add(name)
  return Object.freeze([...names].map(name => indexOf(schema, name)).sort((a, b) => a - b))
}

function indexOf(schema: Schema, name: string): number {
  const index = schema.findIndex(field => field.name === name)
  assert(index >= 0, `the plan reads a column '${name}' that the source does not have`)
  return index
}

/** Up to the first projection, steps and terminal name the columns of the stage's input. */
function readByBranch({ steps, terminal }: Branch, schema: Schema): Set<string> {
  const read: Expression[] = []
  /** Given by joins on the way, not by the input. */
  const joined = new Set<string>()
  const ofInput = (names: Set<string>): Set<string> => {
    for (const name of joined) names.delete(name)
    return names
  }
  for (const step of steps) {
    if (step.kind === 'filter') read.push(step.predicate)
    if (step.kind === 'watermark') read.push(step.time)
    if (step.kind === 'join') {
      read.push(...step.join.keys.map(key => key.value))
      for (const { name } of step.join.columns) joined.add(name)
    }
    if (step.kind === 'project') return ofInput(columnsOf([...read, ...step.columns.map(column => column.expression)]))
  }
  if (terminal.kind === 'aggregate') return ofInput(columnsOf([...read, ...expressionsOf(terminal.aggregate)]))
  return new Set(schema.map(field => field.name))
}
