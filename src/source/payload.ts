/**
 * What users hand to a source: rows, columns, bytes or text, told apart and pushed the right way. Shared by the sources that
 * take all of them.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import { describeValue } from '../data/value-check.js'
import type { InputColumn, InputRow, Intake, Source, SourceSchema } from './source.js'

/** Columns by name, of equal length. */
export type InputColumns<S extends SourceSchema> = { readonly [C in keyof S]: InputColumn }

/** Everything a source can be given at once. */
export type Payload<S extends SourceSchema> =
  InputRow<S> | readonly InputRow<S>[] | InputColumns<S> | Uint8Array | ArrayBuffer | string

type AnyRow = Readonly<Record<string, unknown>>
type Part = Pick<Source, 'name' | 'fields' | 'blockFormat'>

export interface PayloadOptions {
  /** The buffers of columns and bytes may be kept. */
  readonly transfer?: boolean
  /**
   * Whether text holds whole records (`message`) or a stream cut anywhere (`stream`). Bytes are a stream, except for the format
   * json.
   */
  readonly text: 'message' | 'stream'
}

const encoder = new TextEncoder()

/** Pushes one payload. @throws MillraceError when its kind does not fit the source's format. */
export function pushPayload(intake: Intake, source: Part, payload: unknown, options: PayloadOptions): void {
  const bytes = bytesOf(payload)
  if (bytes !== null || typeof payload === 'string') {
    if (source.blockFormat === 'json') intake.pushMessage(bytes ?? payload as string)
    else if (bytes !== null) intake.pushBytes(bytes)
    else if (options.text === 'stream') intake.pushBytes(encoder.encode(payload as string))
    else intake.pushMessage(payload as string)
  } else if (Array.isArray(payload)) {
    intake.pushRows(payload as AnyRow[])
  } else if (typeof payload !== 'object' || payload === null) {
    const given = describeValue(payload)
    throw new MillraceError('BAD_RECORD', `Source ${source.name} was given ${given}: give a row, rows, columns, bytes or text.`)
  } else if (isColumns(source, payload as AnyRow)) {
    intake.pushColumns(payload as Record<string, InputColumn>, { transfer: options.transfer === true })
  } else {
    intake.pushRows([payload as AnyRow])
  }
}

/** Pushes payloads one after the other, rows that follow each other together. */
export function pushPayloads(intake: Intake, source: Part, payloads: readonly unknown[], options: PayloadOptions): void {
  let rows: AnyRow[] = []
  const flush = (): void => {
    if (rows.length > 0) intake.pushRows(rows)
    rows = []
  }
  for (const payload of payloads) {
    if (isRow(source, payload)) {
      rows.push(payload)
    } else {
      flush()
      pushPayload(intake, source, payload, options)
    }
  }
  flush()
}

function isRow(source: Part, payload: unknown): payload is AnyRow {
  return isObject(payload) && !Array.isArray(payload) && bytesOf(payload) === null && !isColumns(source, payload)
}

/** Turns a payload into rows by the user's function and pushes them; a throw makes it a bad record. */
export function pushDecoded<P>(intake: Intake, payload: P, decode: (payload: P) => unknown): void {
  let rows: readonly AnyRow[]
  try {
    const decoded = decode(payload)
    rows = isIterable(decoded) ? [...decoded] as AnyRow[] : [decoded as AnyRow]
  } catch (error) {
    const isText = typeof payload === 'string' || payload instanceof Uint8Array
    intake.reject(isText ? payload : describeValue(payload), `decode threw: ${messageOf(error)}`)
    return
  }
  intake.pushRows(rows)
}

/** A copy that later changes by the caller do not reach. */
export function copyPayload(payload: unknown): unknown {
  const bytes = bytesOf(payload)
  if (bytes) return bytes.slice()
  if (Array.isArray(payload)) return payload.map(row => (isObject(row) ? { ...row } : row) as unknown)
  if (!isObject(payload)) return payload
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, copyColumn(value)]))
}

/** Rows in a payload, about: of text the line feeds. */
export function countRows(source: Part, payload: unknown): number {
  const bytes = bytesOf(payload)
  if (bytes) return Math.max(1, countLines(bytes))
  if (Array.isArray(payload)) return payload.length
  if (!isObject(payload) || !isColumns(source, payload)) return 1
  const column = payload[source.fields[0]!.name]
  const values = isArray(column) ? column : (column as { values?: unknown } | undefined)?.values
  return isArray(values) ? values.length : 0
}

function countLines(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return lines
}

function bytesOf(payload: unknown): Uint8Array | null {
  if (payload instanceof Uint8Array) return payload
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload)
  return payload instanceof DataView ? new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength) : null
}

/**
 * An object holds columns when a value of it can only be a column: an array, a typed array or `{ values }`. No row has such
 * values.
 */
function isColumns(source: Part, payload: AnyRow): boolean {
  return source.fields.some(field => isColumn(payload[field.name]))
}

function isColumn(value: unknown): boolean {
  return isArray(value) || (isObject(value) && 'values' in value)
}

function isArray(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

function copyColumn(value: unknown): unknown {
  if (isArray(value)) return (value as Uint8Array).slice()
  if (!isObject(value) || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyColumn(part)]))
}

function isObject(value: unknown): value is AnyRow {
  return typeof value === 'object' && value !== null
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value
}
