/**
 * How rules change a plan: from the sources up, each node once however many outputs share it, so that what was shared stays
 * shared.
 * Invariant: a node whose inputs and self are unchanged is the same object afterwards.
 */
import { assert } from '../base/errors.js'
import type { Schema } from '../data/schema.js'
import type { AggregateCall, Expression } from './expression.js'
import { joinedSchema, type JoinSpec } from './join.js'
import type { AggregateSpec, Output, PlanNode, ProjectNode } from './node.js'

/** One rule of the optimizer. `note` is told each change, as a line for `explain`. */
export interface Rule {
  readonly name: string
  apply(outputs: readonly Output[], note: (change: string) => void): readonly Output[]
}

/** A rule that looks at one node at a time, after its inputs. */
export function nodeRule(name: string, change: (node: PlanNode, note: (change: string) => void) => PlanNode): Rule {
  return Object.freeze({
    name,
    apply: (outputs: readonly Output[], note: (change: string) => void) => rewriteOutputs(outputs, node => change(node, note)),
  })
}

/** The outputs with `change` applied to every node, inputs first. */
export function rewriteOutputs(outputs: readonly Output[], change: (node: PlanNode) => PlanNode): readonly Output[] {
  const done = new Map<PlanNode, PlanNode>()
  const rewrite = (node: PlanNode): PlanNode => {
    const known = done.get(node)
    if (known) return known
    const result = change(withInputs(node, inputsOf(node).map(rewrite)))
    done.set(node, result)
    return result
  }
  return outputs.map(output => {
    const node = rewrite(output.node)
    return node === output.node ? output : Object.freeze({ ...output, node })
  })
}

export function inputsOf(node: PlanNode): readonly PlanNode[] {
  if (node.kind === 'source') return []
  return node.kind === 'union' ? node.inputs : [node.input]
}

/** The node over other inputs; where it passes its input's columns on it takes their schema. */
export function withInputs(node: PlanNode, inputs: readonly PlanNode[]): PlanNode {
  if (inputsOf(node).every((input, i) => input === inputs[i])) return node
  const [input] = inputs
  assert(input, `node ${node.nodeId} has lost its input`)
  switch (node.kind) {
    case 'source': return node
    case 'union': return Object.freeze({ ...node, inputs: Object.freeze(inputs), schema: input.schema })
    case 'project': case 'aggregate': return Object.freeze({ ...node, input })
    case 'join': return Object.freeze({ ...node, input, schema: joinedSchema(input.schema, node.join) })
    case 'lateRows': {
      assert(input.kind === 'aggregate', 'late rows have lost their aggregation')
      return Object.freeze({ ...node, input, schema: input.input.schema })
    }
    default: return Object.freeze({ ...node, input, schema: input.schema })
  }
}

/** A projection with the identity of `like`, for columns that a rule has put together. */
export function projectNode(nodeId: number, input: PlanNode, columns: ProjectNode['columns'], schema: Schema): ProjectNode {
  return Object.freeze({ kind: 'project', nodeId, input, columns: Object.freeze(columns), schema: Object.freeze(schema) })
}

/** The expression with `change` applied to every part, innermost first; the same object where nothing changed. */
export function rewriteExpression(expression: Expression, change: (expression: Expression) => Expression): Expression {
  if (expression.kind === 'cast') {
    const arg = rewriteExpression(expression.arg, change)
    return change(arg === expression.arg ? expression : Object.freeze({ ...expression, arg }))
  }
  if (expression.kind === 'call') {
    const args = expression.args.map(arg => rewriteExpression(arg, change))
    const isSame = args.every((arg, i) => arg === expression.args[i])
    return change(isSame ? expression : Object.freeze({ ...expression, args: Object.freeze(args) }))
  }
  return change(expression)
}

/** The specification with `change` applied to every expression that it computes from its input. */
export function rewriteSpec(spec: AggregateSpec, change: (expression: Expression) => Expression): AggregateSpec {
  const keys = spec.keys.map(key => ({ ...key, expression: change(key.expression) }))
  const window = spec.window && { ...spec.window, time: change(spec.window.time) }
  const aggregates = spec.aggregates.map(call => ({
    ...call, args: call.args.map(change), filter: call.filter && change(call.filter),
  }))
  const isSameCall = ({ args, filter }: AggregateCall, before: AggregateCall): boolean =>
    filter === before.filter && args.every((arg, i) => arg === before.args[i])
  const isSame = keys.every((key, i) => key.expression === spec.keys[i]!.expression) && window?.time === spec.window?.time &&
    aggregates.every((call, i) => isSameCall(call, spec.aggregates[i]!))
  return isSame ? spec : Object.freeze({ ...spec, keys, window, aggregates })
}

/** The join with `change` applied to the values that it looks up. */
export function rewriteJoin(join: JoinSpec, change: (expression: Expression) => Expression): JoinSpec {
  const keys = join.keys.map(key => ({ ...key, value: change(key.value) }))
  const isSame = keys.every((key, i) => key.value === join.keys[i]!.value)
  return isSame ? join : Object.freeze({ ...join, keys: Object.freeze(keys.map(key => Object.freeze(key))) })
}
