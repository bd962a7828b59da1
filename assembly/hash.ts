// Hashes of key values. They depend on the value alone, never on a code or an address, so that every worker sends a key to the
// same partition. Both are murmur3's (A. Appleby, public domain): fmix32 for words, the 32-bit body for bytes.

/** Finalizer of murmur3: every bit of `h` moves every bit of the result. */
// @ts-ignore: decorator
@inline
export function mixHash(h: u32): u32 {
  h ^= h >> 16
  h *= 0x85ebca6b
  h ^= h >> 13
  h *= 0xc2b2ae35
  return h ^ (h >> 16)
}

/** Joins the hash of one more part to `h`; order matters. */
// @ts-ignore: decorator
@inline
export function combineHash(h: u32, part: u32): u32 {
  return rotl<u32>(h ^ part, 13) * 5 + 0xe6546b64
}

/** murmur3_32 of `length` bytes, seed 0. */
export function hashBytes(ptr: usize, length: i32): u32 {
  let h: u32 = 0
  const end = ptr + <usize>(length & ~3)
  while (ptr < end) {
    h = combineHash(h, mixBlock(load<u32>(ptr)))
    ptr += 4
  }
  const rest = length & 3
  if (rest) {
    let k: u32 = 0
    if (rest == 3) k = <u32>load<u8>(ptr, 2) << 16
    if (rest >= 2) k |= <u32>load<u8>(ptr, 1) << 8
    h ^= mixBlock(k | load<u8>(ptr))
  }
  return mixHash(h ^ length)
}

// @ts-ignore: decorator
@inline
function mixBlock(k: u32): u32 {
  return rotl<u32>(k * 0xcc9e2d51, 15) * 0x1b873593
}

/** Hash of an eight-byte key word (a float's bits, an integer, a time). */
// @ts-ignore: decorator
@inline
export function hashWord(word: u64): u32 {
  return mixHash(<u32>word ^ mixHash(<u32>(word >> 32) ^ 0x9e3779b9))
}

export const MIX_FIRST: u32 = 0x9e3779b1
export const MIX_SECOND: u32 = 0x85ebca77

/** Mixes a word of which the low half says all into the hash of a key row: of one hash to another, a permutation of the words. */
// @ts-ignore: decorator
@inline
export function mixShortWord(hash: u32, word: u32): u32 {
  hash = (hash ^ word) * MIX_FIRST
  hash = (hash ^ (hash >> 15)) * MIX_SECOND
  return hash ^ (hash >> 16)
}

/** The same for any word. */
// @ts-ignore: decorator
@inline
export function mixLongWord(hash: u32, word: u64): u32 {
  hash = (hash ^ <u32>word) * MIX_FIRST
  hash = (hash ^ (hash >> 15) ^ <u32>(word >> 32)) * MIX_SECOND
  return hash ^ (hash >> 16)
}
