/**
 * Rule: columns and aggregates that nobody reads are not computed; what is left of a source's columns is what gets decoded.
 * Invariant: an output keeps exactly its columns, and the inputs of a union keep equal ones.
 */
import type { Schema } from '../../data/schema.js'
import { columnsOf, expressionsOf } from '../columns-read.js'
import type { Expression } from '../expression.js'
import { canMultiply, joinedSchema } from '../join.js'
import type { AggregateNode, JoinNode, LimitNode, Output, PlanNode, ProjectNode, UnionNode } from '../node.js'
import { inputsOf, projectNode, withInputs, type Rule } from '../rewrite.js'

type Demands = Map<PlanNode, Set<string>>
type Note = (change: string) => void

export const deadColumns: Rule = Object.freeze({
  name: 'dead column removal',
  apply(outputs: readonly Output[], note: Note): readonly Output[] {
    const demands = demandsOf(outputs)
    const done = new Map<PlanNode, PlanNode>()
    const narrow = (node: PlanNode): PlanNode => {
      const known = done.get(node)
      if (known) return known
      const result = narrowed(node, inputsOf(node).map(narrow), demands, note)
      done.set(node, result)
      return result
    }
    return outputs.map(output => {
      const node = narrow(output.node)
      return node === output.node ? output : Object.freeze({ ...output, node })
    })
  },
})

/** Which columns of each node some other node or an output reads. */
function demandsOf(outputs: readonly Output[]): Demands {
  const demands: Demands = new Map()
  const demand = (node: PlanNode, names: Iterable<string>): void => {
    const known = demands.get(node)
    if (known) for (const name of names) known.add(name)
    else demands.set(node, new Set(names))
  }
  for (const { node } of outputs) demand(node, node.schema.map(field => field.name))
  for (const node of consumersFirst(outputs)) {
    const own = demands.get(node) ?? new Set<string>()
    switch (node.kind) {
      case 'source': break
      case 'project': demand(node.input, columnsOf(keptColumns(node, own).map(column => column.expression))); break
      case 'filter': demand(node.input, [...own, ...columnsOf([node.predicate])]); break
      case 'watermark': demand(node.input, [...own, node.column]); break
      case 'join': demand(node.input, readByJoin(node, own)); break
      case 'union': node.inputs.forEach(input => demand(input, atLeastOne(node, own))); break
      case 'aggregate': demand(node.input, readByAggregate(node, own)); break
      // Late rows are rows of the aggregation's input; its window must still be computed for them, which `aggregate` demands.
      case 'lateRows': demand(node.input, []); demand(node.input.input, own); break
      default: demand(node.input, own)
    }
  }
  return demands
}

/** Every node after all nodes that read it. */
function consumersFirst(outputs: readonly Output[]): readonly PlanNode[] {
  const done = new Set<PlanNode>()
  const order: PlanNode[] = []
  const visit = (node: PlanNode): void => {
    if (done.has(node)) return
    done.add(node)
    inputsOf(node).forEach(visit)
    order.push(node)
  }
  outputs.forEach(output => visit(output.node))
  return order.reverse()
}

function readByAggregate(node: AggregateNode, demand: ReadonlySet<string>): Set<string> {
  return columnsOf(expressionsOf({ ...node.aggregate, aggregates: keptAggregates(node, demand) }))
}

/** Of the input: what is read above and does not come from the table, and the keys. */
function readByJoin({ join }: JoinNode, demand: ReadonlySet<string>): Set<string> {
  const names = columnsOf(join.keys.map(key => key.value))
  for (const name of demand) if (!join.columns.some(column => column.name === name)) names.add(name)
  return names
}

/** Inputs of a union must agree on which column stays when none is read. */
function atLeastOne({ schema }: UnionNode, demand: ReadonlySet<string>): ReadonlySet<string> {
  return demand.size > 0 ? demand : new Set(schema.slice(0, 1).map(field => field.name))
}

/** At least one column stays: rows without columns have no place in a block. */
function keptColumns({ columns }: ProjectNode, demand: ReadonlySet<string>): ProjectNode['columns'] {
  const kept = columns.filter(column => demand.has(column.name))
  return kept.length > 0 ? kept : columns.slice(0, 1)
}

/** At least one aggregate stays. */
function keptAggregates({ aggregate }: AggregateNode, demand: ReadonlySet<string>): AggregateNode['aggregate']['aggregates'] {
  const kept = aggregate.aggregates.filter(call => demand.has(call.name))
  return kept.length > 0 ? kept : aggregate.aggregates.slice(0, 1)
}

function narrowed(node: PlanNode, inputs: readonly PlanNode[], demands: Demands, note: Note): PlanNode {
  const demand = demands.get(node) ?? new Set<string>()
  switch (node.kind) {
    case 'project': return narrowedProject(withInputs(node, inputs) as ProjectNode, demand, note)
    case 'aggregate': return narrowedAggregate(withInputs(node, inputs) as AggregateNode, demand, note)
    case 'join': return narrowedJoin(withInputs(node, inputs) as JoinNode, demand, note)
    case 'union': return narrowedUnion(node, inputs, demand)
    case 'limit': return narrowedLimit(node, inputs[0]!, demand, note)
    default: return withInputs(node, inputs)
  }
}

function narrowedProject(node: ProjectNode, demand: ReadonlySet<string>, note: Note): ProjectNode {
  const columns = keptColumns(node, demand)
  if (columns.length === node.columns.length) return node
  note(`project leaves out ${namesBeside(node.schema, columns)}`)
  const schema = node.schema.filter(field => columns.some(column => column.name === field.name))
  return projectNode(node.nodeId, node.input, columns, schema)
}

function narrowedAggregate(node: AggregateNode, demand: ReadonlySet<string>, note: Note): AggregateNode {
  const all = node.aggregate.aggregates
  const aggregates = keptAggregates(node, demand)
  if (aggregates.length === all.length) return node
  const dropped = all.filter(call => !aggregates.includes(call)).map(call => call.name)
  const schema = Object.freeze(node.schema.filter(field => !dropped.includes(field.name)))
  note(`aggregate leaves out ${namesBeside(all, aggregates)}`)
  const aggregate = Object.freeze({ ...node.aggregate, aggregates: Object.freeze(aggregates), outputSchema: schema })
  return Object.freeze({ ...node, schema, aggregate })
}

/** Columns of the table that nobody reads are not looked up, nor posted to the workers. */
function narrowedJoin(node: JoinNode, demand: ReadonlySet<string>, note: Note): PlanNode {
  const { join, input } = node
  const columns = join.columns.filter(column => demand.has(column.name))
  if (columns.length === 0 && join.type === 'left' && !canMultiply(join)) {
    note(`left join with table ${join.table.name} changes nothing that is read`)
    return input
  }
  if (columns.length === join.columns.length) return node
  note(`join leaves out ${namesBeside(join.columns, columns)} of table ${join.table.name}`)
  const narrowed = Object.freeze({ ...join, columns: Object.freeze(columns) })
  return Object.freeze({ ...node, join: narrowed, schema: joinedSchema(input.schema, narrowed) })
}

/** Inputs that gave different columns up get a projection to those that are read. */
function narrowedUnion(node: UnionNode, inputs: readonly PlanNode[], demand: ReadonlySet<string>): PlanNode {
  const isSame = inputs.every(input => namesOf(input.schema) === namesOf(inputs[0]!.schema))
  if (isSame) return withInputs(node, inputs)
  const read = atLeastOne(node, demand)
  const schema = node.schema.filter(field => read.has(field.name))
  return withInputs(node, inputs.map(input => exactly(input, schema)))
}

/** All columns of a limit's input would travel to one task. */
function narrowedLimit(node: LimitNode, input: PlanNode, demand: ReadonlySet<string>, note: Note): PlanNode {
  const schema = input.schema.filter(field => demand.has(field.name))
  if (schema.length === 0 || schema.length === input.schema.length) return withInputs(node, [input])
  note(`limit takes ${schema.map(field => field.name).join(', ')} only`)
  return withInputs(node, [exactly(input, schema)])
}

/** The input with exactly these of its columns. */
function exactly(input: PlanNode, schema: Schema): PlanNode {
  if (namesOf(input.schema) === namesOf(schema)) return input
  const columns = schema.map(({ name, type }) => {
    const expression: Expression = Object.freeze({ kind: 'column', name, type })
    return Object.freeze({ name, expression })
  })
  return projectNode(input.nodeId, input, columns, schema)
}

function namesOf(schema: Schema): string {
  return JSON.stringify(schema.map(field => field.name))
}

function namesBeside(all: readonly { readonly name: string }[], kept: readonly { readonly name: string }[]): string {
  return all.filter(({ name }) => !kept.some(other => other.name === name)).map(({ name }) => name).join(', ')
}
