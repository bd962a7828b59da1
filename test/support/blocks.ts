/**
 * Blocks built from rows by the real builder, and read back by the real Batch: the tools of the tests of data, sources and sinks.
 */
import { Batch } from '../../src/data/batch.js'
import type { BytesBlock, ColumnBlock } from '../../src/data/block.js'
import { BlockBuilder, type RowInput } from '../../src/data/block-builder.js'
import { PooledBlockMemory } from '../../src/data/block-memory.js'
import type { ColumnInput } from '../../src/data/column-input.js'
import type { Schema } from '../../src/data/schema.js'
import type { SealedBlock } from '../../src/source/intake-queue.js'
import type { SourceSchema } from '../../src/source/source.js'

export function fieldsOf(schema: SourceSchema): Schema {
  return Object.entries(schema).map(([name, type]) => ({ name, type }))
}

export interface Built {
  readonly blocks: ColumnBlock[]
  readonly bad: { readonly index: number; readonly reason: string; readonly row: RowInput }[]
}

/** Runs a builder over what `push` gives it and seals what is left. */
export function build(schema: Schema, push: (builder: BlockBuilder) => void, blockRowsMax = 65_536,
  blockBytesMax = 1 << 22, columnsRead = schema.map((_, c) => c)): Built {
  const built: Built = { blocks: [], bad: [] }
  const builder = new BlockBuilder({
    schema, columnsRead, blockRowsMax, blockBytesMax, memory: new PooledBlockMemory(false),
    onBlock: block => built.blocks.push(block),
    onBadRow: (index, reason, row) => built.bad.push({ index, reason, row }),
  })
  push(builder)
  builder.seal()
  return built
}

export function blockOfRows(schema: Schema, rows: readonly RowInput[]): ColumnBlock {
  const { blocks } = build(schema, builder => builder.pushRows(rows), Infinity)
  return blocks[0] ?? { kind: 'columns', schema, numRows: 0, columns: emptyColumns(schema) }
}

function emptyColumns(schema: Schema): ColumnBlock['columns'] {
  const one = build(schema, builder => builder.pushRows([{}])).blocks[0]!
  return one.columns.map(column => ({ ...column, values: column.values.subarray(0, 0), validity: null }) as typeof column)
}

/** Rows as columns with validity, the way users push them. */
export function columnsOfRows(schema: Schema, rows: readonly RowInput[]): Record<string, ColumnInput> {
  return Object.fromEntries(schema.map(({ name }) => [name, rows.map(row => row[name])]))
}

export function rowsOf(schema: Schema, blocks: readonly ColumnBlock[]): Record<string, unknown>[] {
  return new Batch(schema, blocks).toRows()
}

/** The text of undecoded blocks. */
export function textOf(blocks: readonly (BytesBlock | SealedBlock)[]): string {
  const bytes = blocks.map(block => ('block' in block ? block.block : block) as BytesBlock).map(block => block.bytes)
  return bytes.map(part => new TextDecoder('utf-8', { ignoreBOM: true }).decode(part)).join('')
}

/** Rows of column blocks that an intake gave. */
export function rowsTaken(schema: Schema, sealed: readonly SealedBlock[]): Record<string, unknown>[] {
  return rowsOf(schema, sealed.map(({ block }) => block as ColumnBlock))
}
