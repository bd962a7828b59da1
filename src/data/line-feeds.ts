/**
 * Line feeds of bytes, counted sixteen bytes a turn: how the builder of text blocks knows the number of its records without
 * looking for each.
 */

const LINE_FEED = 10
const BYTES_OF_A_WORD = 4
const WORDS_OF_A_TURN = 4
/** Adding up no more words keeps each byte's count within its byte. */
const WORDS_MAX = 252

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
