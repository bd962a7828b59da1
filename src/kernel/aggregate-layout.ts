/**
 * How the groups of an aggregation lie in memory and travel: the words of each aggregate's state. Partial rows, shuffle blocks,
 * the state store's rows and its snapshots are all the same: a key row and a state row.
 * Invariant: a function of the aggregation alone, so that every worker and every snapshot agree.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import { assert } from '../base/errors.js'
import type { ColumnType } from '../data/schema.js'
import type { AggregateCall } from '../plan/expression.js'
import type { AggregateSpec } from '../plan/node.js'

const WORD_BYTES = 8

/** A word of a state. */
export interface StateField {
  readonly name: string
  readonly type: ColumnType
  /** READ_…: how the word is read. */
  readonly read: number
  /** Offset in the state row. */
  readonly offset: number
  /** Seen bit, or NO_BIT where the field is never null. */
  readonly bit: number
}

/** One aggregate's place in a state row. */
export interface AggregateState {
  readonly call: AggregateCall
  readonly offset: number
  readonly bit: number
  readonly fields: readonly StateField[]
  /** How its final value is read. */
  readonly finalRead: number
}

/** Where everything lies. */
export interface AggregateLayout {
  readonly keyTypes: readonly ColumnType[]
  readonly hasPane: boolean
  readonly stateBytes: number
  readonly states: readonly AggregateState[]
}

/** What a field holds: its part's name, its type, and whether it is null for a group that has seen nothing. */
type FieldShape = readonly [part: string, type: ColumnType, isNullable: boolean]

function shapesOf(call: AggregateCall): readonly FieldShape[] {
  switch (call.fn) {
    case 'count': case 'countIf': return [['n', 'f64', false]]
    case 'sum':
      if (call.type === 'f64') return [['sum', 'f64', true]]
      return isWideSum(call) ? [['low', 'i64', true], ['high', 'i64', true]] : [['sum', 'i64', true]]
    case 'avg': return [['sum', 'f64', false], ['n', 'f64', false]]
    case 'variance': case 'stddev': case 'variancePopulation': case 'stddevPopulation':
      return [['n', 'f64', false], ['mean', 'f64', false], ['m2', 'f64', false]]
    case 'minBy': case 'maxBy': return [['value', call.type, true], ['by', call.args[1]!.type, true]]
    case 'min': case 'max': case 'first': case 'last': case 'any': case 'every': return [['value', call.type, true]]
  }
}

/** Sums of i64 are kept in 128 bits, so that they are null only if the whole sum does not fit; those of i32 cannot overflow. */
export function isWideSum({ fn, args }: AggregateCall): boolean {
  const arg = args[0]
  const isFromI32 = arg?.type === 'i32' || (arg?.kind === 'cast' && arg.arg.type === 'i32')
  return fn === 'sum' && arg?.type !== 'f64' && !isFromI32
}

const READ_BY_TYPE: Readonly<Record<ColumnType, number>> = {
  bool: O.READ_BOOL, i32: O.READ_I32, utf8: O.READ_I32, i64: O.READ_I64, f32: O.READ_F32, f64: O.READ_F64, timestamp: O.READ_F64,
}

/** How a word is read as a column of `type`. */
export function readOf(type: ColumnType): number {
  return READ_BY_TYPE[type]
}

function finalReadOf(call: AggregateCall): number {
  switch (call.fn) {
    case 'avg': return O.READ_AVG
    case 'variance': return O.READ_VARIANCE
    case 'stddev': return O.READ_STDDEV
    case 'variancePopulation': return O.READ_VARIANCE_POPULATION
    case 'stddevPopulation': return O.READ_STDDEV_POPULATION
    case 'sum': return isWideSum(call) ? O.READ_SUM_I128 : readOf(call.type)
    default: return readOf(call.type)
  }
}

/** Words of a state in memory: a variance has one more than it has fields while rows are added. */
function wordsOf(call: AggregateCall): number {
  const numFields = shapesOf(call).length
  return finalReadOf(call) >= O.READ_VARIANCE ? numFields + 1 : numFields
}

/** Lays out the groups of an aggregation; a function of the spec alone, so that every worker and every snapshot agree. */
export function aggregateLayout(spec: AggregateSpec): AggregateLayout {
  const seenBytes = Math.ceil(spec.aggregates.length / 64) * WORD_BYTES
  let offset = seenBytes
  const states = spec.aggregates.map((call, bit): AggregateState => {
    const start = offset
    offset += wordsOf(call) * WORD_BYTES
    const fields = shapesOf(call).map(([part, type, isNullable], word): StateField => ({
      name: `${call.name}:${part}`, type, read: readOf(type), offset: start + word * WORD_BYTES, bit: isNullable ? bit : O.NO_BIT,
    }))
    return { call, offset: start, bit, fields, finalRead: finalReadOf(call) }
  })
  assert(offset < 65_536, `${spec.aggregates.length} aggregates need ${offset} bytes of state per group; there is room for 65535`)
  return Object.freeze({
    keyTypes: spec.keys.map(({ expression }) => expression.type),
    hasPane: spec.window !== null,
    stateBytes: offset,
    states,
  })
}
