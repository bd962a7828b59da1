// Instructions with an effect, on the selected rows: narrowing the selection, collecting output columns, counts. Those of event
// times are in event-time.ts.
import { runCollect } from './collect'
import { findTimeRange, runTimeCheck } from './event-time'
import { mixHash, hashWord } from './hash'
import {
  FIGURE_FILTERED, FIGURE_ROWS_OUT, FRAME_FIRST_ORDINAL, FRAME_OUTPUT_ROWS, FRAME_SELECTION, FRAME_SELECTION_COUNT,
  FRAME_VECTOR_START,
} from './portable/layout'
import { OP_COLLECT, OP_END_ROWS, OP_FILTER, OP_FILTER_VALID, OP_LIMIT, OP_SAMPLE, OP_TIME_RANGE } from './portable/opcodes'
import { selectTrue, selectValid } from './selection'
import { addFigure, numberB, numberC, operandA, operandB, selectedRows, valuesOf } from './vector'

export function runEffect(frame: usize, instruction: usize, op: i32): void {
  const before = selectedRows(frame)
  switch (op) {
    case OP_FILTER: {
      selectTrue(frame, operandA(frame, instruction))
      return addFigure(frame, numberB(instruction), before - selectedRows(frame))
    }
    case OP_FILTER_VALID: {
      selectValid(frame, operandA(frame, instruction), numberC(instruction) != 0)
      return addFigure(frame, numberB(instruction), before - selectedRows(frame))
    }
    case OP_SAMPLE: {
      sample(frame, load<i32>(valuesOf(operandA(frame, instruction))), load<f64>(valuesOf(operandB(frame, instruction))))
      return addFigure(frame, FIGURE_FILTERED, before - selectedRows(frame))
    }
    case OP_LIMIT: {
      limit(frame, valuesOf(operandA(frame, instruction)), before)
      return addFigure(frame, FIGURE_FILTERED, before - selectedRows(frame))
    }
    case OP_COLLECT: return runCollect(frame, instruction)
    case OP_END_ROWS: {
      store<i32>(frame, load<i32>(frame, FRAME_OUTPUT_ROWS) + before, FRAME_OUTPUT_ROWS)
      return addFigure(frame, FIGURE_ROWS_OUT, before)
    }
    case OP_TIME_RANGE: return findTimeRange(frame, instruction)
    default: return runTimeCheck(frame, instruction, op)
  }
}

/** Row number of the i-th selected row; `count` is FRAME_SELECTION_COUNT. */
// @ts-ignore: decorator
@inline
function selectedRow(selection: usize, count: i32, i: i32): i32 {
  return count < 0 ? i : <i32>load<u16>(selection + (<usize>i << 1))
}

function sample(frame: usize, key: i32, threshold: f64): void {
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  const count = load<i32>(frame, FRAME_SELECTION_COUNT)
  const n = selectedRows(frame)
  const first = <i64>load<f64>(frame, FRAME_FIRST_ORDINAL) + load<i32>(frame, FRAME_VECTOR_START)
  let kept = 0
  for (let i = 0; i < n; i++) {
    const row = selectedRow(selection, count, i)
    store<u16>(selection + (<usize>kept << 1), <u16>row)
    if (<f64>mixHash(hashWord(first + row) ^ key) < threshold) kept++
  }
  store<i32>(frame, kept, FRAME_SELECTION_COUNT)
}

function limit(frame: usize, remaining: usize, before: i32): void {
  const kept = <i32>min<f64>(load<f64>(remaining), <f64>before)
  store<f64>(remaining, load<f64>(remaining) - <f64>kept)
  if (kept == before) return
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  if (load<i32>(frame, FRAME_SELECTION_COUNT) < 0) for (let i = 0; i < kept; i++) store<u16>(selection + (<usize>i << 1), <u16>i)
  store<i32>(frame, kept, FRAME_SELECTION_COUNT)
}
