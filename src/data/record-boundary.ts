/**
 * Where records of undecoded text end: NDJSON and json at each line feed, CSV at line feeds outside quotes (RFC 4180: a field
 * is quoted when its first character is `"`; within, `""` is a quote). Used by the block builder, and by whoever cuts a block
 * into tasks.
 * Invariant: scanning is the same however the bytes were cut; a scanner keeps its state from call to call.
 */
import type { BytesBlock, TextFormat } from './block.js'

const LINE_FEED = 10
const QUOTE = 34

/** Finds record ends in bytes that arrive piece by piece. */
export interface RecordScanner {
  /**
   * Index just past the line feed that ends the current record, or −1 when `bytes[from … to)` holds none; what was scanned
   * counts as seen.
   */
  next(bytes: Uint8Array, from: number, to: number): number
  /** Whether the records of `bytes`, which follow what was scanned, end at its line feeds, all of them. */
  isLines(bytes: Uint8Array): boolean
  /** Counts bytes as seen whose records are lines. */
  skip(bytes: Uint8Array): void
  /** Forgets the partial record. */
  reset(): void
}

/** A scanner for one stream of bytes, at the start of a record. `delimiter` (one ASCII character) matters to CSV only. */
export function recordScanner(format: TextFormat, delimiter = ','): RecordScanner {
  return format === 'csv' ? new CsvScanner(delimiter.charCodeAt(0)) : LINES
}

const LINES: RecordScanner = {
  next(bytes, from, to) {
    const at = bytes.indexOf(LINE_FEED, from)
    return at >= 0 && at < to ? at + 1 : -1
  },
  isLines: () => true,
  skip() {},
  reset() {},
}

/**
 * `plain`: within a field that is not quoted, or after its closing quote. `quoteSeen`: after a `"` within quotes, which closes
 * or doubles.
 */
const FIELD_START = 0, PLAIN = 1, QUOTED = 2, QUOTE_SEEN = 3

class CsvScanner implements RecordScanner {
  readonly #delimiter: number
  #state = FIELD_START

  constructor(delimiter: number) {
    this.#delimiter = delimiter
  }

  next(bytes: Uint8Array, from: number, to: number): number {
    const delimiter = this.#delimiter
    let state = this.#state
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!
      if (state === QUOTED) {
        if (byte === QUOTE) state = QUOTE_SEEN
      } else if (byte === LINE_FEED) {
        this.#state = FIELD_START
        return i + 1
      } else if (byte === delimiter) {
        state = FIELD_START
      } else if (byte === QUOTE && (state === FIELD_START || state === QUOTE_SEEN)) {
        state = QUOTED
      } else {
        state = PLAIN
      }
    }
    this.#state = state
    return -1
  }

  isLines(bytes: Uint8Array): boolean {
    return this.#state !== QUOTED && !bytes.includes(QUOTE)
  }

  skip(bytes: Uint8Array): void {
    const last = bytes.at(-1)
    if (last !== undefined) this.#state = last === LINE_FEED || last === this.#delimiter ? FIELD_START : PLAIN
  }

  reset(): void {
    this.#state = FIELD_START
  }
}

/**
 * The first record end at or after byte `atLeast` of a block, scanning from `start`, which is the start of a record; the
 * block's length when there is none. Tasks are cut with it.
 */
export function recordEndFrom(block: BytesBlock, start: number, atLeast: number): number {
  const { bytes } = block
  if (atLeast >= bytes.length) return bytes.length
  if (block.format === 'csv') {
    const lineEnd = bytes.indexOf(LINE_FEED, Math.max(start, atLeast - 1)) + 1
    if (lineEnd > 0 && !bytes.subarray(start, lineEnd).includes(QUOTE)) return lineEnd
  }
  const scanner = recordScanner(block.format, block.csv?.delimiter)
  // Lines need no state, so that the scan can begin at the last byte that may be the end.
  let at = block.format === 'csv' ? start : Math.max(start, atLeast - 1)
  while (at < bytes.length) {
    const end = scanner.next(bytes, at, bytes.length)
    if (end < 0) return bytes.length
    if (end >= atLeast && end > start) return end
    at = end
  }
  return bytes.length
}
