/**
 * Twin of assembly/utf8.ts: whether bytes are UTF-8, with the table of well-formed sequences of the Unicode standard (table 3-7).
 * Invariant: says which byte is the first that cannot be, as the wasm kernel does.
 */

/** Lead bytes from … to, and the limits of each byte that follows. */
const SEQUENCES: readonly (readonly [from: number, to: number, ...following: (readonly [number, number])[]])[] = [
  [0x00, 0x7f],
  [0xc2, 0xdf, [0x80, 0xbf]],
  [0xe0, 0xe0, [0xa0, 0xbf], [0x80, 0xbf]],
  [0xe1, 0xec, [0x80, 0xbf], [0x80, 0xbf]],
  [0xed, 0xed, [0x80, 0x9f], [0x80, 0xbf]],
  [0xee, 0xef, [0x80, 0xbf], [0x80, 0xbf]],
  [0xf0, 0xf0, [0x90, 0xbf], [0x80, 0xbf], [0x80, 0xbf]],
  [0xf1, 0xf3, [0x80, 0xbf], [0x80, 0xbf], [0x80, 0xbf]],
  [0xf4, 0xf4, [0x80, 0x8f], [0x80, 0xbf], [0x80, 0xbf]],
]

/** Index of the first byte of [start, end) that cannot be, or −1. */
export function invalidUtf8(u8: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const lead = u8[i]!
    if (lead < 0x80) continue
    const sequence = SEQUENCES.find(([from, to]) => lead >= from && lead <= to)
    if (!sequence) return i
    const [, , ...following] = sequence
    for (const [low, high] of following) {
      i++
      if (i >= end || u8[i]! < low || u8[i]! > high) return i
    }
  }
  return -1
}
