/**
 * Bad records as values and as errors: what `onBadRecord` hands on, whether the record was refused at the intake or by a
 * decoder.
 */
import { MillraceError } from '../base/errors.js'
import { BAD_RECORD_BYTES } from '../data/block.js'

/** A record or row that was refused; decoders report theirs in the same shape. */
export interface RefusedRecord {
  /** Byte ordinal in the source; of a row its number, from 0. */
  readonly offset: number
  /** Position within the record of the first byte that cannot be. */
  readonly position: number
  readonly reason: string
  /** The record's first 120 bytes; of a row, those of its JSON. */
  readonly bytes: Uint8Array
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A bad record made from a row that was pushed as an object; its bytes are the start of its JSON. */
export function badRow(offset: number, reason: string, row: unknown): RefusedRecord {
  return { offset, position: 0, reason, bytes: encoder.encode(textOfRow(row)).slice(0, BAD_RECORD_BYTES) }
}

/** The error by which `onBadRecord: 'fail'` ends a job. `unit`: what the offset counts. */
export function badRecordError(source: string, record: RefusedRecord, unit: 'byte' | 'row'): MillraceError {
  const position = unit === 'byte' ? `, position ${record.position}` : ''
  const head = JSON.stringify(decoder.decode(record.bytes))
  return new MillraceError('BAD_RECORD',
    `${source}: bad record at ${unit} ${record.offset}${position}: ${record.reason}. It begins with ${head}.`,
    { where: { source, offset: record.offset } })
}

function textOfRow(row: unknown): string {
  try {
    return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)) ?? String(row)
  } catch {
    return String(row)
  }
}
