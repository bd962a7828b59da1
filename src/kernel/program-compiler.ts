/**
 * A branch of a stage to a program: its steps in order, then its terminal. Happens once, on the page, when the plan is opened.
 * Invariant: what a step computes is emitted before the effect that reads it; effects keep the order of the steps.
 */
import { FIGURE_FILTERED, FIGURE_LATE, FIGURE_NULL_TIME, FIGURE_UNCOUNTED } from '../../assembly/portable/layout.js'
import { OP_FILTER, OP_KEEP_IN_TIME, OP_KEEP_TIMED, OP_LIMIT, OP_MAX_TIME, OP_SAMPLE } from '../../assembly/portable/opcodes.js'
import type { Schema } from '../data/schema.js'
import type { Expression } from '../plan/expression.js'
import { isOn, type FastPaths } from '../plan/fast-path.js'
import type { JoinSpec } from '../plan/join.js'
import { checkedLateness, checkedTime } from '../plan/lateness.js'
import type { Branch, DropReason, Step } from '../plan/stage.js'
import { emitGroupAggregate } from './aggregate-compiler.js'
import { bindTaken, compileJoin, compileMatch } from './join-compiler.js'
import { isWholeMs } from './pane-compiler.js'
import { ProgramBuilder } from './program-builder.js'
import type { CompiledBranch } from './program.js'

const FIGURES: Readonly<Record<DropReason, number>> = { filtered: FIGURE_FILTERED, late: FIGURE_LATE, nullTime: FIGURE_NULL_TIME }

/** 2^32: a sample's threshold is in units of one part of it. */
const HASH_RANGE = 4_294_967_296

/** Bytes of a limit's counter. */
const COUNTER_BYTES = 8

/** The row of the table that a row of the stream has met, in what `compileMatches` collects. */
export const MATCH = '#row'

/** The program of a branch over rows of `inputSchema`; those of `matched` have met a table in column MATCH. */
export function compileBranch(
  inputSchema: Schema, branch: Branch, fastPaths: FastPaths = {}, matched: JoinSpec | null = null,
): CompiledBranch {
  const builder = begin(inputSchema, branch.steps, matched, fastPaths)
  if (branch.terminal.kind === 'aggregate') emitGroupAggregate(builder, branch.terminal.aggregate, fastPaths)
  else {
    // All are computed before the first is collected: what is pure stays together.
    const values = branch.schema.map(field => builder.expression({ kind: 'column', ...field }))
    branch.schema.forEach((field, i) => builder.collect(field, values[i]!))
  }
  builder.endRows()
  return builder.build()
}

/** The program up to a join: collects columns of the stream, and the first row of the table that each row meets. */
export function compileMatches(
  inputSchema: Schema, steps: readonly Step[], matched: JoinSpec | null, join: JoinSpec, kept: Schema, fastPaths: FastPaths = {},
): CompiledBranch {
  const builder = begin(inputSchema, steps, matched, fastPaths)
  const row = compileMatch(builder, join)
  for (const field of kept) builder.collect(field, builder.expression({ kind: 'column', ...field }))
  builder.collect({ name: MATCH, type: 'i32' }, row)
  builder.endRows()
  return builder.build()
}

function begin(
  inputSchema: Schema, steps: readonly Step[], matched: JoinSpec | null, fastPaths: FastPaths,
): ProgramBuilder {
  const builder = new ProgramBuilder(inputSchema)
  if (matched) bindTaken(builder, matched, builder.column(MATCH))
  for (const step of steps) compileStep(builder, step, fastPaths)
  return builder
}

function compileStep(builder: ProgramBuilder, step: Step, fastPaths: FastPaths): void {
  switch (step.kind) {
    case 'project': return builder.project(step.columns)
    case 'filter': {
      const figure = step.reason === null ? FIGURE_UNCOUNTED : FIGURES[step.reason]
      if (isOn(fastPaths, 'timeRanges') && compileTimeCheck(builder, step.predicate, figure)) return
      return builder.emit(OP_FILTER, figure, builder.expression(step.predicate))
    }
    case 'sample': {
      const threshold = builder.constant(step.fraction * HASH_RANGE, 'f64')
      return builder.emit(OP_SAMPLE, 0, builder.sampleKey(step.seed), threshold)
    }
    case 'limit': return builder.emit(OP_LIMIT, 0, builder.buffer(COUNTER_BYTES, step.rows))
    case 'join': return compileJoin(builder, step.join, fastPaths)
    case 'watermark': {
      const time = builder.expression(step.time)
      return builder.emit(OP_MAX_TIME, 0, time, builder.maxTimeSlot(step.watermarkId), builder.timeRange(time))
    }
  }
}

/** The checks before a windowed aggregation, decided for a whole vector where its times allow; false: it is none of them. */
function compileTimeCheck(builder: ProgramBuilder, predicate: Expression, figure: number): boolean {
  const present = checkedTime(predicate)
  if (present) {
    const time = builder.expression(present)
    builder.emit(OP_KEEP_TIMED, figure, time, builder.timeRange(time))
    return true
  }
  const lateness = checkedLateness(predicate)
  if (!lateness || !isWholeMs(lateness.slide) || !isWholeMs(lateness.offset)) return false
  const time = builder.expression(lateness.time)
  const operands = [lateness.slide, lateness.offset, lateness.size, lateness.watermark].map(each => builder.expression(each))
  builder.emit(OP_KEEP_IN_TIME, figure, time, builder.timeRange(time), ...operands)
  return true
}
