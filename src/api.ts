/**
 * The public names that are the same in every entry; each entry adds its own StreamingContext.
 */
export { toMs, type Duration } from './base/duration.js'
export { MillraceError, type ErrorCode, type ErrorPlace } from './base/errors.js'
export type { Clock, Storage, Timer } from './base/ports.js'
export { Batch, type WindowValue } from './data/batch.js'
export type { ColumnView } from './data/column-reader.js'
export type { OutputMode } from './data/output-mode.js'
export type { ColumnType, Field, Schema } from './data/schema.js'
export type { BadRecord, Capabilities } from './plan/task.js'
export type { ListenerEvent, ListenerEvents, ListenerEventType } from './scheduler/listener.js'
export type { RowCounts, SourceProgress, StateOperatorProgress, StreamingQueryProgress } from './scheduler/progress.js'
export { consoleSink } from './sink/console-sink.js'
export { memorySink, type MemorySink } from './sink/memory-sink.js'
export type { BatchInfo, Sink } from './sink/sink.js'
export type { Table } from './sink/table-sink.js'
export { badRecords } from './source/bad-records.js'
export { custom, type CustomSource } from './source/custom.js'
export { eventSource, type EventSourceOptions, type SseEvent } from './source/event-source.js'
export { fetchStream, type FetchStreamOptions } from './source/fetch-stream.js'
export { memory, type MemorySource } from './source/memory.js'
export type { SourceOptions } from './source/options.js'
export { rate, type RateOptions } from './source/rate.js'
export { readable } from './source/readable.js'
export { replay, type ReplayOptions } from './source/replay.js'
export type {
  BadRecordPolicy, BadRecordSource, Format, InputRow, Intake, OverflowPolicy, Source, SourceConnection, SourceEvent, SourceSchema,
} from './source/source.js'
export { webSocket, type WebSocketOptions } from './source/web-socket.js'
export {
  any, avg, count, countIf, every, first, last, max, maxBy, min, minBy, stddev, stddevPopulation, sum, variance,
    variancePopulation, type Agg,
} from './stream/aggregates.js'
export type { ContextState } from './stream/streaming-context.js'
export type { StreamingContextOptions } from './stream/context-options.js'
export { coalesce, greatest, least, lit, when } from './stream/expression-functions.js'
export type { BigExpr, BoolExpr, Expr, NumberExpr, TextExpr, TimestampExpr, WindowExpr } from './stream/expressions.js'
export type { GroupedStream } from './stream/grouped-stream.js'
export type { LookupTable, TableOptions } from './stream/lookup-table.js'
export type { AggregatedStream, OutputOptions, Stream } from './stream/stream.js'
export type { Fields, RowOf } from './stream/types.js'
export { sliding, tumbling } from './stream/windows.js'
