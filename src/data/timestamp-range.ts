/**
 * Whether the numbers of a column can be epoch milliseconds. Columns of times pass here as they are pushed, so most are told by
 * their high words alone.
 * Invariant: the answer is that of `isTimestamp` for every value.
 */
import { isTimestamp } from './value-check.js'

/** High word of the largest epoch ms; a number with a lesser one is less, a NaN or an infinity has a greater one. */
const HIGH_WORD_MAX = 0x433eb208
const SIGN = 0x80000000
/** Values of a turn of the loop. */
const UNROLLED = 4

/** Whether every one of `values[start … end)` can be an epoch ms. */
export function areTimestamps(values: Float64Array, start: number, end: number): boolean {
  return haveSmallHighWords(values, start, end) || areAllTimestamps(values, start, end)
}

/** False where the high words taken together do not tell; times of this age pass. */
function haveSmallHighWords(values: Float64Array, start: number, end: number): boolean {
  // As in kernel memory, the high word of a number is its second one.
  const words = new Int32Array(values.buffer, values.byteOffset + start * 8, (end - start) * 2)
  const unrolledEnd = words.length - (words.length % (2 * UNROLLED))
  let bits = 0
  let i = 1
  for (; i < unrolledEnd; i += 2 * UNROLLED) bits |= words[i]! | words[i + 2]! | words[i + 4]! | words[i + 6]!
  for (; i < words.length; i += 2) bits |= words[i]!
  return (bits & ~SIGN) < HIGH_WORD_MAX
}

function areAllTimestamps(values: Float64Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isTimestamp(values[i]!)) return false
  return true
}
