/**
 * Event time of a running query: what each batch showed of it, and the watermarks that the next batch runs by. A watermark is the
 * largest event time seen less its delay; an operator's is the smallest of its inputs', less the operator's lag.
 * Invariants: watermarks never go back; a batch's watermarks come from earlier batches alone (Structured Streaming's
 * two-watermark
 * rule: batch N drops by the one of N−1 and closes by that of N).
 */
import type { AggregateSpec } from '../plan/node.js'
import { closesWindow } from '../plan/pane.js'
import type { PhysicalPlan, PhysicalWatermark } from '../plan/stage.js'
import type { OperatorWatermarks } from '../plan/task.js'

interface InputState {
  readonly watermark: PhysicalWatermark
  /** Largest event time seen less the delay; −Infinity before any. */
  seenMs: number
  /** Batch time at which event times were last seen; the start of the query before any. */
  activeMs: number
}

interface OperatorState {
  readonly aggregate: AggregateSpec
  readonly inputs: readonly InputState[]
  /** Its windows close: it keeps state from batch to batch, and not for ever as in complete mode. */
  readonly closes: boolean
  lateMs: number
  closeMs: number
}

export class WatermarkTracker {
  readonly #inputs = new Map<number, InputState>()
  readonly #operators: OperatorState[]
  readonly #endedSources = new Set<number>()
  #currentMs = -Infinity

  constructor(plan: PhysicalPlan, startMs: number) {
    for (const watermark of plan.watermarks) this.#inputs.set(watermark.watermarkId,
      { watermark, seenMs: -Infinity, activeMs: startMs })
    this.#operators = aggregatesOf(plan)
      .map(aggregate => ({
        aggregate,
        inputs: aggregate.watermarkIds.flatMap(id => this.#inputs.get(id) ?? []),
        closes: closesWindows(plan, aggregate), lateMs: -Infinity, closeMs: -Infinity,
      }))
  }

  /** Takes what the tasks of a completed batch reported: the largest event time per watermark. */
  observe(batchTimeMs: number, maxEventTimesMs: Iterable<Readonly<Record<number, number>>>): void {
    for (const byWatermark of maxEventTimesMs) {
      for (const [watermarkId, maxMs] of Object.entries(byWatermark)) {
        const input = this.#inputs.get(Number(watermarkId))
        if (!input) continue
        input.seenMs = Math.max(input.seenMs, maxMs - input.watermark.delayMs)
        input.activeMs = Math.max(input.activeMs, batchTimeMs)
      }
    }
  }

  /** A bounded source has ended and its last row was in a completed batch: it holds nothing back any more. */
  endSource(sourceId: number): void {
    this.#endedSources.add(sourceId)
  }

  /**
   * What the next batch drops late rows by, by operatorId: the times by which the one in force closes. Known while that one still
   * reads; nothing is closed by them.
   */
  ahead(): Readonly<Record<number, OperatorWatermarks>> {
    return Object.fromEntries(this.#operators.map(({ aggregate: { operatorId }, closeMs }) =>
      [operatorId, { lateWatermarkMs: closeMs, closeWatermarkMs: closeMs }]))
  }

  /** Puts the next batch's watermarks in force and gives them, by operatorId. */
  advance(batchTimeMs: number): Readonly<Record<number, OperatorWatermarks>> {
    const result: Record<number, OperatorWatermarks> = {}
    // Of inputs, not of operators: a lag is none of the reader's business. Once all have ended it shows how far they came.
    const inputs = [...this.#inputs.values()]
    const furthestMs = Math.max(...inputs.map(input => input.seenMs))
    this.#currentMs = Math.max(this.#currentMs, Math.min(furthestMs, this.#smallest(inputs, batchTimeMs)))
    for (const operator of this.#operators) {
      operator.lateMs = operator.closeMs
      operator.closeMs = this.#next(operator, batchTimeMs)
      result[operator.aggregate.operatorId] = { lateWatermarkMs: operator.lateMs, closeWatermarkMs: operator.closeMs }
    }
    return result
  }

  /**
   * Whether a batch without rows, run at this time, could close a window: the end of one lies between the old and the new
   * watermark.
   */
  canClose(nowMs: number): boolean {
    return this.#operators.some(operator => {
      const { window } = operator.aggregate
      return window !== null && operator.closes && closesWindow(window, operator.closeMs, this.#next(operator, nowMs))
    })
  }

  /** When, without any event, an input's idle timeout will next pass; null: never. */
  nextIdleMs(nowMs: number): number | null {
    let next = Infinity
    for (const { watermark, activeMs } of this.#inputs.values()) {
      const idleMs = watermark.idleTimeoutMs === null ? Infinity : activeMs + watermark.idleTimeoutMs
      if (idleMs > nowMs) next = Math.min(next, idleMs)
    }
    return next === Infinity ? null : next
  }

  /**
   * The smallest watermark that the last batch ran by, for the progress; null where the plan has none or no event was seen
   * before it.
   */
  get currentMs(): number | null {
    return Number.isFinite(this.#currentMs) ? this.#currentMs : null
  }

  #next({ aggregate, inputs, closeMs }: OperatorState, nowMs: number): number {
    if (inputs.length === 0) return -Infinity
    return Math.max(closeMs, this.#smallest(inputs, nowMs) - aggregate.watermarkLagMs)
  }

  /** The watermark of several inputs together; +Infinity once all of them have ended. */
  #smallest(inputs: readonly InputState[], nowMs: number): number {
    let smallestMs = Infinity
    let furthestMs = -Infinity
    let areIdle = true
    let haveEnded = true
    for (const input of inputs) {
      const { watermark: { sourceIds }, seenMs } = input
      if (sourceIds.every(id => this.#endedSources.has(id))) continue
      haveEnded = false
      furthestMs = Math.max(furthestMs, seenMs)
      if (isIdle(input, nowMs)) continue
      areIdle = false
      smallestMs = Math.min(smallestMs, seenMs)
    }
    // Where every input is idle none holds another back, so the furthest one counts (as in Flink).
    return areIdle && !haveEnded ? furthestMs : smallestMs
  }
}

function isIdle({ watermark, activeMs }: InputState, nowMs: number): boolean {
  return watermark.idleTimeoutMs !== null && nowMs - activeMs >= watermark.idleTimeoutMs
}

function closesWindows(plan: PhysicalPlan, { operatorId, scope }: AggregateSpec): boolean {
  return scope === 'stream' && plan.stages.some(({ input }) =>
    input.kind === 'aggregate' && input.aggregate.operatorId === operatorId && input.mode !== 'complete')
}

function aggregatesOf(plan: PhysicalPlan): AggregateSpec[] {
  const found = new Map<number, AggregateSpec>()
  for (const { input, branches } of plan.stages) {
    if (input.kind === 'aggregate') found.set(input.aggregate.operatorId, input.aggregate)
    for (const { terminal } of branches) {
      if (terminal.kind === 'aggregate') found.set(terminal.aggregate.operatorId, terminal.aggregate)
    }
  }
  return [...found.values()]
}
