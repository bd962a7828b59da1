/**
 * How the rows of an aggregation merge: for each aggregate the operations on its state words.
 * Invariant: merging rows gives the state that their rows would have given, up to the rounding of floats; operations that read
 * seen bits come before those that set them for all.
 */
import * as R from '../../assembly/portable/group-rows.js'
import type { ColumnType } from '../data/schema.js'
import type { AggregateLayout, AggregateState } from './aggregate-layout.js'

const WORD_BYTES = 8

/** `offset` and `bit` count from the state row. */
export interface MergeOperation {
  readonly op: number
  readonly offset: number
  readonly bit: number
}

/** All operations of a row, in their order. */
export function mergesOf({ states, statistics, seenBytes }: AggregateLayout): MergeOperation[] {
  return [
    ...statistics.map(({ flags, offset }) => ({ op: R.MERGE_STATISTICS + flags, offset, bit: 0 })),
    ...states.flatMap(mergesOfState),
    ...Array.from({ length: seenBytes / WORD_BYTES }, (_, word) => ({ op: R.MERGE_SEEN, offset: word * WORD_BYTES, bit: 0 })),
  ]
}

function mergesOfState({ call, offset, bit, wordTypes }: AggregateState): MergeOperation[] {
  // What has no words of its own is in statistics.
  if (wordTypes.length === 0) return []
  const one = (op: number): MergeOperation[] => [{ op, offset, bit }]
  switch (call.fn) {
    case 'count': case 'countIf': return one(R.MERGE_ADD_F64)
    case 'sum': return one(R.MERGE_ADD_I128)
    case 'first': return one(R.MERGE_FIRST)
    case 'last': return one(R.MERGE_LAST)
    case 'min': case 'every': return one(call.type === 'utf8' ? R.MERGE_MIN_UTF8 : R.MERGE_MIN_I64)
    case 'max': case 'any': return one(call.type === 'utf8' ? R.MERGE_MAX_UTF8 : R.MERGE_MAX_I64)
    case 'minBy': return one(byOrder(call.args[1]!.type, R.MERGE_MIN_BY_F64, R.MERGE_MIN_BY_I64, R.MERGE_MIN_BY_UTF8))
    case 'maxBy': return one(byOrder(call.args[1]!.type, R.MERGE_MAX_BY_F64, R.MERGE_MAX_BY_I64, R.MERGE_MAX_BY_UTF8))
    default: return []
  }
}

function byOrder(type: ColumnType, f64: number, i64: number, utf8: number): number {
  if (type === 'utf8') return utf8
  return type === 'f64' || type === 'f32' || type === 'timestamp' ? f64 : i64
}
