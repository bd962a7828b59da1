/**
 * How the rows of an aggregation merge: for each aggregate the operations on its state words.
 * Invariant: merging rows gives the state that their rows would have given, up to the rounding of floats; operations that read
 * seen bits come before those that set them for all.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import * as R from '../../assembly/portable/group-rows.js'
import type { ColumnType } from '../data/schema.js'
import { isWideSum, type AggregateLayout, type AggregateState } from './aggregate-layout.js'

/** `offset` and `bit` count from the state row. */
export interface MergeOperation {
  readonly op: number
  readonly offset: number
  readonly bit: number
}

/** All operations of a row, in their order. */
export function mergesOf({ states }: AggregateLayout): MergeOperation[] {
  const merges = states.flatMap(mergesOfState)
  const words = Math.ceil(states.length / 64)
  return [...merges, ...Array.from({ length: words }, (_, word) => ({ op: R.MERGE_SEEN, offset: word * 8, bit: 0 }))]
}

function mergesOfState({ call, offset, bit, finalRead }: AggregateState): MergeOperation[] {
  const one = (op: number): MergeOperation[] => [{ op, offset, bit }]
  switch (call.fn) {
    case 'count': case 'countIf': return one(R.MERGE_ADD_F64)
    case 'avg': return [...one(R.MERGE_ADD_F64), { op: R.MERGE_ADD_F64, offset: offset + 8, bit }]
    case 'sum':
      if (isWideSum(call)) return one(R.MERGE_ADD_I128)
      return one(finalRead === O.READ_F64 ? R.MERGE_ADD_F64 : R.MERGE_ADD_I64)
    case 'variance': case 'stddev': case 'variancePopulation': case 'stddevPopulation': return one(R.MERGE_VARIANCE)
    case 'first': return one(R.MERGE_FIRST)
    case 'last': return one(R.MERGE_LAST)
    case 'min': case 'every': return one(byOrder(call.type, R.MERGE_MIN_F64, R.MERGE_MIN_I64, R.MERGE_MIN_UTF8))
    case 'max': case 'any': return one(byOrder(call.type, R.MERGE_MAX_F64, R.MERGE_MAX_I64, R.MERGE_MAX_UTF8))
    case 'minBy': return one(byOrder(call.args[1]!.type, R.MERGE_MIN_BY_F64, R.MERGE_MIN_BY_I64, R.MERGE_MIN_BY_UTF8))
    case 'maxBy': return one(byOrder(call.args[1]!.type, R.MERGE_MAX_BY_F64, R.MERGE_MAX_BY_I64, R.MERGE_MAX_BY_UTF8))
  }
}

function byOrder(type: ColumnType, f64: number, i64: number, utf8: number): number {
  if (type === 'utf8') return utf8
  return type === 'f64' || type === 'f32' || type === 'timestamp' ? f64 : i64
}
