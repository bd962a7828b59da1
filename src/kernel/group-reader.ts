/**
 * From rows of groups to columns of results: keys, the window that they are of, final values.
 * Invariant: the columns' text is codes of the rows' text table, and their memory belongs to the scope.
 */
import * as O from '../../assembly/portable/group-opcodes.js'
import * as R from '../../assembly/portable/group-rows.js'
import { validityBytes } from '../data/column.js'
import { VALUE_BYTES, type ColumnType, type Field } from '../data/schema.js'
import type { AggregateSpec } from '../plan/node.js'
import { readOf, type AggregateLayout } from './aggregate-layout.js'
import type { ArenaScope } from './arena.js'
import type { KernelColumn, KernelColumns } from './kernel-columns.js'
import type { KernelSet } from './kernel-set.js'
import type { RowList, RowTable } from './row-table.js'

const WORD_BYTES = 8
const BITS_PER_BYTE = 8

/** What one column reads; offset and bit count from the row's start. */
interface Reading {
  readonly type: ColumnType
  readonly kind: number
  readonly offset: number
  readonly bit: number
  readonly isKey: boolean
}

/** Rows to read, in their order. */
export interface RowSource {
  readonly table: RowTable
  readonly list: RowList
  /** Start of the window that they are of, if it is one. */
  readonly startMs: number
}

/** How the result rows of an aggregation are read: made once, used for every batch. */
export class ResultReader {
  readonly #spec: AggregateSpec
  readonly #readings: readonly Reading[]
  readonly #rowBytes: number

  constructor(spec: AggregateSpec, layout: AggregateLayout) {
    this.#spec = spec
    const keyBytes = (1 + layout.keyTypes.length + (layout.hasPane ? 1 : 0)) * WORD_BYTES
    this.#readings = spec.outputSchema.filter(({ part }) => !isWindow(spec, part))
      .map(field => readingOf(spec, layout, keyBytes, field))
    this.#rowBytes = keyBytes + layout.stateBytes
  }

  /** The rows of all sources, one behind the other, as columns of the spec's output schema. Sums that do not fit are null. */
  read(set: KernelSet, scope: ArenaScope, sources: readonly RowSource[]): { rows: KernelColumns; overflows: number } {
    const { memory, kernels } = set
    const numRows = sources.reduce((sum, { list }) => sum + list.count, 0)
    const schema = this.#spec.outputSchema
    if (numRows === 0) {
      return { rows: { schema, numRows, columns: schema.map(({ type }) => ({ type, values: 0, validity: 0 })) }, overflows: 0 }
    }
    const readings = scope.allocateZeroed(this.#readings.length * R.READING_BYTES)
    this.#readings.forEach((reading, i) => layReading(set, scope, readings + i * R.READING_BYTES, reading, numRows))
    let first = 0
    let overflows = 0
    for (const { table, list: { numbers, count } } of sources) {
      overflows += kernels.readRows(readings, this.#readings.length, table.rows, this.#rowBytes, numbers, count, first)
      first += count
    }
    let read = readings
    const columns = schema.map(({ type, part }): KernelColumn => {
      if (isWindow(this.#spec, part)) {
        return fillWindow(set, scope, sources, numRows, part.as === 'end' ? this.#spec.window!.sizeMs : 0)
      }
      const values = memory.read(read + R.READING_VALUES)
      const validity = memory.read(read + R.READING_NULL_COUNT) > 0 ? memory.read(read + R.READING_VALIDITY) : 0
      read += R.READING_BYTES
      return { type, values, validity }
    })
    return { rows: { schema, numRows, columns }, overflows }
  }
}

/** Whether a field is one of the two columns of the spec's window. */
function isWindow({ window }: AggregateSpec, part: Field['part']): part is NonNullable<Field['part']> {
  return part !== undefined && part.of === window?.name
}

/** The column of the starts of the sources' windows, or of their ends. */
function fillWindow(
  { memory }: KernelSet, scope: ArenaScope, sources: readonly RowSource[], numRows: number, shiftMs: number,
): KernelColumn {
  const values = scope.allocate(numRows * WORD_BYTES)
  let at = values >>> 3
  for (const { startMs, list: { count } } of sources) {
    memory.f64.fill(startMs + shiftMs, at, at + count)
    at += count
  }
  return { type: 'timestamp', values, validity: 0 }
}

function layReading(
  { memory }: KernelSet, scope: ArenaScope, ptr: number, { type, kind, offset, bit, isKey }: Reading, numRows: number,
): void {
  const validity = scope.allocate(validityBytes(numRows))
  memory.u8.fill(255, validity, validity + validityBytes(numRows))
  memory.write(ptr + R.READING_KIND, kind)
  memory.write(ptr + R.READING_OFFSET, offset)
  memory.write(ptr + R.READING_BIT, bit)
  memory.write(ptr + R.READING_IS_KEY, isKey ? 1 : 0)
  memory.write(ptr + R.READING_VALUES, scope.allocate(numRows * VALUE_BYTES[type]))
  memory.write(ptr + R.READING_VALIDITY, validity)
}

function readingOf(spec: AggregateSpec, layout: AggregateLayout, keyBytes: number, field: Field): Reading {
  const key = spec.keys.findIndex(({ name }) => name === field.name)
  if (key >= 0) return { type: field.type, kind: readOf(field.type), offset: (1 + key) * WORD_BYTES, bit: key, isKey: true }
  const { finalRead, finalOffset, finalBit } = layout.states.find(({ call }) => call.name === field.name)!
  return { type: field.type, kind: finalRead, offset: keyBytes + finalOffset, isKey: false, bit: bitInRow(finalBit, keyBytes) }
}

/** A state's bit, or its count's word, counted from the start of the row. */
function bitInRow(bit: number, keyBytes: number): number {
  if (bit === O.NO_BIT) return bit
  return bit + (bit >= O.SEEN_BY_COUNT ? keyBytes / WORD_BYTES : keyBytes * BITS_PER_BYTE)
}
