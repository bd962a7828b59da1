/**
 * Takes the UTF-8 byte order mark off the start of text: files and servers put it there, and no record may begin with it (a
 * reader may ignore it, RFC 8259 §8.1).
 * Invariant: only the first three bytes of a text are ever left out, however the text was cut.
 */
const MARK = Uint8Array.of(0xef, 0xbb, 0xbf)
export const MARK_BYTES = 3
const NOTHING = new Uint8Array(0)

/** The text without its mark. */
export function withoutByteOrderMark(text: Uint8Array): Uint8Array {
  return matches(text, 0) === MARK.length ? text.subarray(MARK.length) : text
}

/** The same for a text that arrives in pieces. */
export class ByteOrderMarkFilter {
  /** Bytes of the mark seen; null: the start is over. */
  #seen: number | null = 0

  /** What of the next piece is text. @param onMark called when the mark is whole, and left out. */
  pass(piece: Uint8Array, onMark: () => void): Uint8Array {
    if (this.#seen === null || piece.length === 0) return piece
    const before = this.#seen
    const matched = matches(piece, before)
    this.#seen = before + matched
    if (this.#seen === MARK.length) {
      this.#seen = null
      onMark()
      return piece.subarray(matched)
    }
    if (matched === piece.length) return NOTHING
    this.#seen = null
    return before === 0 ? piece : Uint8Array.of(...MARK.subarray(0, before), ...piece)
  }

  /** The text is over: bytes that were held back because they might have become a mark. The next piece begins another text. */
  finish(): Uint8Array {
    const held = MARK.subarray(0, this.#seen ?? 0)
    this.#seen = 0
    return held
  }
}

/** How many bytes at the start of `piece` go on with the mark after its first `from`. */
function matches(piece: Uint8Array, from: number): number {
  let count = 0
  while (from + count < MARK.length && piece[count] === MARK[from + count]) count++
  return count
}
