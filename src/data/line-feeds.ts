/**
 * Line feeds of bytes, counted four bytes at a time: how the builder of text blocks knows the number of its records without
 * looking for each.
 */

const LINE_FEED = 10
const BYTES_OF_A_WORD = 4
/** Adding up to as many words keeps each byte's count within its byte. */
const WORDS_MAX = 255

export function countLineFeeds(bytes: Uint8Array): number {
  if (bytes.length < BYTES_OF_A_WORD) return countEach(bytes, 0, bytes.length)
  const head = -bytes.byteOffset & 3
  const numWords = (bytes.length - head) >>> 2
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + head, numWords)
  let count = countEach(bytes, 0, head) + countEach(bytes, head + numWords * 4, bytes.length)
  for (let at = 0; at < numWords;) {
    const end = Math.min(at + WORDS_MAX, numWords)
    let counts = 0
    for (; at < end; at++) {
      const others = words[at]! ^ 0x0a0a0a0a
      // The top bit of each byte is 0 where the byte is a line feed.
      const marks = (((others & 0x7f7f7f7f) + 0x7f7f7f7f) | others) >>> 7
      counts = (counts + (~marks & 0x01010101)) | 0
    }
    count += (counts & 255) + (counts >>> 8 & 255) + (counts >>> 16 & 255) + (counts >>> 24)
  }
  return count
}

function countEach(bytes: Uint8Array, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) if (bytes[i] === LINE_FEED) count++
  return count
}
