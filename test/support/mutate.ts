/**
 * Seeded damage to bytes, for fuzz tests: what a broken sender, a cut connection or an attacker would send. The same on every
 * run.
 */

/** Random integers from a seed (splitmix32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let t = this.#state ^ (this.#state >>> 16)
    t = Math.imul(t, 0x21f0aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a2d97)
    return Math.floor((((t ^ (t >>> 15)) >>> 0) / 2 ** 32) * limit)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

/** Bytes and pieces that grammars care about. */
const PIECES = [
  '"', '\\', '{', '}', '[', ']', ':', ',', '\n', '\r', '\t', ' ', '\0', '-', '+', '.', 'e', '0', '1', '9', '""', '\\"', '\\u0041',
  '\\ud83d', '\\ude00', '\\u00',
  'null', 'true', 'false', 'NaN', '1e400', '1e-400', '0.1', '9007199254740993', '12345678901234567890', '-0', '01', '1.', '[[[[',
  '{"a":', ',,', '\r\n',
  'é', '€', '😀', '\u2028', '\u00a0', '2026-02-29', 'T24:00', '"value":', '"id":', ';', '\ufeff',
].map(text => new TextEncoder().encode(text))
/** Bytes that are no UTF-8, or only the beginning. */
const RAW = [0x80, 0xbf, 0xc0, 0xc1, 0xc3, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff].map(byte => Uint8Array.of(byte))

/** `bytes` with up to three mutations; often none. `other` is what pieces are spliced from. */
export function mutate(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  for (let n = random.below(4); n > 0; n--) bytes = mutateOnce(random, bytes, other)
  return bytes
}

function mutateOnce(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1)
  const span = random.below(random.below(4) ? 4 : 40)
  const rest = Math.min(bytes.length, at + span)
  switch (random.below(9)) {
    case 0: return join(bytes.subarray(0, at), Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))), bytes.subarray(at + 1))
    case 1: case 2: return join(bytes.subarray(0, at), random.pick(PIECES), bytes.subarray(at))
    case 3: return join(bytes.subarray(0, at), random.pick(PIECES), bytes.subarray(rest))
    case 4: return join(bytes.subarray(0, at), random.below(4) ? random.pick(PIECES) : random.pick(RAW), bytes.subarray(at))
    case 5: return join(bytes.subarray(0, at), bytes.subarray(rest))
    case 6: return join(bytes.subarray(0, at), other.subarray(random.below(other.length)))
    case 7: return bytes.subarray(0, at)
    default: return join(bytes.subarray(0, rest), bytes.subarray(at))
  }
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
