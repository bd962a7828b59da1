// Group instructions: from the vector's rows to group ids, then one update of the groups' states per aggregate.
// Invariant: rows are taken one by one in the data's order, in every build, so that floats add up to the same bits everywhere.
import { takeAdded } from './direct-groups'
import { findGroups } from './group-find'
import { bitAt, registerAt, rowAt, selectedCount, selectedRows } from './group-keys'
import { findOnlyGroup, hasOnlyGroup } from './group-table'
import {
  addI128, countRows, extremeByF64, extremeByI64, extremeByText, extremeI64, extremeText, keepFirst, keepLast,
} from './group-updates'
import { wordsOf } from './group-values'
import * as O from './portable/group-opcodes'
import {
  FRAME_GROUP_TABLE, GROUP_HAS_UNBEGUN, GROUP_VECTORS, GROUP_VECTOR_STATES, GROUP_VECTOR_OTHERS, GROUP_VECTOR_PICKED_STATES,
  GROUP_VECTOR_PICKED_ROWS, GROUP_VECTOR_VALUES, REGISTER_VALIDITY, REGISTER_VALUES,
} from './portable/layout'
import { addStatistics } from './statistics'

// What `pick` found: the rows that the aggregate sees, as addresses of state rows and argument words side by side.
let pickedCount: i32 = 0
let pickedStates: usize = 0
let pickedValues: usize = 0
let pickedOthers: usize = 0

/** Runs one instruction with an opcode ≥ GROUP_OPCODE_FIRST on the frame's current vector and group table. */
export function runGroupInstruction(frame: usize, instruction: usize): void {
  const table = <usize>load<u32>(frame, FRAME_GROUP_TABLE)
  const op = <u32>load<u16>(instruction)
  if (op >= <u32>O.AGGREGATE_COUNT) {
    runUpdate(frame, table, instruction, op)
    return
  }
  switch (op) {
    case O.GROUP_FIND: findGroups(frame, table, instruction); break
    case O.GROUP_ALL: findOnlyGroup(table); break
    // Keys and pane are read by GROUP_FIND.
    default: break
  }
}

function runUpdate(frame: usize, table: usize, instruction: usize, op: u32): void {
  const offset = <usize>load<u16>(instruction, 2)
  const bit = <u32>load<u16>(instruction, 10)
  const isPlain = load<u16>(instruction, 4) == O.NO_REGISTER && load<u16>(instruction, 8) == O.NO_REGISTER
  if (takeAdded()) return
  if (op == O.AGGREGATE_COUNT && isPlain) return countSelected(frame, table, offset)
  pick(frame, table, instruction, op == O.AGGREGATE_STATISTICS ? <usize>load<u16>(instruction, 14) : O.NO_REGISTER)
  const n = pickedCount
  const states = pickedStates
  const values = pickedValues
  const others = pickedOthers
  switch (op) {
    case O.AGGREGATE_COUNT: countRows(offset, states, n); break
    case O.AGGREGATE_SUM_I128: addI128(offset, bit, states, values, n); break
    case O.AGGREGATE_STATISTICS: addStatistics(table, bit, offset, states, values, n); break
    case O.AGGREGATE_FIRST: keepFirst(offset, bit, states, values, n); break
    case O.AGGREGATE_LAST: keepLast(offset, bit, states, values, n); break
    case O.AGGREGATE_MIN_I64: extremeI64(offset, bit, states, values, n, false); break
    case O.AGGREGATE_MIN_UTF8: extremeText(table, offset, bit, states, values, n, false); break
    case O.AGGREGATE_MAX_I64: extremeI64(offset, bit, states, values, n, true); break
    case O.AGGREGATE_MAX_UTF8: extremeText(table, offset, bit, states, values, n, true); break
    case O.AGGREGATE_MIN_BY_F64: extremeByF64(offset, bit, states, values, others, n, false); break
    case O.AGGREGATE_MIN_BY_I64: extremeByI64(offset, bit, states, values, others, n, false); break
    case O.AGGREGATE_MIN_BY_UTF8: extremeByText(table, offset, bit, states, values, others, n, false); break
    case O.AGGREGATE_MAX_BY_F64: extremeByF64(offset, bit, states, values, others, n, true); break
    case O.AGGREGATE_MAX_BY_I64: extremeByI64(offset, bit, states, values, others, n, true); break
    case O.AGGREGATE_MAX_BY_UTF8: extremeByText(table, offset, bit, states, values, others, n, true); break
    default: unreachable()
  }
}

/** Counts every selected row: there is nothing to pick by. */
function countSelected(frame: usize, table: usize, offset: usize): void {
  const states = <usize>load<u32>(table, GROUP_VECTORS) + GROUP_VECTOR_STATES
  const rows = selectedRows(frame)
  const n = selectedCount(frame)
  if (hasOnlyGroup(table)) {
    const at = <usize>load<u32>(states) + offset
    store<f64>(at, load<f64>(at) + n)
    return
  }
  for (let i = 0; i < n; i++) {
    const at = <usize>load<u32>(states + (rowAt(rows, i) << 2)) + offset
    store<f64>(at, load<f64>(at) + 1)
  }
}

/**
 * Lists the selected rows whose arguments are there and whose filter is true, and lays their arguments side by side.
 * @param counts offset of an f64 of the state row that counts the others of which the filter is true, or NO_REGISTER.
 */
function pick(frame: usize, table: usize, instruction: usize, counts: usize): void {
  const vectors = <usize>load<u32>(table, GROUP_VECTORS)
  const a = <u32>load<u16>(instruction, 4)
  const b = <u32>load<u16>(instruction, 6)
  const filter = <u32>load<u16>(instruction, 8)
  const validA = validityOf(frame, a)
  const validB = validityOf(frame, b)
  let rows = selectedRows(frame)
  pickedCount = selectedCount(frame)
  pickedStates = vectors + GROUP_VECTOR_STATES
  if (validA || validB || filter != O.NO_REGISTER) {
    const n = pickedCount
    const isTrue: usize = filter == O.NO_REGISTER ? 0 : <usize>load<u32>(registerAt(frame, filter), REGISTER_VALUES)
    const validFilter = validityOf(frame, filter)
    const newRows = vectors + GROUP_VECTOR_PICKED_ROWS
    const newStates = vectors + GROUP_VECTOR_PICKED_STATES
    let count = 0
    for (let i = 0; i < n; i++) {
      const row = rowAt(rows, i)
      if (isTrue && (!load<u8>(isTrue + row) || validFilter && !bitAt(validFilter, row))) continue
      if (validA && !bitAt(validA, row) || validB && !bitAt(validB, row)) {
        if (counts != O.NO_REGISTER) {
          const at = <usize>load<u32>(pickedStates + (row << 2)) + counts
          store<f64>(at, load<f64>(at) + 1)
        }
        continue
      }
      store<u16>(newRows + (<usize>count << 1), <u16>row)
      store<u32>(newStates + (<usize>count << 2), load<u32>(pickedStates + (row << 2)))
      count++
    }
    if (count < n) store<u32>(table, 1, GROUP_HAS_UNBEGUN)
    rows = newRows
    pickedStates = newStates
    pickedCount = count
  } else if (rows && !hasOnlyGroup(table)) {
    const newStates = vectors + GROUP_VECTOR_PICKED_STATES
    for (let i = 0; i < pickedCount; i++) {
      store<u32>(newStates + (<usize>i << 2), load<u32>(pickedStates + (rowAt(rows, i) << 2)))
    }
    pickedStates = newStates
  }
  const n = pickedCount
  if (a != O.NO_REGISTER) pickedValues = wordsOf(frame, a, load<u16>(instruction, 12), rows, n, vectors + GROUP_VECTOR_VALUES)
  if (b != O.NO_REGISTER) pickedOthers = wordsOf(frame, b, load<u16>(instruction, 14), rows, n, vectors + GROUP_VECTOR_OTHERS)
}

function validityOf(frame: usize, register: u32): usize {
  return register == O.NO_REGISTER ? 0 : <usize>load<u32>(registerAt(frame, register), REGISTER_VALIDITY)
}
