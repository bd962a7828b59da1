/**
 * The contract of sources: where events enter. A source pushes rows, columns or bytes into an intake and reacts to its
 * back-pressure; it knows nothing of blocks, batches or workers.
 * Invariant: between `start` and `close` it pushes in the order of the data, and never after `end`, `fail` or `close`.
 */
import type { Clock } from '../base/ports.js'
import type { TextFormat } from '../data/block.js'
import type { ColumnType, Schema } from '../data/schema.js'

/** A schema as users write it: `{ sensor: 'utf8', at: 'timestamp', value: 'f64' }`. */
export type SourceSchema = Readonly<Record<string, ColumnType>>

/** JavaScript's side of a column type, as rows give and take it. */
export type ValueOf<T extends ColumnType> =
  T extends 'bool' ? boolean : T extends 'i64' ? bigint : T extends 'utf8' ? string : number

/** One row as users push it; a missing key is null; a timestamp may be a Date or ISO 8601 text. */
export type InputRow<S extends SourceSchema> = { readonly [C in keyof S]?: InputValue<S[C]> | null }

type InputValue<T extends ColumnType> =
  T extends 'timestamp' ? number | Date | string : T extends 'i64' ? bigint | number : ValueOf<T>

/**
 * Values of one column as users push them: a typed array of the type, or any array; with nulls as `{ values, validity }`
 * (bitmap).
 */
export type InputColumn =
  | ArrayLike<unknown>
  | { readonly values: ArrayLike<unknown>; readonly validity?: Uint8Array | null }
  /** Text in codes: row i is `dictionary[values[i]]`. */
  | { readonly values: Int32Array; readonly dictionary: readonly string[]; readonly validity?: Uint8Array | null }

export type Format = 'rows' | 'columns' | TextFormat

/** What happens when more arrives than `queuedRowsMax`: the source waits, or rows are dropped and counted. */
export type OverflowPolicy = 'pause' | 'dropOldest' | 'dropNewest' | 'sample'

/** Where bad records go: `fail` ends the job, `drop` counts them, a source made by `badRecords()` turns them into rows. */
export type BadRecordPolicy = 'fail' | 'drop' | BadRecordSource

/** Limits and policies that all sources share, after defaults. */
export interface SourceLimits {
  readonly onBadRecord: BadRecordPolicy
  readonly overflow: OverflowPolicy
  /** Rows per second that are taken in at most; null = no limit but back-pressure. */
  readonly maxRate: number | null
  /** Rows that may wait for a batch. */
  readonly queuedRowsMax: number
}

export interface Source<S extends SourceSchema = SourceSchema> {
  /** What `explain` and errors call it, such as `webSocket(wss://plant.example/readings)`. */
  readonly name: string
  readonly schema: S
  readonly fields: Schema
  /** What its blocks hold. */
  readonly blockFormat: 'columns' | TextFormat
  readonly limits: SourceLimits
  /** How CSV comes in: whether each stream begins with a header line, and the delimiter (one ASCII character). */
  readonly csv?: { readonly header: boolean; readonly delimiter: string }
  start(intake: Intake): SourceConnection
}

/** A running source. */
export interface SourceConnection {
  close(): void | Promise<void>
}

/** The engine's side of a running source. All `push…` copy what they are given unless told to take it. */
export interface Intake {
  readonly clock: Clock
  pushRows(rows: readonly Readonly<Record<string, unknown>>[]): void
  /** Equal-length columns by name. `transfer: true`: the engine takes the buffers; the caller must not touch them again. */
  pushColumns(columns: Readonly<Record<string, InputColumn>>, options?: { readonly transfer?: boolean }): void
  /** Bytes of a stream, cut anywhere; records are put together by the intake. */
  pushBytes(bytes: Uint8Array): void
  /** One message: one or several whole records. */
  pushMessage(message: string | Uint8Array): void
  /** A payload that the source itself could not turn into rows; `onBadRecord` says what becomes of it. */
  reject(payload: string | Uint8Array, reason: string): void
  /** Rows and records pushed so far, wherever they went. */
  readonly receivedRows: number
  /** Whether something can be pushed at once; always true when the overflow policy drops. */
  readonly hasRoom: boolean
  /** Resolves when there is room; sources that can wait do so before they push more. Rejects once closed. */
  ready(): Promise<void>
  /** A partial record at the end of the bytes is dropped: the connection was cut. */
  resetPartialRecord(): void
  /** Event counters that the source reports: reconnects and so on. */
  note(event: SourceEvent): void
  /** No more data will come. */
  end(): void
  /** The source failed for good; the job fails with SOURCE_FAILED and this cause. */
  fail(error: unknown): void
}

export type SourceEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected'; readonly reason: string; readonly retryInMs: number }

/** A source fed by the engine with the bad records of others; its schema is fixed. */
export interface BadRecordSource
  extends Source<{ source: 'utf8'; offset: 'f64'; position: 'f64'; reason: 'utf8'; bytes: 'utf8' }> {
  deliver(records: readonly { source: string; offset: number; position: number; reason: string; bytes: Uint8Array }[]): void
}
