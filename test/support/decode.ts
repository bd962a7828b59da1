/** Decoding for tests: text in, plain rows and bad records out; the arena must hold afterwards what it held before. */
import type { BytesBlock, CsvLayout, TextFormat } from '../../src/data/block.js'
import { isValid } from '../../src/data/column.js'
import type { ColumnType, Schema } from '../../src/data/schema.js'
import { ArenaScope } from '../../src/kernel/arena.js'
import { decodeBytes } from '../../src/kernel/decoder.js'
import type { KernelColumn } from '../../src/kernel/kernel-columns.js'
import type { KernelSet } from '../../src/kernel/kernel-set.js'
import { TextTable } from '../../src/kernel/text-table.js'
import type { BadRecord } from '../../src/plan/task.js'

export interface DecodeOptions {
  readonly format: TextFormat
  readonly schema: Readonly<Record<string, ColumnType>>
  readonly csv?: CsvLayout
  /** Names; all when left out. */
  readonly columnsRead?: readonly string[]
  readonly recordBytesMax?: number
  readonly badRecordsMax?: number
  readonly firstOrdinal?: number
  readonly templateJson?: boolean
}

export type Value = number | bigint | boolean | string | null

export interface Decoded {
  /** One list of values per row, in the order of the schema; columns that are not read are undefined. */
  readonly rows: readonly (readonly (Value | undefined)[])[]
  readonly badCount: number
  readonly bad: readonly BadRecord[]
  /** Bytes that the arena holds more than before, once the scope and the text table are gone. */
  readonly leakedBytes: number
}

type Piece = string | Uint8Array

export function bytesOf(text: Piece): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text
}

/** Decodes one or several blocks, each as one slice. */
export function decodeText(set: KernelSet, input: Piece | readonly Piece[], options: DecodeOptions): Decoded {
  const pieces = (Array.isArray(input) ? input : [input]) as Piece[]
  const blocks = pieces.map((piece): BytesBlock =>
    ({ kind: 'bytes', format: options.format, bytes: bytesOf(piece), ...(options.csv ? { csv: options.csv } : {}) }))
  const schema: Schema = Object.entries(options.schema).map(([name, type]) => ({ name, type }))
  const usedBefore = set.arena.usedBytes
  const scope = new ArenaScope(set.arena)
  const text = new TextTable(set)
  const columnsRead = options.columnsRead?.map(name => schema.findIndex(field => field.name === name))
  const { columns, badCount, bad } = decodeBytes(set, scope, {
    slices: blocks.map(block => ({ block, start: 0, end: block.bytes.length })),
    schema,
    text,
    recordBytesMax: options.recordBytesMax ?? 1 << 20,
    badRecordsMax: options.badRecordsMax ?? 1000,
    firstOrdinal: options.firstOrdinal ?? 0,
    templateJson: options.templateJson ?? true,
    ...(columnsRead ? { columnsRead } : {}),
  })
  const read = columns.columns.map(column => (column.values ? columnValues(set, column, columns.numRows, text) : null))
  const rows = Array.from({ length: columns.numRows }, (_, i) => read.map(values => values?.[i]))
  text.free()
  scope.release()
  return { rows, badCount, bad, leakedBytes: set.arena.usedBytes - usedBefore }
}

function columnValues({ memory }: KernelSet, column: KernelColumn, numRows: number, text: TextTable): Value[] {
  const { type, values, validity } = column
  const bits = validity ? memory.u8.subarray(validity) : null
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const at = (i: number): Value => {
    switch (type) {
      case 'bool': return memory.u8[values + i] === 1
      case 'i32': return memory.i32[(values >>> 2) + i]!
      case 'i64': return memory.i64[(values >>> 3) + i]!
      case 'f32': return memory.f32[(values >>> 2) + i]!
      case 'f64': case 'timestamp': return memory.f64[(values >>> 3) + i]!
      case 'utf8': return decoder.decode(text.bytesOf(memory.i32[(values >>> 2) + i]!))
    }
  }
  return Array.from({ length: numRows }, (_, i) => (isValid(bits, i) ? at(i) : null))
}
