/**
 * How the groups of an aggregation lie in memory and travel: the words of each aggregate's state. Partial rows, shuffle blocks,
 * the state store's rows and its snapshots are all the same: a key row and a state row.
 * Aggregates that are functions of the same statistics, those of one number under one filter, share them.
 * Invariant: a function of the aggregation alone, so that every worker and every snapshot agree.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import { assert } from '../base/errors.js'
import type { ColumnType } from '../data/schema.js'
import type { AggregateCall, Expression } from '../plan/expression.js'
import type { AggregateSpec } from '../plan/node.js'

const WORD_BYTES = 8

/** The statistics of one number: assembly/statistics.ts. */
export interface Statistics {
  readonly argument: Expression
  readonly filter: Expression | null
  /** STATISTICS_… */
  readonly flags: number
  readonly offset: number
  /** The count of all rows that shares its n: where it lies, or NO_REGISTER. */
  readonly counts: number
}

/** One aggregate's place in a state row. */
export interface AggregateState {
  readonly call: AggregateCall
  readonly offset: number
  /** Seen bit, where it has one. */
  readonly bit: number
  /** Types of the words that are its own. */
  readonly wordTypes: readonly ColumnType[]
  /** How its final value is read, where, and what says that it is null. */
  readonly finalRead: number
  readonly finalOffset: number
  readonly finalBit: number
  /** Whether it is updated and merged with statistics. */
  readonly isShared: boolean
}

/** Where everything lies. */
export interface AggregateLayout {
  readonly keyTypes: readonly ColumnType[]
  readonly hasPane: boolean
  readonly stateBytes: number
  /** Bytes of seen bits at the start of a state row; 0 where no state has one. */
  readonly seenBytes: number
  readonly states: readonly AggregateState[]
  readonly statistics: readonly Statistics[]
}

/** Sums of i64 are kept in 128 bits, so that they are null only if the whole sum does not fit; those of i32 cannot overflow. */
export function isWideSum({ fn, args }: AggregateCall): boolean {
  return fn === 'sum' && args[0]!.type !== 'f64' && sourceOf(args[0]!).type !== 'i32'
}

/** The argument without a cast to a wider number. */
function sourceOf(argument: Expression): Expression {
  const isWider = argument.kind === 'cast' && ['i32>i64', 'i32>f64', 'i64>f64', 'f32>f64'].includes(
    `${argument.arg.type}>${argument.type}`)
  return isWider ? argument.arg : argument
}

const READ_BY_TYPE: Readonly<Record<ColumnType, number>> = {
  bool: O.READ_BOOL, i32: O.READ_I32, utf8: O.READ_I32, i64: O.READ_I64, f32: O.READ_F32, f64: O.READ_F64, timestamp: O.READ_F64,
}

/** How a word is read as a column of `type`. */
export function readOf(type: ColumnType): number {
  return READ_BY_TYPE[type]
}

/** What an aggregate needs of statistics, and how it reads them; null: it has a state of its own. */
interface StatisticsUse {
  readonly flags: number
  readonly read: number
  /** The word that it reads. */
  readonly word: 'sum' | 'min' | 'max' | 'integerSum'
}

function useOf(call: AggregateCall): StatisticsUse | null {
  switch (call.fn) {
    case 'avg': return { flags: 0, read: O.READ_AVG, word: 'sum' }
    case 'variance': return { flags: O.STATISTICS_VARIANCE, read: O.READ_VARIANCE, word: 'sum' }
    case 'stddev': return { flags: O.STATISTICS_VARIANCE, read: O.READ_STDDEV, word: 'sum' }
    case 'variancePopulation': return { flags: O.STATISTICS_VARIANCE, read: O.READ_VARIANCE_POPULATION, word: 'sum' }
    case 'stddevPopulation': return { flags: O.STATISTICS_VARIANCE, read: O.READ_STDDEV_POPULATION, word: 'sum' }
    case 'sum':
      if (isWideSum(call)) return null
      if (call.type === 'f64') return { flags: 0, read: O.READ_F64, word: 'sum' }
      return { flags: O.STATISTICS_INTEGER_SUM, read: O.READ_I64, word: 'integerSum' }
    case 'min': case 'max': {
      if (!['f64', 'f32', 'timestamp', 'i32'].includes(call.type)) return null
      return { flags: O.STATISTICS_EXTREMES, read: call.type === 'i32' ? O.READ_F64_AS_I32 : readOf(call.type), word: call.fn }
    }
    default: return null
  }
}

/** Bytes of a state with such statistics, and of what comes before each word. */
function wordOffsets(flags: number): Readonly<Record<StatisticsUse['word'] | 'end', number>> {
  const variance = flags & O.STATISTICS_VARIANCE ? 1 : 0
  const min = (2 + 2 * variance) * WORD_BYTES
  const extremes = flags & O.STATISTICS_EXTREMES ? 2 : 0
  // The shift of a variance stands behind the extremes.
  const integerSum = min + (extremes + variance) * WORD_BYTES
  const end = integerSum + (flags & O.STATISTICS_INTEGER_SUM ? WORD_BYTES : 0)
  return { sum: 0, min, max: min + WORD_BYTES, integerSum, end }
}

/** Equal texts: the same expression. */
function identityOf(expression: Expression | null): string {
  // JSON has no bigint, −0, NaN and Infinity.
  const textOf = (value: number | bigint): string => `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`
  return JSON.stringify(expression, (_, value: unknown) =>
    typeof value === 'bigint' || typeof value === 'number' ? textOf(value) : value)
}

/** Words of a state of its own. */
function wordTypesOf(call: AggregateCall): readonly ColumnType[] {
  switch (call.fn) {
    case 'count': case 'countIf': return ['f64']
    case 'sum': return ['i64', 'i64']
    case 'minBy': case 'maxBy': return [call.type, call.args[1]!.type]
    default: return [call.type]
  }
}

/** Statistics while they are found: by argument and filter, in the order of the calls. */
interface Draft {
  readonly argument: Expression
  readonly filter: Expression | null
  flags: number
  offset: number
  counts: number
}

function draftsOf(calls: readonly AggregateCall[]): Map<string, Draft> {
  const drafts = new Map<string, Draft>()
  for (const call of calls) {
    const use = useOf(call)
    if (!use) continue
    const key = keyOf(call)
    const draft = drafts.get(key) ??
      { argument: sourceOf(call.args[0]!), filter: call.filter, flags: 0, offset: -1, counts: O.NO_REGISTER }
    draft.flags |= use.flags
    drafts.set(key, draft)
  }
  return drafts
}

const keyOf = ({ args, filter }: AggregateCall): string => `${identityOf(sourceOf(args[0]!))} ${identityOf(filter)}`

/** Lays out the groups of an aggregation; a function of the spec alone, so that every worker and every snapshot agree. */
export function aggregateLayout(spec: AggregateSpec): AggregateLayout {
  const drafts = draftsOf(spec.aggregates)
  const hasBit = (call: AggregateCall): boolean => !useOf(call) && call.fn !== 'count' && call.fn !== 'countIf'
  const seenBytes = Math.ceil(spec.aggregates.filter(hasBit).length / 64) * WORD_BYTES
  let offset = seenBytes
  let bits = 0
  const states = spec.aggregates.map((call): AggregateState => {
    const use = useOf(call)
    if (use) {
      const draft = drafts.get(keyOf(call))!
      const words = wordOffsets(draft.flags)
      if (draft.offset < 0) {
        draft.offset = offset
        offset += words.end
      }
      const finalBit = O.SEEN_BY_COUNT + (draft.offset + O.STATISTICS_N) / WORD_BYTES
      return { call, offset: draft.offset, bit: 0, wordTypes: [], isShared: true,
        finalRead: use.read, finalOffset: draft.offset + words[use.word], finalBit }
    }
    const wordTypes = wordTypesOf(call)
    const start = offset
    offset += wordTypes.length * WORD_BYTES
    const bit = hasBit(call) ? bits++ : 0
    const shared = call.fn === 'count' ? sharedBy(drafts, call) : undefined
    if (shared) shared.counts = start
    return { call, offset: start, bit, wordTypes, isShared: shared !== undefined,
      finalRead: isWideSum(call) ? O.READ_SUM_I128 : readOf(call.type), finalOffset: start,
      finalBit: hasBit(call) ? bit : O.NO_BIT }
  })
  const stateBytes = Math.max(offset, WORD_BYTES)
  assert(stateBytes < 65_536,
    `${spec.aggregates.length} aggregates need ${offset} bytes of state per group; there is room for 65535`)
  return Object.freeze({
    keyTypes: spec.keys.map(({ expression }) => expression.type),
    hasPane: spec.window !== null,
    stateBytes, seenBytes, states,
    statistics: [...drafts.values()].map(draft => Object.freeze({ ...draft })),
  })
}

/** Statistics under the count's filter that no other count shares. */
function sharedBy(drafts: ReadonlyMap<string, Draft>, { filter }: AggregateCall): Draft | undefined {
  const identity = identityOf(filter)
  return [...drafts.values()].find(draft => draft.counts === O.NO_REGISTER && identityOf(draft.filter) === identity)
}
