/**
 * Seeded pseudo-random numbers: jitter of reconnects, sampling of an overfull intake, and simulated worlds in tests. There is
 * no other source of randomness in `src/`, so that a seed reproduces a run.
 */

/** Mulberry32 (T. Ettinger): 32 bits of state, passes gjrand's tests; good for jitter and sampling, not for secrets. */
export class Prng {
  #state: number

  /** Any number; its low 32 bits and what lies above them are mixed into the state. */
  constructor(seed: number) {
    const whole = Math.trunc(Math.abs(seed)) || 0
    this.#state = (whole ^ Math.imul(Math.trunc(whole / 2 ** 32), 0x9e3779b1)) >>> 0
  }

  /** The next number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32
  }
}
