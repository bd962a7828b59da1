/**
 * Bad records as a stream of their own: other sources name this source as their `onBadRecord`.
 */
import { sourceParts } from './options.js'
import type { BadRecordSource, Intake } from './source.js'

export interface BadRecordsOptions {
  readonly name?: string
  /** Bad records that may wait for a batch; beyond that the oldest are dropped, and counted. Default 10,000. */
  readonly queuedRowsMax?: number
}

const SCHEMA = { source: 'utf8', offset: 'f64', position: 'f64', reason: 'utf8', bytes: 'utf8' } as const

/**
 * A source of bad records: the source's name, where the record stood in it (byte, or number of the row), the position within
 * the record, the reason, and its first 120 bytes as text.
 * @example
 * const bad = badRecords()
 * const readings = context.source(fetchStream('/readings', { schema, onBadRecord: bad }))
 * context.source(bad).forEachRow(r => log.warn(`${r.source} ${r.offset}: ${r.reason}`))
 */
export function badRecords(options: BadRecordsOptions = {}): BadRecordSource {
  const decoder = new TextDecoder()
  const parts = sourceParts(
    { ...options, schema: SCHEMA, queuedRowsMax: options.queuedRowsMax ?? 10_000, overflow: 'dropOldest' },
    { name: 'badRecords()', format: 'rows', canPause: false })
  let intake: Intake | null = null
  return {
    ...parts,
    deliver(records) {
      intake?.pushRows(records.map(record => ({ ...record, bytes: decoder.decode(record.bytes) })))
    },
    start(given) {
      intake = given
      return { close: () => { intake = null } }
    },
  }
}
