// Instructions with an effect, on the selected rows: narrowing the selection, collecting output columns, counts. Those of event
// times are in event-time.ts.
import { runCollect } from './collect'
import { writeCompared } from './compare'
import { findTimeRange, runTimeCheck } from './event-time'
import { mixHash, hashWord } from './hash'
import {
  FIGURE_FILTERED, FIGURE_ROWS_OUT, FRAME_FIRST_ORDINAL, FRAME_OUTPUT_ROWS, FRAME_SELECTION, FRAME_SELECTION_COUNT,
  FRAME_VECTOR_START,
} from './portable/layout'
import {
  OP_COLLECT, OP_END_ROWS, OP_FILTER, OP_FILTER_COMPARED, OP_FILTER_VALID, OP_LIMIT, OP_SAMPLE, OP_TIME_RANGE,
} from './portable/opcodes'
import { bytesOf, keepRows } from './selection'
import {
  addFigure, isValid, numberC, numberDst, operandA, operandB, rowsOf, selectedRows, validityOf, valuesOf,
} from './vector'

export function runEffect(frame: usize, instruction: usize, op: i32): void {
  const before = selectedRows(frame)
  const a = operandA(frame, instruction)
  switch (op) {
    case OP_FILTER: return keepRows(frame, valuesOf(a), validityOf(a), 0, numberDst(instruction))
    case OP_FILTER_COMPARED: {
      const b = operandB(frame, instruction)
      writeCompared(numberC(instruction), a, b, bytesOf(frame), rowsOf(frame))
      return keepRows(frame, bytesOf(frame), validityOf(a), validityOf(b), numberDst(instruction))
    }
    case OP_FILTER_VALID: return keepValid(frame, validityOf(a), numberC(instruction) != 0, numberDst(instruction))
    case OP_SAMPLE: return sample(frame, load<i32>(valuesOf(a)), load<f64>(valuesOf(operandB(frame, instruction))))
    case OP_LIMIT: {
      limit(frame, valuesOf(a), before)
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

/** Keeps the rows that are there, or those that are not. */
function keepValid(frame: usize, validity: usize, isWanted: bool, figure: i32): void {
  const bytes = bytesOf(frame)
  for (let row = 0, n = rowsOf(frame); row < n; row++) store<u8>(bytes + row, <u8>(isValid(validity, row) == isWanted))
  keepRows(frame, bytes, 0, 0, figure)
}

function sample(frame: usize, key: i32, threshold: f64): void {
  const bytes = bytesOf(frame)
  const first = <i64>load<f64>(frame, FRAME_FIRST_ORDINAL) + load<i32>(frame, FRAME_VECTOR_START)
  for (let row = 0, n = rowsOf(frame); row < n; row++) {
    store<u8>(bytes + row, <u8>(<f64>mixHash(hashWord(first + row) ^ key) < threshold))
  }
  keepRows(frame, bytes, 0, 0, FIGURE_FILTERED)
}

function limit(frame: usize, remaining: usize, before: i32): void {
  const kept = <i32>min<f64>(load<f64>(remaining), <f64>before)
  store<f64>(remaining, load<f64>(remaining) - <f64>kept)
  if (kept == before) return
  const selection = <usize>load<u32>(frame, FRAME_SELECTION)
  if (load<i32>(frame, FRAME_SELECTION_COUNT) < 0) for (let i = 0; i < kept; i++) store<u16>(selection + (<usize>i << 1), <u16>i)
  store<i32>(frame, kept, FRAME_SELECTION_COUNT)
}
