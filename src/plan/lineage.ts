/**
 * Which columns of a node are event time: declared by `withWatermark`, or the window of an earlier aggregation, and carried along
 * unchanged since. An aggregation may only close windows over such a column, by the watermarks named here.
 * Invariant: no later row of the node has a value ≤ (smallest of those watermarks − lagMs), unless it is late.
 */
import type { Expression } from './expression.js'
import type { AggregateNode, PlanNode, ProjectNode, UnionNode, WindowSpec } from './node.js'

export interface EventTime {
  readonly watermarkIds: readonly number[]
  /** How far the values may lie behind the watermark: a window's start comes out `sizeMs` after the fact. */
  readonly lagMs: number
  /** Set on the start of a window: which windows they are. */
  readonly window: Pick<WindowSpec, 'sizeMs' | 'slideMs' | 'offsetMs'> | null
}

export type EventTimes = ReadonlyMap<string, EventTime>

/** The event-time columns of what `node` gives. */
export function eventTimesOf(node: PlanNode): EventTimes {
  switch (node.kind) {
    case 'source': return new Map()
    case 'project': return ofProject(node)
    case 'filter': case 'sample': case 'limit': case 'join': return eventTimesOf(node.input)
    case 'watermark': {
      const declared: EventTime = { watermarkIds: [node.watermarkId], lagMs: 0, window: null }
      return new Map(eventTimesOf(node.input)).set(node.column, declared)
    }
    case 'union': return ofUnion(node)
    case 'aggregate': return ofAggregate(node)
    case 'lateRows': return new Map()
  }
}

/** The event time that an expression carries unchanged, or null. */
export function eventTimeOf(node: PlanNode, expression: Expression): EventTime | null {
  return expression.kind === 'column' ? eventTimesOf(node).get(expression.name) ?? null : null
}

function ofProject(node: ProjectNode): EventTimes {
  const input = eventTimesOf(node.input)
  const passed = node.columns.flatMap(({ name, expression }) => {
    const time = expression.kind === 'column' ? input.get(expression.name) : undefined
    return time ? [[name, time] as const] : []
  })
  return new Map(passed)
}

/** A column is event time of a union if it is so in every input; the smallest watermark and the largest lag count. */
function ofUnion(node: UnionNode): EventTimes {
  const [first, ...others] = node.inputs.map(eventTimesOf)
  const merged = new Map(first)
  for (const other of others) {
    for (const [name, time] of merged) {
      const match = other.get(name)
      if (!match) merged.delete(name)
      else merged.set(name, bothOf(time, match))
    }
  }
  return merged
}

function bothOf(a: EventTime, b: EventTime): EventTime {
  const sameWindow = a.window && b.window && a.window.sizeMs === b.window.sizeMs && a.window.slideMs === b.window.slideMs &&
    a.window.offsetMs === b.window.offsetMs
  return {
    watermarkIds: [...new Set([...a.watermarkIds, ...b.watermarkIds])].sort((x, y) => x - y),
    lagMs: Math.max(a.lagMs, b.lagMs),
    window: sameWindow ? a.window : null,
  }
}

/** A window's end is at most the watermark when its row comes out, its start lies `sizeMs` before. */
function ofAggregate(node: AggregateNode): EventTimes {
  const { scope, window, watermarkIds, watermarkLagMs, keys } = node.aggregate
  if (scope === 'batch') {
    const input = eventTimesOf(node.input)
    return new Map(keys.flatMap(({ name, expression }) => {
      const time = expression.kind === 'column' ? input.get(expression.name) : undefined
      return time ? [[name, time] as const] : []
    }))
  }
  if (!window || watermarkIds.length === 0) return new Map()
  const { sizeMs, slideMs, offsetMs } = window
  return new Map<string, EventTime>([
    [`${window.name}.start`, { watermarkIds, lagMs: watermarkLagMs + sizeMs, window: { sizeMs, slideMs, offsetMs } }],
    [`${window.name}.end`, { watermarkIds, lagMs: watermarkLagMs, window: null }],
  ])
}
