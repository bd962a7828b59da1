/**
 * Bytes cut anywhere → blocks of whole records, undecoded: what sockets and streams deliver goes to the workers as it came.
 * Invariant: the blocks' bytes depend on the bytes alone, not on how they were cut: a block is sealed at the first record end
 * at which it holds `blockRowsMax` records or `blockBytesMax` bytes (or when the owner seals it).
 */
import { BAD_RECORD_BYTES, type BytesBlock, type CsvLayout, type TextFormat } from './block.js'
import { HeldMemory, type BlockMemory } from './block-memory.js'
import { ByteOrderMarkFilter, MARK_BYTES, withoutByteOrderMark } from './byte-order-mark.js'
import { copyBytes } from './copy-bytes.js'
import { readCsvHeader } from './csv-header.js'
import { copyLines } from './line-feeds.js'
import { recordScanner, type RecordScanner } from './record-boundary.js'

/** How CSV comes in. `header`: each stream begins with a line of column names. */
export interface CsvOptions {
  readonly header: boolean
  /** One ASCII character. */
  readonly delimiter: string
}

export interface BytesBuilderOptions {
  readonly format: TextFormat
  readonly csv: CsvOptions
  readonly blockRowsMax: number
  readonly blockBytesMax: number
  /** Longest record that is let in, without its line feed. */
  readonly recordBytesMax: number
  /** Where blocks are written. */
  readonly memory: BlockMemory
  /** Asked at the end of each record, in order; a refused record leaves no trace. null: all are let in. */
  readonly admit: (() => boolean) | null
  /**
   * Takes a sealed block and what it lies in, to be let go some time. `firstOrdinal`: position of its first byte among those let
   * in.
   */
  onBlock(block: BytesBlock, held: HeldMemory, records: number, firstOrdinal: number): void
  /** A record that can be refused without decoding it. `head`: its first bytes, at most 120. */
  onBadRecord(firstOrdinal: number, reason: string, head: Uint8Array): void
  /** Looks at the names of a CSV header; throws when they cannot be right. */
  checkHeader(names: readonly string[]): void
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
/** Bytes that are looked at together: lines of a piece that ends no block need not be looked at one by one. */
const PIECE_BYTES = 64 * 1024
const END_OF_LINE = Uint8Array.of(LINE_FEED)
const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()

export class BytesBuilder {
  readonly #options: BytesBuilderOptions
  readonly #scanner: RecordScanner
  readonly #mark = new ByteOrderMarkFilter()
  #csv: CsvLayout | undefined
  #headerIsDue = false
  #bytes: Uint8Array = NOTHING
  /** Bytes of the block before: the next one begins with as much room. */
  #bytesBefore = 0
  /** `[0, recordsEnd)`: whole records of the open block; `[recordsEnd, length)`: a partial record. */
  #recordsEnd = 0
  #length = 0
  #records = 0
  /** Ordinal of byte 0. */
  #ordinal = 0
  /** What is kept of a partial record that is longer than allowed. */
  #tooLong: { readonly head: Uint8Array; readonly length: number } | null = null

  constructor(options: BytesBuilderOptions) {
    this.#options = options
    this.#scanner = recordScanner(options.format, options.csv.delimiter)
    if (options.format === 'csv') this.#csv = { delimiter: options.csv.delimiter, columns: null }
    this.#beginStream()
  }

  /** Whole records in the open block. */
  get records(): number {
    return this.#records
  }

  /** Appends bytes of a stream, cut anywhere. A `json` stream is one document, ended by `endStream`. */
  pushBytes(bytes: Uint8Array): void {
    this.#pushText(this.#mark.pass(bytes, () => {
      // Offsets count every byte of the source, and a block's bytes follow one another in it.
      this.seal()
      this.#ordinal += MARK_BYTES
    }))
  }

  /**
   * Appends a message: one or several whole records, the last line feed being optional; for `json` one document. Blank messages
   * are nothing.
   */
  pushMessage(message: string | Uint8Array): void {
    const bytes = withoutByteOrderMark(typeof message === 'string' ? encoder.encode(message) : message)
    if (bytes.every(isBlank)) return
    this.#pushText(bytes)
    this.#endRecord()
  }

  /** Ends the stream: what stands there without a line feed is a record. */
  endStream(): void {
    this.#pushText(this.#mark.finish())
    this.#endRecord()
    this.#beginStream()
  }

  /** The connection was cut: the partial record is lost, and the next bytes begin a stream of their own. */
  resetPartialRecord(): void {
    this.#mark.finish()
    this.#dropPartial()
    this.#beginStream()
  }

  /** Seals the whole records of the open block, if there are any. */
  seal(): void {
    if (this.#records === 0) return
    const [piece, records, ordinal] = [this.#bytes, this.#records, this.#ordinal]
    const bytes = piece.subarray(0, this.#recordsEnd)
    const partial = piece.subarray(this.#recordsEnd, this.#length)
    this.#bytesBefore = bytes.length
    this.#ordinal += bytes.length
    this.#bytes = NOTHING
    this.#length = 0
    this.#recordsEnd = 0
    this.#records = 0
    this.#append(partial)
    const block = { kind: 'bytes', format: this.#options.format, bytes } as const
    const held = new HeldMemory(this.#options.memory, [piece])
    this.#options.onBlock(this.#csv ? { ...block, csv: this.#csv } : block, held, records, ordinal)
  }

  #pushText(bytes: Uint8Array): void {
    if (this.#options.format === 'json') return this.#appendPartial(withoutLineFeeds(bytes))
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.length <= PIECE_BYTES ? bytes : bytes.subarray(at, at + PIECE_BYTES)
      if (!this.#pushLines(piece)) this.#pushRecords(piece)
    }
  }

  /** Appends bytes whose lines are records, none refused and none filling the block. Otherwise returns false, nothing done. */
  #pushLines(bytes: Uint8Array): boolean {
    const { blockRowsMax, blockBytesMax, recordBytesMax, admit } = this.#options
    if (admit !== null || this.#headerIsDue || this.#partialLength + bytes.length > recordBytesMax) return false
    if (this.#length + bytes.length >= blockBytesMax || !this.#scanner.isLines(bytes)) return false
    this.#reserve(bytes.length)
    const lines = copyLines(this.#bytes, this.#length, bytes)
    if (this.#records + lines >= blockRowsMax) return false
    this.#scanner.skip(bytes)
    this.#records += lines
    if (lines > 0) this.#recordsEnd = this.#length + bytes.lastIndexOf(LINE_FEED) + 1
    this.#length += bytes.length
    return true
  }

  #pushRecords(bytes: Uint8Array): void {
    let partial = this.#partialLength
    let runStart = 0
    let start = 0
    for (;;) {
      const end = this.#scanner.next(bytes, start, bytes.length)
      if (end < 0) break
      const length = partial + end - start
      partial = 0
      if (this.#headerIsDue || length - 1 > this.#options.recordBytesMax || !this.#isAdmitted()) {
        this.#endRun(bytes, runStart, start)
        this.#leaveOut(bytes.subarray(start, end), length)
        runStart = end
      } else if (this.#countRecord(end - runStart)) {
        this.#endRun(bytes, runStart, end)
        this.seal()
        runStart = end
      }
      start = end
    }
    this.#endRun(bytes, runStart, start)
    this.#appendPartial(start === 0 ? bytes : bytes.subarray(start))
  }

  get #partialLength(): number {
    return this.#tooLong?.length ?? this.#length - this.#recordsEnd
  }

  #beginStream(): void {
    this.#headerIsDue = this.#options.format === 'csv' && this.#options.csv.header
    this.#scanner.reset()
  }

  #isAdmitted(): boolean {
    return this.#options.admit === null || this.#options.admit()
  }

  /** Counts one more record; whether the block, with `runBytes` not yet appended, is full. */
  #countRecord(runBytes: number): boolean {
    this.#records++
    return this.#records >= this.#options.blockRowsMax || this.#length + runBytes >= this.#options.blockBytesMax
  }

  /** Appends a run of admitted records, the first of which may complete the partial record. */
  #endRun(bytes: Uint8Array, start: number, end: number): void {
    if (end === start) return
    this.#append(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
    this.#recordsEnd = this.#length
  }

  /** Deals with a record that goes into no block: the partial record and `rest`. */
  #leaveOut(rest: Uint8Array, length: number): void {
    const isTooLong = length - 1 > this.#options.recordBytesMax
    const isHeader = this.#headerIsDue && !isTooLong
    const record = this.#joinPartial(rest, isTooLong ? BAD_RECORD_BYTES + 1 : length)
    this.#dropPartial()
    if (!isTooLong && !isHeader) return
    this.seal()
    if (isHeader) this.#takeHeader(record)
    else this.#reportBad(this.#tooLongReason(length - 1), record)
    this.#ordinal += length
  }

  #takeHeader(record: Uint8Array): void {
    const columns = readCsvHeader(record, this.#options.csv.delimiter)
    this.#headerIsDue = false
    this.#options.checkHeader(columns)
    this.#csv = { delimiter: this.#options.csv.delimiter, columns }
  }

  /** The first bytes of the record that `rest` completes. */
  #joinPartial(rest: Uint8Array, lengthMax: number): Uint8Array {
    const partial = this.#tooLong?.head ?? this.#bytes.subarray(this.#recordsEnd, this.#length)
    const record = new Uint8Array(Math.min(partial.length + rest.length, lengthMax))
    record.set(partial.subarray(0, record.length))
    if (partial.length < record.length) record.set(rest.subarray(0, record.length - partial.length), partial.length)
    return record
  }

  #appendPartial(bytes: Uint8Array): void {
    const length = this.#partialLength + bytes.length
    if (length <= this.#options.recordBytesMax) return this.#append(bytes)
    const head = this.#joinPartial(bytes, BAD_RECORD_BYTES)
    this.#dropPartial()
    this.#tooLong = { head, length }
  }

  #dropPartial(): void {
    this.#length = this.#recordsEnd
    this.#tooLong = null
  }

  /** Ends the partial record, if there is one. */
  #endRecord(): void {
    const length = this.#partialLength
    if (length === 0) return
    if (this.#options.format !== 'json') {
      this.#pushText(END_OF_LINE)
      if (this.#partialLength > 0) this.#leaveOutUnclosed()
    } else if (length > this.#options.recordBytesMax || !this.#isAdmitted()) {
      this.#leaveOut(END_OF_LINE, length + 1)
    } else {
      const isFull = this.#countRecord(1)
      this.#endRun(END_OF_LINE, 0, 1)
      if (isFull) this.seal()
    }
  }

  #leaveOutUnclosed(): void {
    const length = this.#partialLength
    const record = this.#joinPartial(NOTHING, BAD_RECORD_BYTES)
    this.#dropPartial()
    this.seal()
    this.#reportBad('a quoted field is not closed', record)
    this.#ordinal += length
    this.#scanner.reset()
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    copyBytes(this.#bytes, this.#length, bytes)
    this.#length += bytes.length
  }

  /** Makes room for `bytes` more. */
  #reserve(bytes: number): void {
    const length = this.#length + bytes
    if (length <= this.#bytes.length) return
    const { memory } = this.#options
    const old = this.#bytes
    this.#bytes = memory.allocate(Math.max(length, old.length * 2, this.#bytesBefore))
    copyBytes(this.#bytes, 0, old.subarray(0, this.#length))
    if (old.length > 0) memory.release(old)
  }

  #tooLongReason(length: number): string {
    return `the record is ${length} bytes long; at most ${this.#options.recordBytesMax} are allowed`
  }

  #reportBad(reason: string, record: Uint8Array): void {
    const end = record.at(-1) === LINE_FEED ? record.length - 1 : record.length
    this.#options.onBadRecord(this.#ordinal, reason, record.slice(0, Math.min(end, BAD_RECORD_BYTES)))
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13)
}

/** The bytes with carriage returns for line feeds, which are the same to JSON. */
function withoutLineFeeds(bytes: Uint8Array): Uint8Array {
  return bytes.includes(LINE_FEED) ? bytes.map(byte => (byte === LINE_FEED ? CARRIAGE_RETURN : byte)) : bytes
}
