/**
 * Pieces of memory that nobody uses at the moment, kept by size for who needs one next: fresh memory costs more than the copy
 * into it.
 * Invariant: they take `bytesMax` bytes at most; what is given beyond that is left to the collector.
 */
export class SizePool<Piece extends { readonly byteLength: number }> {
  readonly #bytesMax: number
  readonly #free = new Map<number, Piece[]>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** A piece of that size, which holds what was in it; undefined when there is none. */
  take(size: number): Piece | undefined {
    const piece = this.#free.get(size)?.pop()
    if (piece) this.#bytes -= size
    return piece
  }

  give(piece: Piece): void {
    const size = piece.byteLength
    if (size === 0 || this.#bytes + size > this.#bytesMax) return
    const free = this.#free.get(size)
    if (free) free.push(piece)
    else this.#free.set(size, [piece])
    this.#bytes += size
  }
}

/** The size of a piece that holds so many bytes: a power of two, `least` or more, so that most pieces fit again. */
export function pieceBytes(bytes: number, least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, least)))
}
