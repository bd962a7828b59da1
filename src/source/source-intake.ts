/**
 * The engine's side of one running source: builds blocks from what is pushed, queues them for the next batch, and keeps the
 * queue within its limit by the source's overflow policy.
 * Invariant: rows pushed = rows taken + rows queued + droppedRows + badRows, at every moment; with a policy other than `pause`
 * at most `queuedRowsMax` rows are queued after a push.
 */
import { MillraceError, messageOf, quoteNames } from '../base/errors.js'
import type { Clock, Timer } from '../base/ports.js'
import { BAD_RECORD_BYTES, type BytesBlock, type SourceBlock } from '../data/block.js'
import { BlockBuilder, type RowInput } from '../data/block-builder.js'
import { HeldMemory, type BlockMemory } from '../data/block-memory.js'
import { BytesBuilder } from '../data/bytes-builder.js'
import { badRecordError, badRow, type RefusedRecord } from './bad-record.js'
import { IntakeQueue, type SealedBlock } from './intake-queue.js'
import { Overflow, type QueueLevel } from './overflow.js'
import type { InputColumn, Intake, Source, SourceEvent } from './source.js'
import { TokenBucket } from './token-bucket.js'

export type { SealedBlock }

export interface SourceIntakeOptions {
  readonly source: Source
  readonly sourceId: number
  readonly clock: Clock
  /** Where blocks lie. */
  readonly memory: BlockMemory
  /** Indexes, ascending, of the columns that somebody reads: blocks of columns hold no others. All when left out. */
  readonly columnsRead?: readonly number[]
  /**
   * Rows wait: called at the first push after `takeBlocks`, at the one that leaves no room, and when `maxRate` lets more be
   * taken.
   */
  onData(): void
  /** No more data will come; what is queued is still to be taken. */
  onEnd(): void
  /** The source failed for good (SOURCE_FAILED), or a record was bad and the policy is `fail` (BAD_RECORD). Called once. */
  onFail(error: MillraceError): void
  onEvent?(event: SourceEvent): void
  /**
   * Rows and records refused before decoding, as they come; counted in `badRows`. They have already gone where `onBadRecord`
   * says.
   */
  onBadRecords?(records: readonly RefusedRecord[]): void
  /** What may wait of a source that can pause before it does, if that is less than its own limit. */
  readonly pauseAt?: PauseLimit
  readonly blockRowsMax?: number
  readonly blockBytesMax?: number
  readonly recordBytesMax?: number
  readonly queuedBytesMax?: number
}

/** Rows, and bytes of undecoded text, that make a queue full. */
export interface PauseLimit {
  readonly rows: number
  readonly textBytes: number
}

/** Rows of a block at most. */
export const BLOCK_ROWS_MAX = 131_072
/** Bytes of undecoded text in a block, or of distinct strings in a column block, about. */
export const BLOCK_BYTES_MAX = 4 * 1024 * 1024
/** Longest record let in. */
export const RECORD_BYTES_MAX = 16 * 1024 * 1024
/** Bytes that may wait for a batch, whatever the number of rows. */
export const QUEUED_BYTES_MAX = 512 * 1024 * 1024

interface Waiter {
  resolve(): void
  reject(error: MillraceError): void
}

export class SourceIntake implements Intake {
  readonly sourceId: number
  readonly clock: Clock
  readonly #source: Source
  readonly #options: SourceIntakeOptions
  readonly #queue = new IntakeQueue()
  readonly #rows: BlockBuilder
  readonly #text: BytesBuilder | null
  readonly #overflow: Overflow
  #bucket: TokenBucket | null = null
  #rateTimer: Timer | null = null
  #waiters: Waiter[] = []
  #state: 'open' | 'ended' | 'failed' | 'closed' = 'open'
  /** How full the queue was when `onData` was called last. */
  #signalled: 'empty' | 'filling' | 'full' = 'empty'
  #pushedRows = 0
  #rowOrdinal = 0
  #badRows = 0
  #takenRows = 0
  #takenAtMs: number

  constructor(options: SourceIntakeOptions) {
    this.#options = options
    this.#source = options.source
    this.sourceId = options.sourceId
    this.clock = options.clock
    this.#overflow = overflowOf(options)
    const { maxRate } = options.source.limits
    this.#takenAtMs = this.clock.elapsedMs()
    if (maxRate !== null) this.#bucket = new TokenBucket(maxRate, this.#takenAtMs)
    const { blockRowsMax = BLOCK_ROWS_MAX, blockBytesMax = BLOCK_BYTES_MAX } = options
    const limits = { blockRowsMax, blockBytesMax }
    this.#rows = this.#rowBuilder(limits)
    this.#text = options.source.blockFormat === 'columns' ? null : this.#textBuilder(limits)
  }

  /** Rows and records that wait for a batch. */
  get queuedRows(): number {
    return this.#queue.rows + this.#rows.numRows + (this.#text?.records ?? 0)
  }

  /** Rows that the overflow policy dropped. */
  get droppedRows(): number {
    return this.#overflow.droppedRows
  }

  /** Rows and records that were refused here, before any decoding. */
  get badRows(): number {
    return this.#badRows
  }

  /** Rows and records pushed so far, wherever they went. */
  get receivedRows(): number {
    return this.#takenRows + this.queuedRows + this.#overflow.droppedRows + this.#badRows
  }

  /** The source has ended and everything has been taken. */
  get ended(): boolean {
    return this.#state === 'ended' && this.queuedRows === 0
  }

  /**
   * All that may go into a batch now, in order; seals what is open. Under `maxRate` the rest stays, and `onData` is called when
   * more may be taken.
   */
  takeBlocks(): SealedBlock[] {
    this.#signalled = 'empty'
    this.#takenAtMs = this.clock.elapsedMs()
    this.#bucket?.fill(this.#takenAtMs)
    const taken: SealedBlock[] = []
    while (this.queuedRows > 0 && (this.#bucket?.hasTokens ?? true)) {
      if (this.#queue.rows === 0) this.#sealOpen()
      const sealed = this.#queue.take(this.#bucket?.wholeTokens)!
      this.#bucket?.spend(sealed.rows)
      this.#takenRows += sealed.rows
      taken.push(sealed)
    }
    if (this.queuedRows > 0 && this.#bucket) this.#signalWhenRateAllows(this.#bucket)
    this.#wakeWaiters()
    return taken
  }

  /**
   * Sets the rate at which rows are taken, on top of the source's own `maxRate`; null takes it away. For the rate controller.
   */
  limitRate(rowsPerSecond: number | null): void {
    const own = this.#source.limits.maxRate
    const rate = Math.min(own ?? Infinity, rowsPerSecond ?? Infinity)
    if (rate === (this.#bucket?.ratePerSecond ?? Infinity)) return
    if (rate === Infinity) this.#bucket = null
    else if (this.#bucket) this.#bucket.ratePerSecond = rate
    else this.#bucket = new TokenBucket(rate, this.#takenAtMs)
  }

  pushRows(rows: readonly RowInput[]): void {
    if (!this.#isOpen('columns')) return
    this.#admitRuns(rows.length, (start, end) => this.#rows.pushRows(rows, start, end))
    this.#afterPush()
  }

  pushColumns(columns: Readonly<Record<string, InputColumn>>, options: { readonly transfer?: boolean } = {}): void {
    if (!this.#isOpen('columns')) return
    const checked = this.#rows.checkColumns(columns)
    // What is not in shared memory yet is copied into it anyway.
    if (options.transfer && this.#overflow.letsAllIn && !this.#options.memory.isShared) {
      this.#guard(() => this.#rows.takeColumns(checked))
      this.#pushedRows += checked.numRows
    } else {
      this.#admitRuns(checked.numRows, (start, end) => this.#rows.pushColumns(checked, start, end))
    }
    this.#afterPush()
  }

  pushBytes(bytes: Uint8Array): void {
    if (!this.#isOpen('text')) return
    this.#guard(() => this.#text!.pushBytes(bytes))
    this.#afterPush()
  }

  pushMessage(message: string | Uint8Array): void {
    if (!this.#isOpen('text')) return
    this.#guard(() => this.#text!.pushMessage(message))
    this.#afterPush()
  }

  reject(payload: string | Uint8Array, reason: string): void {
    if (this.#state !== 'open') return
    const bytes = (typeof payload === 'string' ? new TextEncoder().encode(payload) : payload).slice(0, BAD_RECORD_BYTES)
    this.#noteBad({ offset: this.#pushedRows++, position: 0, reason, bytes })
  }

  get hasRoom(): boolean {
    return !this.#overflow.holdsUp(this.#level())
  }

  ready(): Promise<void> {
    if (this.#state !== 'open') return Promise.reject(this.#closedError())
    if (this.hasRoom) return Promise.resolve()
    return new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  resetPartialRecord(): void {
    this.#text?.resetPartialRecord()
  }

  note(event: SourceEvent): void {
    this.#options.onEvent?.(event)
  }

  end(): void {
    if (this.#state !== 'open') return
    this.#guard(() => this.#text?.endStream())
    this.#afterPush()
    this.#state = 'ended'
    this.#options.onEnd()
  }

  fail(error: unknown): void {
    if (this.#state === 'failed' || this.#state === 'closed') return
    this.#state = 'failed'
    const where = { source: this.#source.name }
    const failure = error instanceof MillraceError ? error
      : new MillraceError('SOURCE_FAILED', `Source ${this.#source.name} failed: ${messageOf(error)}`, { cause: error, where })
    this.#rejectWaiters()
    this.#options.onFail(failure)
  }

  /** No more is taken in; who waits for room is told so. What is queued can still be taken. */
  close(): void {
    this.#rateTimer?.cancel()
    if (this.#state === 'open') this.#state = 'closed'
    this.#rejectWaiters()
  }

  #rowBuilder(limits: { blockRowsMax: number; blockBytesMax: number }): BlockBuilder {
    return new BlockBuilder({
      ...limits,
      schema: this.#source.fields,
      memory: this.#options.memory,
      columnsRead: this.#options.columnsRead ?? this.#source.fields.map((_, index) => index),
      onBlock: (block, held) => {
        this.#enqueue(block, held, block.numRows, this.#rowOrdinal, block.numRows)
        this.#rowOrdinal += block.numRows
      },
      onBadRow: (index, reason, row) => this.#noteBad(badRow(this.#pushedRows + index, reason, row)),
    })
  }

  #textBuilder(limits: { blockRowsMax: number; blockBytesMax: number }): BytesBuilder {
    return new BytesBuilder({
      ...limits,
      format: this.#source.blockFormat as 'json' | 'ndjson' | 'csv',
      csv: this.#source.csv ?? { header: true, delimiter: ',' },
      recordBytesMax: this.#options.recordBytesMax ?? RECORD_BYTES_MAX,
      admit: this.#overflow.letsAllIn ? null : () => this.#overflow.admit(this.#level()),
      memory: this.#options.memory,
      onBlock: (block, held, records, firstOrdinal) => this.#enqueue(block, held, records, firstOrdinal, block.bytes.length),
      onBadRecord: (offset, reason, bytes) => this.#noteBad({ offset, position: 0, reason, bytes }),
      checkHeader: names => this.#checkHeader(names),
    })
  }

  #enqueue(block: SourceBlock, held: HeldMemory | null, rows: number, firstOrdinal: number, length: number): void {
    this.#queue.push({ block, held, rows, firstOrdinal, endOrdinal: firstOrdinal + length })
  }

  #sealOpen(): void {
    this.#rows.seal()
    this.#text?.seal()
  }

  #isOpen(takes: 'columns' | 'text'): boolean {
    if (this.#state === 'ended') {
      throw new MillraceError('INVALID_STATE', `Source ${this.#source.name} has ended; nothing can be pushed any more.`)
    }
    const given = this.#source.blockFormat === 'columns' ? 'columns' : 'text'
    if (given !== takes) {
      const what = given === 'columns'
        ? `takes rows or columns; it was given text. Set its format to 'json', 'ndjson' or 'csv'`
        : `takes ${this.#source.blockFormat} text; it was given rows or columns. Set its format to 'rows'`
      throw new MillraceError('INVALID_OPTION', `Source ${this.#source.name} ${what}.`)
    }
    return this.#state === 'open'
  }

  /** How full the queue is, with `rows` more than it holds. */
  #level(rows = 0): QueueLevel {
    return { rows: this.queuedRows + rows, bytes: this.#queue.bytes }
  }

  /** Hands runs of admitted rows to `push`, which returns how many were good. */
  #admitRuns(rows: number, push: (start: number, end: number) => number): void {
    if (this.#overflow.letsAllIn) {
      this.#guard(() => push(0, rows))
    } else {
      let start = 0
      for (let i = 0; i < rows; i++) {
        if (this.#overflow.admit(this.#level(i - start))) continue
        if (i > start) this.#pushRun(start, i, push)
        start = i + 1
      }
      if (rows > start) this.#pushRun(start, rows, push)
    }
    this.#pushedRows += rows
  }

  #pushRun(start: number, end: number, push: (start: number, end: number) => number): void {
    const before = this.#pushedRows
    this.#pushedRows += start
    this.#guard(() => push(start, end))
    this.#pushedRows = before
  }

  /** Runs a push; what goes wrong in it ends the source, and goes on to who pushed. */
  #guard(push: () => void): void {
    try {
      push()
    } catch (error) {
      this.fail(error)
      throw error
    }
  }

  #afterPush(): void {
    if (this.#source.limits.overflow === 'dropOldest') this.#dropOldest()
    if (this.#signalled === 'full' || this.queuedRows === 0) return
    const level = this.hasRoom ? 'filling' : 'full'
    if (level === this.#signalled) return
    this.#signalled = level
    this.#options.onData()
  }

  #dropOldest(): void {
    const excess = this.queuedRows - this.#source.limits.queuedRowsMax
    if (excess > 0) {
      if (excess > this.#queue.rows) this.#sealOpen()
      this.#overflow.droppedRows += this.#queue.dropOldest(excess)
    }
    this.#overflow.droppedRows += this.#queue.dropToBytes(this.#options.queuedBytesMax ?? QUEUED_BYTES_MAX)
  }

  #noteBad(record: RefusedRecord): void {
    this.#badRows++
    const { onBadRecord } = this.#source.limits
    if (onBadRecord === 'fail') throw badRecordError(this.#source.name, record, this.#text ? 'byte' : 'row')
    if (onBadRecord !== 'drop') onBadRecord.deliver([{ source: this.#source.name, ...record }])
    this.#options.onBadRecords?.([record])
  }

  #checkHeader(names: readonly string[]): void {
    const missing = this.#source.fields.map(field => field.name).filter(name => !names.includes(name))
    if (missing.length === 0) return
    throw new MillraceError('BAD_RECORD',
      `The CSV header of source ${this.#source.name} has no column ${quoteNames(missing)}; it has ${quoteNames(names)}. `
      + 'Without a header line, set csv: { header: false }.',
      { where: { source: this.#source.name } })
  }

  #signalWhenRateAllows(bucket: TokenBucket): void {
    this.#rateTimer?.cancel()
    this.#rateTimer = this.clock.setTimer(bucket.waitMs(), () => {
      this.#rateTimer = null
      if (this.queuedRows > 0) this.#options.onData()
    })
  }

  #wakeWaiters(): void {
    if (this.#overflow.isFull(this.#level())) return
    for (const waiter of this.#waiters.splice(0)) waiter.resolve()
  }

  #rejectWaiters(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#closedError())
  }

  #closedError(): MillraceError {
    return new MillraceError('INVALID_STATE', `Source ${this.#source.name} takes no more data: it is ${this.#state}.`)
  }
}

function overflowOf(options: SourceIntakeOptions): Overflow {
  const { source: { limits, blockFormat }, queuedBytesMax = QUEUED_BYTES_MAX, pauseAt, clock } = options
  if (limits.overflow !== 'pause' || !pauseAt) return new Overflow(limits, queuedBytesMax, clock.now())
  const queuedRowsMax = Math.min(limits.queuedRowsMax, pauseAt.rows)
  const bytesMax = blockFormat === 'columns' ? queuedBytesMax : Math.min(queuedBytesMax, pauseAt.textBytes)
  return new Overflow({ ...limits, queuedRowsMax }, bytesMax, clock.now())
}
