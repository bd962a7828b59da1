/**
 * Copying bytes into memory that threads may share. Engines copy into shared memory word by word where source and target lie
 * alike within a word, and else byte by byte, at an eighth of the speed.
 * Invariant: the same bytes come out as by `set`.
 */

const WORD_BYTES = 8
/** Small enough to stay in the first cache. */
const PIECE_BYTES = 16 * 1024
/** What is shorter is copied as it is. */
const SKEWED_BYTES_MAX = 256

let aligned: Uint8Array | null = null

/** Copies `bytes` to `to` from index `at` on; they must not overlap. */
export function copyBytes(to: Uint8Array, at: number, bytes: Uint8Array): void {
  const isAlike = (to.byteOffset + at - bytes.byteOffset) % WORD_BYTES === 0
  if (isAlike || bytes.length <= SKEWED_BYTES_MAX || to.buffer instanceof ArrayBuffer) to.set(bytes, at)
  else copySkewed(to, at, bytes)
}

function copySkewed(to: Uint8Array, at: number, bytes: Uint8Array): void {
  aligned ??= new Uint8Array(WORD_BYTES + PIECE_BYTES)
  const begin = (to.byteOffset + at) % WORD_BYTES
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const end = Math.min(from + PIECE_BYTES, bytes.length)
    aligned.set(bytes.subarray(from, end), begin)
    to.set(aligned.subarray(begin, begin + end - from), at + from)
  }
}
