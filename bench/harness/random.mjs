/** Random numbers from a fixed seed: the same data in every run, and in C (native/random.h). */

/** xorshift32. @param {number} seed not 0 @returns {() => number} integers in [1, 2^32) */
export function random(seed) {
  let state = seed >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>>= 0)
  }
}
