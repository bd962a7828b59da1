/**
 * Undecoded text to columns in kernel memory: the first step of a source task whose blocks hold bytes. The host side of
 * assembly/decode.ts: it lays out the bytes and the columns, calls the kernel once per slice, and words what was wrong.
 * Invariant: every record becomes rows or one bad record; a bad record leaves no trace in the columns.
 */
import * as L from '../../assembly/portable/layout.js'
import { assert } from '../base/errors.js'
import { BAD_RECORD_BYTES, type BlockSlice, type BytesBlock, type TextFormat } from '../data/block.js'
import { validityBytes } from '../data/column.js'
import { copyBytes } from '../data/copy-bytes.js'
import { recordEndFrom } from '../data/record-boundary.js'
import { VALUE_BYTES, type ColumnType, type Schema } from '../data/schema.js'
import type { BadRecord } from '../plan/task.js'
import { ArenaScope } from './arena.js'
import { badReason, type BadEntry } from './bad-record.js'
import type { KernelColumn, KernelColumns } from './kernel-columns.js'
import type { KernelSet } from './kernel-set.js'
import type { KernelMemory } from './memory.js'
import type { TextTable } from './text-table.js'

export interface DecodeRequest {
  /** Slices of byte blocks at record boundaries, all of one format, one after the other in the source. */
  readonly slices: readonly BlockSlice[]
  readonly schema: Schema
  /** Indexes in the schema of the columns to decode; the others are only checked. All when left out. */
  readonly columnsRead?: readonly number[]
  /** Where text goes. */
  readonly text: TextTable
  /** A longer record is bad. */
  readonly recordBytesMax: number
  /** Bad records that are kept; all are counted. */
  readonly badRecordsMax: number
  /** Whether JSON may be decoded by templates (assembly/json-templates.ts): the same result, sooner. */
  readonly templateJson: boolean
  /** Byte ordinal in the source of the first slice's first byte. */
  readonly firstOrdinal: number
}

export interface DecodedBytes {
  /** Columns that are not read have address 0. */
  readonly columns: KernelColumns
  readonly badCount: number
  readonly bad: readonly BadRecord[]
}

const FORMAT_CODES: Readonly<Record<TextFormat, number>> = {
  ndjson: L.DECODE_FORMAT_NDJSON, json: L.DECODE_FORMAT_JSON, csv: L.DECODE_FORMAT_CSV,
}
const TYPE_CODES: Readonly<Record<ColumnType, number>> = {
  bool: L.DECODE_TYPE_BOOL, i32: L.DECODE_TYPE_I32, i64: L.DECODE_TYPE_I64, f32: L.DECODE_TYPE_F32, f64: L.DECODE_TYPE_F64,
  utf8: L.DECODE_TYPE_UTF8, timestamp: L.DECODE_TYPE_TIMESTAMP,
}
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const OPENING_BRACE = 0x7b
const QUOTE = 0x22
/** No record is longer, memory ending before. */
const RECORD_BYTES_LIMIT = 2 ** 32 - 1
/** Reading a column's name word by word needs this much behind a short one. */
const WORD_BYTES = 8

/** Records that are located before their values are turned into columns: few enough to stay in the cache. */
const SPAN_ROWS_MAX = 256
const SPAN_ROWS_MIN = 16
const SPANS_MAX = 4096

/** The kernels may read as much behind the text, and take nothing from it. */
const BYTES_BEHIND = 64

/** A slice in kernel memory: [ptr, end), a line feed last, of CSV a quote behind. */
interface Input {
  readonly block: BytesBlock
  readonly start: number
  readonly ptr: number
  readonly end: number
}

/**
 * Decodes slices of text. The columns are allocated in `scope`; nothing else is left in the arena.
 * The text table may hold strings of bad records afterwards.
 */
export function decodeBytes(set: KernelSet, scope: ArenaScope, request: DecodeRequest): DecodedBytes {
  const temporary = new ArenaScope(set.arena)
  try {
    const inputs = request.slices.map(slice => loadInput(set, temporary, slice))
    const rowsMax = inputs.reduce((rows, input) => rows + rowsMaxOf(set, input), 0)
    const read = request.columnsRead ?? request.schema.map((_, index) => index)
    const columns = allocateColumns(set, scope, temporary, request.schema, read, rowsMax)
    const decode = temporary.allocateZeroed(L.DECODE_BYTES)
    set.memory.write(decode + L.DECODE_COLUMNS, columns.ptr)
    set.memory.write(decode + L.DECODE_COLUMN_COUNT, read.length)
    set.memory.write(decode + L.DECODE_TEXT_TABLE, request.text.ptr)
    set.memory.write(decode + L.DECODE_RECORD_BYTES_MAX, Math.min(request.recordBytesMax, RECORD_BYTES_LIMIT))
    const templates = request.templateJson ? temporary.allocate(L.DECODE_TEMPLATE_BYTES * L.DECODE_TEMPLATE_COUNT) : 0
    set.memory.write(decode + L.DECODE_TEMPLATES, templates)
    const spanRows = Math.max(SPAN_ROWS_MIN, Math.min(SPAN_ROWS_MAX, Math.floor(SPANS_MAX / Math.max(read.length, 1))))
    const spanBytes = spanRows * (read.length + 1) * L.DECODE_SPAN_BYTES + (spanRows + L.DECODE_LINES_AHEAD) * 4
    set.memory.write(decode + L.DECODE_SPANS, templates && temporary.allocate(spanBytes))
    set.memory.write(decode + L.DECODE_SPAN_ROWS, spanRows)
    const bad: BadRecord[] = []
    let badCount = 0
    let ordinal = request.firstOrdinal
    for (const input of inputs) {
      const room = request.badRecordsMax - bad.length
      const entries = decodeInput(set, temporary, { decode, input, request, read, columns: columns.ptr, room })
      badCount += entries.count
      for (const entry of entries.kept) bad.push(badRecord(input, entry, ordinal, request, read))
      ordinal += recordBytes(input)
    }
    return { columns: finishColumns(set, request.schema, columns, set.memory.read(decode + L.DECODE_ROWS)), badCount, bad }
  } finally {
    temporary.release()
  }
}

function recordBytes({ block, start, ptr, end }: Input): number {
  return Math.min(end - ptr, block.bytes.length - start)
}

function loadInput(set: KernelSet, temporary: ArenaScope, { block, start, end }: BlockSlice): Input {
  assert(block.kind === 'bytes', 'no bytes')
  return inputInPlace(set.memory, block, start, end) ?? copiedInput(set, temporary, block, start, end)
}

/** The slice where it lies in the kernels' own memory, as blocks in a shared heap do, or null. Reading CSV writes in its text. */
function inputInPlace(memory: KernelMemory, block: BytesBlock, start: number, end: number): Input | null {
  const address = block.format === 'csv' ? null : memory.addressOf(block.bytes)
  if (address === null || block.bytes[end - 1] !== LINE_FEED || address + end + BYTES_BEHIND > memory.u8.length) return null
  return { block, start, ptr: address + start, end: address + end }
}

function copiedInput({ memory }: KernelSet, temporary: ArenaScope, block: BytesBlock, start: number, end: number): Input {
  const ptr = temporary.allocate(end - start + BYTES_BEHIND)
  const address = memory.addressOf(block.bytes)
  const { u8 } = memory
  if (address === null) copyBytes(u8, ptr, block.bytes.subarray(start, end))
  else memory.copy(ptr, address + start, end - start)
  let last = ptr + end - start
  if (end > start && u8[last - 1] !== LINE_FEED) u8[last++] = LINE_FEED
  u8[last] = QUOTE
  return { block, start, ptr, end: last }
}

/** Rows that a slice can give at most: a line or an object each. */
function rowsMaxOf(set: KernelSet, { block, ptr, end }: Input): number {
  return set.kernels.countBytes(ptr, end - ptr, block.format === 'json' ? OPENING_BRACE : LINE_FEED)
}

interface AllocatedColumns {
  /** Descriptors of the columns that are read. */
  readonly ptr: number
  /** By index in the schema. */
  readonly columns: readonly (KernelColumn & { readonly descriptor: number })[]
}

function allocateColumns(
  set: KernelSet, scope: ArenaScope, temporary: ArenaScope, schema: Schema, read: readonly number[], rowsMax: number,
): AllocatedColumns {
  const { memory } = set
  const ptr = temporary.allocateZeroed(Math.max(read.length, 1) * L.DECODE_COLUMN_BYTES)
  const columns = schema.map(({ name, type }, index) => {
    const position = read.indexOf(index)
    if (position < 0) return { type, values: 0, validity: 0, descriptor: 0 }
    const descriptor = ptr + position * L.DECODE_COLUMN_BYTES
    const nameBytes = new TextEncoder().encode(name)
    const namePtr = temporary.allocateZeroed(nameBytes.length + WORD_BYTES)
    const values = scope.allocate(rowsMax * VALUE_BYTES[type])
    const validity = scope.allocate(validityBytes(rowsMax))
    memory.u8.set(nameBytes, namePtr)
    memory.u8.copyWithin(descriptor + L.DECODE_COLUMN_WORD, namePtr, namePtr + WORD_BYTES)
    memory.write(descriptor + L.DECODE_COLUMN_NAME, namePtr)
    memory.write(descriptor + L.DECODE_COLUMN_NAME_BYTES, nameBytes.length)
    memory.write(descriptor + L.DECODE_COLUMN_TYPE, TYPE_CODES[type])
    memory.write(descriptor + L.DECODE_COLUMN_SHIFT, Math.log2(VALUE_BYTES[type]))
    memory.write(descriptor + L.DECODE_COLUMN_VALUES, values)
    memory.write(descriptor + L.DECODE_COLUMN_VALIDITY, validity)
    memory.u8.fill(255, validity, validity + validityBytes(rowsMax))
    return { type, values, validity, descriptor }
  })
  return { ptr, columns }
}

function finishColumns(set: KernelSet, schema: Schema, { columns }: AllocatedColumns, numRows: number): KernelColumns {
  return {
    schema,
    numRows,
    columns: columns.map(({ type, values, validity, descriptor }) =>
      ({ type, values, validity: descriptor && set.memory.read(descriptor + L.DECODE_COLUMN_NULL_COUNT) ? validity : 0 })),
  }
}

interface InputRun {
  readonly decode: number
  readonly input: Input
  readonly request: DecodeRequest
  readonly read: readonly number[]
  readonly columns: number
  /** Bad records that may still be kept. */
  readonly room: number
}

function decodeInput(set: KernelSet, temporary: ArenaScope, run: InputRun): { count: number; kept: BadEntry[] } {
  const { memory } = set
  const { decode, input: { block, ptr, end } } = run
  // A record has at least a byte and its line feed, so that a small slice needs no long list.
  const room = Math.min(run.room, (end - ptr) >>> 1)
  const list = temporary.allocate(room * L.BAD_BYTES)
  memory.write(decode + L.DECODE_INPUT, ptr)
  memory.write(decode + L.DECODE_INPUT_END, end)
  memory.write(decode + L.DECODE_FORMAT, FORMAT_CODES[block.format])
  memory.write(decode + L.DECODE_BAD, list)
  memory.write(decode + L.DECODE_BAD_MAX, room)
  memory.write(decode + L.DECODE_BAD_COUNT, 0)
  if (block.format === 'csv') writeFields(set, temporary, run)
  set.kernels.decodeRecords(decode)
  const count = memory.read(decode + L.DECODE_BAD_COUNT)
  const kept = Array.from({ length: Math.min(count, room) }, (_, i): BadEntry => {
    const entry = list + i * L.BAD_BYTES
    return {
      offset: memory.read(entry + L.BAD_OFFSET),
      position: memory.read(entry + L.BAD_POSITION),
      reason: memory.read(entry + L.BAD_REASON),
      detail: memory.read(entry + L.BAD_DETAIL) | 0,
    }
  })
  return { count, kept }
}

function fieldNames({ csv }: BytesBlock, schema: Schema): readonly string[] {
  return csv?.columns ?? schema.map(({ name }) => name)
}

/** CSV: which column each field of a line fills. */
function writeFields(set: KernelSet, temporary: ArenaScope, run: InputRun): void {
  const { decode, input: { block }, request, read, columns } = run
  const names = fieldNames(block, request.schema)
  const fields = temporary.allocateZeroed(Math.max(names.length, 1) * L.DECODE_FIELD_BYTES)
  names.forEach((name, i) => {
    const position = read.findIndex(index => request.schema[index]!.name === name)
    const column = position < 0 ? 0 : columns + position * L.DECODE_COLUMN_BYTES
    set.memory.write(fields + i * L.DECODE_FIELD_BYTES + L.DECODE_FIELD_COLUMN, column)
  })
  set.memory.write(decode + L.DECODE_DELIMITER, (block.csv?.delimiter ?? ',').charCodeAt(0))
  set.memory.write(decode + L.DECODE_FIELDS, fields)
  set.memory.write(decode + L.DECODE_FIELD_COUNT, names.length)
}

function badRecord(
  { block, start }: Input, entry: BadEntry, ordinal: number, request: DecodeRequest, read: readonly number[],
): BadRecord {
  const record = block.bytes.subarray(start + entry.offset)
  return {
    offset: ordinal + entry.offset,
    position: entry.position,
    reason: badReason(entry, {
      format: block.format,
      record,
      delimiter: block.csv?.delimiter ?? ',',
      columns: read.map(index => request.schema[index]!),
      fieldCount: fieldNames(block, request.schema).length,
      recordBytesMax: request.recordBytesMax,
    }),
    bytes: headOf(block, start + entry.offset),
  }
}

/** The first bytes of the record at `at`, without its line end. */
function headOf(block: BytesBlock, at: number): Uint8Array {
  const bytes = block.bytes.slice(at, at + BAD_RECORD_BYTES)
  let end = recordEndFrom({ ...block, bytes }, 0, 1)
  while (end > 0 && (bytes[end - 1] === LINE_FEED || bytes[end - 1] === CARRIAGE_RETURN)) end--
  return bytes.subarray(0, end)
}
