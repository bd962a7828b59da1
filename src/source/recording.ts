/**
 * Recorded data as a row of numbered items with times, whatever form it has: what `replay` plays.
 */
import { checkColumns } from '../data/column-input.js'
import { readCsvFields } from '../data/csv-header.js'
import { sliceValidity } from '../data/block-slice.js'
import { recordScanner } from '../data/record-boundary.js'
import { parseTimestampText } from '../data/timestamp-text.js'
import type { InputColumns } from './payload.js'
import type { InputColumn, InputRow, Intake, Source, SourceSchema } from './source.js'

export interface Recording {
  /** Rows; of text, records. */
  readonly length: number
  /** Epoch ms of a row, null where it has none; always null when no time column was asked for. */
  timeAt(i: number): number | null
  push(intake: Intake, start: number, end: number): void
}

type Part = Pick<Source, 'fields' | 'blockFormat' | 'csv'>

export function recordedRows<S extends SourceSchema>(rows: readonly InputRow<S>[], timeColumn: string | null): Recording {
  return {
    length: rows.length,
    timeAt: i => (timeColumn === null ? null : timeOf((rows[i] as Record<string, unknown>)[timeColumn])),
    push: (intake, start, end) => intake.pushRows(rows.slice(start, end)),
  }
}

export function recordedColumns<S extends SourceSchema>(
  part: Part, columns: InputColumns<S>, timeColumn: string | null,
): Recording {
  const inputs = columns as Readonly<Record<string, InputColumn>>
  const times = timeColumn === null ? null : valuesOf(inputs[timeColumn]!)
  const names = part.fields.map(field => field.name)
  return {
    length: checkColumns(part.fields, inputs).numRows,
    timeAt: i => timeOf(times?.[i]),
    push(intake, start, end) {
      intake.pushColumns(Object.fromEntries(names.map(name => [name, sliceInput(inputs[name]!, start, end)])))
    },
  }
}

/** Text is played record by record; a CSV header goes with the first. */
export function recordedText(part: Part, text: Uint8Array | string, timeColumn: string | null): Recording {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  if (part.blockFormat === 'json') return { length: 1, timeAt: () => null, push: intake => intake.pushMessage(bytes) }
  const ends = recordEnds(part, bytes)
  const startOf = (i: number): number => (i === 0 ? 0 : ends[i - 1]!)
  const decoder = new TextDecoder()
  const record = (i: number): string => decoder.decode(bytes.subarray(startOf(i), ends[i]))
  const hasHeader = part.blockFormat === 'csv' && part.csv?.header === true
  const timeIn = timeColumn === null ? null : timeReader(part, timeColumn, hasHeader ? record(0) : null)
  return {
    length: ends.length,
    timeAt: i => (timeIn === null || (hasHeader && i === 0) ? null : timeIn(record(i))),
    push: (intake, start, end) => intake.pushBytes(bytes.subarray(startOf(start), ends[end - 1])),
  }
}

function recordEnds(part: Part, bytes: Uint8Array): number[] {
  const scanner = recordScanner(part.blockFormat === 'csv' ? 'csv' : 'ndjson', part.csv?.delimiter)
  const ends: number[] = []
  for (let end = scanner.next(bytes, 0, bytes.length); end >= 0; end = scanner.next(bytes, end, bytes.length)) ends.push(end)
  if ((ends.at(-1) ?? 0) < bytes.length) ends.push(bytes.length)
  return ends
}

/** Reads the time of one record; null where it has none, which is for the decoder to judge. */
function timeReader(part: Part, timeColumn: string, header: string | null): (record: string) => number | null {
  if (part.blockFormat !== 'csv') return record => timeOf(jsonValue(record, timeColumn))
  const delimiter = part.csv?.delimiter ?? ','
  const names = header === null ? part.fields.map(field => field.name) : readCsvFields(header, delimiter)
  const index = names.indexOf(timeColumn)
  return record => timeOfText(readCsvFields(record, delimiter)[index])
}

function jsonValue(record: string, name: string): unknown {
  try {
    return (JSON.parse(record) as Record<string, unknown> | null)?.[name]
  } catch {
    return null
  }
}

function timeOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isNaN(value) ? null : value
  if (value instanceof Date) return timeOf(value.getTime())
  return typeof value === 'string' ? parseTimestampText(value) : null
}

/** CSV holds times as ISO text or as a number of ms. */
function timeOfText(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null
  return parseTimestampText(text) ?? timeOf(Number(text))
}

function valuesOf(input: InputColumn): ArrayLike<unknown> {
  return 'values' in input && !Array.isArray(input) && !ArrayBuffer.isView(input) ? input.values : input as ArrayLike<unknown>
}

function sliceInput(input: InputColumn, start: number, end: number): InputColumn {
  const values = valuesOf(input)
  const part = ArrayBuffer.isView(values)
    ? (values as Float64Array).subarray(start, end) : Array.prototype.slice.call(values, start, end) as unknown[]
  if (values === input) return part
  const { validity } = input as { validity?: Uint8Array | null }
  return { ...input, values: part, validity: validity ? sliceValidity(validity, start, end) : null } as InputColumn
}
