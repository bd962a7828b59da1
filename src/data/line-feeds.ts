/**
 * Line feeds of bytes, counted on the way into a block: how the builder of text blocks knows the number of its records without
 * looking for each.
 * Invariant: the count is the same with and without a ByteCounter.
 */
import { ByteCounter, COUNTED_BYTES_MAX } from './byte-counter.js'
import { copyBytes } from './copy-bytes.js'

const LINE_FEED = 10
/** Vectors of a ByteCounter, and words of memory that threads share, are no larger: copies that lie alike are quick. */
const ALIGNMENT = 16
/** Shorter pieces are not worth the way through a ByteCounter. */
const COUNTED_BYTES_MIN = 256
const BYTES_OF_A_WORD = 4
const WORDS_OF_A_TURN = 4
/** Adding up no more words keeps each byte's count within its byte. */
const WORDS_MAX = 252

/** The counter of this thread; null where there can be none. */
let counter: ByteCounter | null | undefined

/** Copies `bytes` to `to` from index `at` on; returns how many of them are line feeds. */
export function copyLines(to: Uint8Array, at: number, bytes: Uint8Array): number {
  if (bytes.length >= COUNTED_BYTES_MIN) {
    if (counter === undefined) counter = tryCounter()
    if (counter) return copyCounted(counter, to, at, bytes)
  }
  copyBytes(to, at, bytes)
  return countLineFeeds(bytes)
}

function tryCounter(): ByteCounter | null {
  try {
    return new ByteCounter()
  } catch {
    return null
  }
}

function copyCounted(counter: ByteCounter, to: Uint8Array, at: number, bytes: Uint8Array): number {
  const begin = (to.byteOffset + at) % ALIGNMENT
  let count = 0
  for (let from = 0; from < bytes.length; from += COUNTED_BYTES_MAX) {
    const end = Math.min(from + COUNTED_BYTES_MAX, bytes.length)
    counter.bytes.set(bytes.subarray(from, end), begin)
    count += counter.count(begin, begin + end - from, LINE_FEED)
    to.set(counter.bytes.subarray(begin, begin + end - from), at + from)
  }
  return count
}

export function countLineFeeds(bytes: Uint8Array): number {
  if (bytes.length < BYTES_OF_A_WORD) return countEach(bytes, 0, bytes.length)
  const head = -bytes.byteOffset & 3
  const numWords = (bytes.length - head) / BYTES_OF_A_WORD & -WORDS_OF_A_TURN
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + head, numWords)
  let count = countEach(bytes, 0, head) + countEach(bytes, head + numWords * BYTES_OF_A_WORD, bytes.length)
  for (let at = 0; at < numWords; at += WORDS_MAX) count += countOfWords(words, at, Math.min(at + WORDS_MAX, numWords))
  return count
}

/** Each byte of a sum counts the bytes in its place that are no line feeds. */
function countOfWords(words: Int32Array, from: number, to: number): number {
  let others = 0
  for (let at = from; at < to; at += WORDS_OF_A_TURN) {
    others = others + otherBytes(words[at]!) + otherBytes(words[at + 1]!) | 0
    others = others + otherBytes(words[at + 2]!) + otherBytes(words[at + 3]!) | 0
  }
  return (to - from) * BYTES_OF_A_WORD - (others & 255) - (others >>> 8 & 255) - (others >>> 16 & 255) - (others >>> 24)
}

/** A one for each byte of a word that is no line feed. */
function otherBytes(word: number): number {
  const differences = word ^ 0x0a0a0a0a
  return (((differences & 0x7f7f7f7f) + 0x7f7f7f7f | differences) >>> 7) & 0x01010101
}

function countEach(bytes: Uint8Array, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) if (bytes[i] === LINE_FEED) count++
  return count
}
