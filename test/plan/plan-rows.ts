/**
 * A plan interpreter for tests: what rows a logical plan gives for one batch, computed row by row with the evaluator.
 */
import { evaluate, type Environment } from '../../src/plan/evaluate.js'
import { compareValues } from '../../src/plan/evaluate-call.js'
import { timeCall } from '../support/time-calls.js'
import type { AggregateCall, Expression, LiteralValue } from '../../src/plan/expression.js'
import type { AggregateNode, JoinNode, PlanNode } from '../../src/plan/node.js'
import { paneMsOf, windowsOf } from '../../src/plan/pane.js'

export type PlanRow = Readonly<Record<string, LiteralValue>>

/** The watermark that late rows are judged by. */
export const LATE_WATERMARK_MS = 5000

/** The rows of `node`, where a source's rows are those of `rows(sourceId)`. */
export function rowsOfPlan(
  node: PlanNode, rows: (sourceId: number) => readonly PlanRow[], tables: (tableId: number) => readonly PlanRow[] = () => []
): readonly PlanRow[] {
  const input = (of: PlanNode): readonly PlanRow[] => rowsOfPlan(of, rows, tables)
  switch (node.kind) {
    case 'source': return rows(node.sourceId)
    case 'project': return input(node.input).map(row => Object.fromEntries(
      node.columns.map(({ name, expression }) => [name, valueOf(expression, row)])
    ))
    case 'filter': return input(node.input).filter(row => valueOf(node.predicate, row) === true)
    case 'union': return node.inputs.flatMap(input)
    case 'limit': return input(node.input).slice(0, node.rows)
    case 'watermark': return input(node.input)
    case 'join': return input(node.input).flatMap(row => joined(node, row, tables(node.join.table.tableId)))
    case 'aggregate': return aggregated(node, input(node.input))
    case 'lateRows': return input(node.input.input).filter(row => isLate(node.input, row))
    case 'sample': throw new Error('samples depend on tasks')
  }
}

function valueOf(expression: Expression, row: PlanRow): LiteralValue {
  const environment: Environment = {
    column: name => name in row ? row[name] : undefined, parameter: () => LATE_WATERMARK_MS, call: timeCall,
  }
  const value = evaluate(expression, environment)
  if (value === undefined) throw new Error(`no value for ${JSON.stringify(
    expression, (_, part) => typeof part === 'bigint' ? `${part}n` : part
  )}`)
  return value
}

function joined({ join }: JoinNode, row: PlanRow, table: readonly PlanRow[]): readonly PlanRow[] {
  const matches = table.filter(other => join.keys.every(({ value, column }) => {
    const [a, b] = [valueOf(value, row), other[column]!]
    return a !== null && b !== null && (typeof a === typeof b ? compareValues(a, b) === 0 : Number(a) === Number(b))
  }))
  if (join.type === 'semi' || join.type === 'anti') return (matches.length > 0) === (join.type === 'semi') ? [row] : []
  const taken = (match: PlanRow | null): PlanRow =>
    ({ ...row, ...Object.fromEntries(join.columns.map(({ column, name }) => [name, match?.[column] ?? null])) })
  return matches.length === 0 && join.type === 'left' ? [taken(null)] : matches.map(taken)
}

function isLate({ aggregate }: AggregateNode, row: PlanRow): boolean {
  const time = valueOf(aggregate.window!.time, row)
  return time !== null && windowStarts(aggregate.window!, Number(time)).every(
    start => start + aggregate.window!.sizeMs <= LATE_WATERMARK_MS
  )
}

function windowStarts(window: NonNullable<AggregateNode['aggregate']['window']>, time: number): readonly number[] {
  const paneMs = paneMsOf(window)
  return windowsOf(window.offsetMs + Math.floor((time - window.offsetMs) / paneMs) * paneMs, window)
}

interface Group {
  readonly keys: PlanRow
  readonly rows: PlanRow[]
}

/** One row per group, in the order in which groups came up. */
function aggregated({ aggregate, schema }: AggregateNode, rows: readonly PlanRow[]): readonly PlanRow[] {
  const groups = new Map<string, Group>()
  for (const row of rows) {
    const keys = Object.fromEntries(aggregate.keys.map(({ name, expression }) => [name, valueOf(expression, row)]))
    for (const window of windowsOfRow(aggregate, row)) {
      const all = { ...keys, ...window }
      const id = JSON.stringify(Object.values(all).map(value => Object.is(value, -0) ? '0' : String(value)))
      const group = groups.get(id) ?? { keys: all, rows: [] }
      groups.set(id, group)
      group.rows.push(row)
    }
  }
  if (aggregate.keys.length === 0 && !aggregate.window && groups.size === 0) groups.set('', { keys: {}, rows: [] })
  return [...groups.values()].map(group => {
    const values = {
      ...group.keys, ...Object.fromEntries(aggregate.aggregates.map(call => [call.name, aggregateValue(call, group.rows)])),
    }
    return Object.fromEntries(schema.map(({ name }) => [name, (values as PlanRow)[name]!]))
  })
}

function windowsOfRow({ window }: AggregateNode['aggregate'], row: PlanRow): readonly PlanRow[] {
  if (!window) return [{}]
  const time = valueOf(window.time, row)
  if (time === null) return []
  return windowStarts(window, Number(time)).map(start => ({
    [`${window.name}.start`]: start, [`${window.name}.end`]: start + window.sizeMs,
  }))
}

function aggregateValue({ fn, args, filter, type }: AggregateCall, rows: readonly PlanRow[]): LiteralValue {
  const seen = rows.filter(row => filter === null || valueOf(filter, row) === true)
  if (fn === 'count') return seen.length
  const values = seen.map(row => valueOf(args[0]!, row)).filter(value => value !== null)
  const best = (keeps: (order: number) => boolean): LiteralValue =>
    values.reduce<LiteralValue>((found, value) => found === null || keeps(compareValues(value, found)) ? value : found, null)
  switch (fn) {
    case 'countIf': return values.filter(Boolean).length
    case 'sum': {
      if (values.length === 0) return null
      return type === 'i64' ? values.reduce<bigint>(
        (sum, value) => sum + BigInt(value), 0n
      ) : values.reduce<number>((sum, value) => sum + Number(value), 0)
    }
    case 'min': return best(order => order < 0)
    case 'max': return best(order => order > 0)
    case 'first': return values[0] ?? null
    case 'last': return values.at(-1) ?? null
    default: throw new Error(`${fn} is not interpreted`)
  }
}
