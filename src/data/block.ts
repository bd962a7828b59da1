/**
 * A block: sealed, immutable input or output of tasks: columns, whole records of text not yet decoded, or
 * partial groups.
 * It is plain data, posted to workers as it is; `wire.ts` lays it out in one buffer so that it can be shared or transferred.
 */
import type { HeldMemory } from './block-memory.js'
import type { Column } from './column.js'
import type { Schema } from './schema.js'

/** Formats of undecoded text. `json`: a document per message, an object or an array of objects; `ndjson`, `csv`: lines. */
export type TextFormat = 'json' | 'ndjson' | 'csv'

export interface ColumnBlock {
  readonly kind: 'columns'
  readonly schema: Schema
  readonly numRows: number
  readonly columns: readonly Column[]
}

/**
 * Whole records, each ended by a line feed; a `json` document holds no raw line feed between its own braces (the builder
 * turns it into a carriage return, which JSON treats alike).
 */
export interface BytesBlock {
  readonly kind: 'bytes'
  readonly format: TextFormat
  readonly bytes: Uint8Array
  readonly csv?: CsvLayout
}

/** Bytes at the start of a bad record that are kept, whoever refuses it. */
export const BAD_RECORD_BYTES = 120

/** How to read the lines of a CSV block (RFC 4180 quoting with `"`). */
export interface CsvLayout {
  /** One ASCII character. */
  readonly delimiter: string
  /** Names of the fields of each line, from the header line, which is not in the block; null: the schema's columns in order. */
  readonly columns: readonly string[] | null
}

/** Partial groups, as tasks hand them to each other and snapshots keep them; `groups-block.ts` says how they lie in `bytes`. */
export interface GroupsBlock {
  readonly kind: 'groups'
  readonly numRows: number
  /** Of a row: its key row and its state row. */
  readonly rowBytes: number
  /** Parts that the rows are in, one per partition. */
  readonly numParts: number
  /** Strings that the rows hold. */
  readonly numTexts: number
  readonly bytes: Uint8Array
}

/** What sources give. */
export type SourceBlock = ColumnBlock | BytesBlock

export type Block = SourceBlock | GroupsBlock

/**
 * What a task reads of a block: rows `[start, end)` of a ColumnBlock, bytes `[start, end)` of a BytesBlock at record
 * boundaries, parts `[start, end)` of a GroupsBlock.
 */
export interface BlockSlice {
  readonly block: Block
  readonly start: number
  readonly end: number
  /** What the block lies in, where it is given back: who keeps the slice holds it. */
  readonly held?: HeldMemory | undefined
}
