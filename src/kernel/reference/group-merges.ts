/**
 * Twin of assembly/group-merges.ts: what merging does to the state words of a row with those of another.
 * Invariant: each operation rounds once, in the order of the data: the same bits as the wasm builds.
 */
import * as R from '../../../assembly/portable/group-rows.js'
import { assert } from '../../base/errors.js'
import type { KernelMemory } from '../memory.js'
import { isGreaterText } from './aggregate.js'
import { bitAt } from './group-keys.js'
import { isGreater, mergeStatistics } from './statistics.js'

/** Words that an operation takes over as they are. */
const BY_WORDS = 2

/** Merges row `from` into row `to` by the shape's operations. */
export function mergeRow(memory: KernelMemory, shape: number, text: number, to: number, from: number): void {
  const merges = memory.read(shape + R.SHAPE_MERGES)
  const count = memory.read(shape + R.SHAPE_MERGE_COUNT)
  for (let i = 0; i < count; i++) {
    const merge = merges + i * R.MERGE_BYTES
    const [op, offset, bit] = [R.MERGE_OP, R.MERGE_OFFSET, R.MERGE_BIT].map(field => memory.read(merge + field))
    mergeState({ memory, text, op: op!, bit: bit!, to, from, offset: offset! })
  }
}

interface Merge {
  readonly memory: KernelMemory
  readonly text: number
  readonly op: number
  readonly bit: number
  readonly to: number
  readonly from: number
  readonly offset: number
}

function mergeState(merge: Merge): void {
  const { memory: { f64, i64 }, op, to, from, offset } = merge
  const [a, b] = [(to + offset) >>> 3, (from + offset) >>> 3]
  switch (op) {
    case R.MERGE_ADD_F64: f64[a]! += f64[b]!; return
    case R.MERGE_ADD_I128: return addI128(i64, a, b)
    case R.MERGE_SEEN: i64[a]! |= i64[b]!; return
    case R.MERGE_FIRST: return replaceIf(merge, 1, wasSeen => !wasSeen)
    case R.MERGE_LAST: return replaceIf(merge, 1, () => true)
  }
  if (op >= R.MERGE_STATISTICS) return mergeStatistics(merge.memory, op - R.MERGE_STATISTICS, a, b)
  const isBy = op >= R.MERGE_MIN_BY_F64
  const word = isBy ? 1 : 0
  replaceIf(merge, isBy ? BY_WORDS : 1, wasSeen => !wasSeen || beats(merge, b + word, a + word))
}

/** The 128-bit sum of two pairs of words. */
function addI128(i64: BigInt64Array, to: number, from: number): void {
  const valueAt = (at: number): bigint => (i64[at + 1]! << 64n) + BigInt.asUintN(64, i64[at]!)
  const sum = valueAt(to) + valueAt(from)
  i64[to] = BigInt.asIntN(64, sum)
  i64[to + 1] = BigInt.asIntN(64, sum >> 64n)
}

/** Takes over the words of a state that was seen where the condition holds. */
function replaceIf({ memory, bit, to, from, offset }: Merge, words: number, isBetter: (wasSeen: boolean) => boolean): void {
  if (!bitAt(memory, from, bit) || !isBetter(bitAt(memory, to, bit))) return
  memory.u8.copyWithin(to + offset, from + offset, from + offset + words * 8)
  memory.u8[to + (bit >>> 3)]! |= 1 << (bit & 7)
}

/** Whether the word at index `candidate` takes the place of the one at `kept`. */
function beats({ memory, text, op }: Merge, candidate: number, kept: number): boolean {
  const { f64, i64 } = memory
  const texts = (a: number, b: number): boolean => isGreaterText(memory, text, Number(i64[a]!), Number(i64[b]!))
  switch (op) {
    case R.MERGE_MIN_BY_F64: return isGreater(f64[kept]!, f64[candidate]!)
    case R.MERGE_MAX_BY_F64: return isGreater(f64[candidate]!, f64[kept]!)
    case R.MERGE_MIN_I64: case R.MERGE_MIN_BY_I64: return i64[kept]! > i64[candidate]!
    case R.MERGE_MAX_I64: case R.MERGE_MAX_BY_I64: return i64[candidate]! > i64[kept]!
    case R.MERGE_MIN_UTF8: case R.MERGE_MIN_BY_UTF8: return texts(kept, candidate)
    case R.MERGE_MAX_UTF8: case R.MERGE_MAX_BY_UTF8: return texts(candidate, kept)
  }
  assert(false, `there is no merge operation ${op}`)
}
