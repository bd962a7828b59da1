/**
 * The predicates that stand before a windowed aggregation: rows whose time is no point in time belong to no window, rows whose
 * windows are all closed come too late. The late rows' own stream uses the second one turned round.
 */
import type { Expression, FunctionName } from './expression.js'
import { callOf, castTo } from './function-table.js'
import { literalOf, TIMESTAMP_MAX_MS } from './literal.js'
import type { AggregateSpec, WindowSpec } from './node.js'

/** Keeps rows whose time is a point in time: null, NaN and ±Infinity are not. */
export function hasTime({ time }: WindowSpec): Expression {
  return callOf('and', [
    callOf('ge', [time, literalOf(-TIMESTAMP_MAX_MS, 'timestamp')]),
    callOf('le', [time, literalOf(TIMESTAMP_MAX_MS, 'timestamp')]),
  ])
}

/** What `hasTime` checks, if the predicate is one of its making; else null. */
export function checkedTime(predicate: Expression): Expression | null {
  const [from] = predicate.kind === 'call' && predicate.fn === 'and' ? predicate.args : []
  const [time, least] = from?.kind === 'call' && from.fn === 'ge' ? from.args : []
  return time && least?.kind === 'literal' && least.value === -TIMESTAMP_MAX_MS ? time : null
}

/** Whether rows of the aggregation can be late at all. */
export function canBeLate(spec: AggregateSpec): boolean {
  return spec.window !== null && spec.watermarkIds.length > 0
}

/** End of the last window that covers the row's time, against the watermark of the batch before. */
function lastEndAgainstWatermark(fn: 'gt' | 'le', spec: AggregateSpec, window: WindowSpec): Expression {
  const lastStart = callOf('floorTo', [window.time, literalOf(window.slideMs, 'f64'), literalOf(window.offsetMs, 'f64')])
  const lastEnd = callOf('add', [castTo(lastStart, 'f64'), literalOf(window.sizeMs, 'f64')])
  const watermark: Expression = Object.freeze({
    kind: 'parameter', name: 'lateWatermarkMs', operatorId: spec.operatorId, type: 'timestamp',
  })
  return callOf(fn, [lastEnd, castTo(watermark, 'f64')])
}

/** What `isInTime` compares. */
export interface LatenessCheck {
  readonly time: Expression
  readonly slide: Expression
  readonly offset: Expression
  readonly size: Expression
  readonly watermark: Expression
}

/** What `isInTime` compares, if the predicate is one of its making; else null. */
export function checkedLateness(predicate: Expression): LatenessCheck | null {
  const [lastEnd, watermark] = argumentsOf(predicate, 'gt')
  const [lastStart, size] = argumentsOf(lastEnd, 'add')
  const [time, slide, offset] = argumentsOf(lastStart?.kind === 'cast' ? lastStart.arg : undefined, 'floorTo')
  if (!time || !slide || !offset || !size || watermark?.kind !== 'cast' || watermark.arg.kind !== 'parameter') return null
  return { time, slide, offset, size, watermark: watermark.arg }
}

function argumentsOf(expression: Expression | undefined, fn: FunctionName): readonly (Expression | undefined)[] {
  return expression?.kind === 'call' && expression.fn === fn ? expression.args : []
}

/** Keeps rows that some open window covers. */
export function isInTime(spec: AggregateSpec, window: WindowSpec): Expression {
  return lastEndAgainstWatermark('gt', spec, window)
}

/** Keeps rows whose windows are all closed. */
export function isLate(spec: AggregateSpec, window: WindowSpec): Expression {
  return lastEndAgainstWatermark('le', spec, window)
}
