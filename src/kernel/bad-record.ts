/**
 * What was wrong with a record, in words: the texts behind the reason codes of the decoders
 * (assembly/portable/decode-reasons.ts).
 * Invariant: a text names what was found, at the position that goes with it, and for a value its column.
 */
import * as R from '../../assembly/portable/decode-reasons.js'
import type { TextFormat } from '../data/block.js'
import type { Field } from '../data/schema.js'

/** A bad record as the kernel notes it; portable/layout.ts says what the fields are. */
export interface BadEntry {
  readonly offset: number
  readonly position: number
  readonly reason: number
  readonly detail: number
}

export interface BadRecordInput {
  readonly format: TextFormat
  /** From the record's first byte on, to its end or further. */
  readonly record: Uint8Array
  readonly delimiter: string
  /** Columns that are read, in the order of the details. */
  readonly columns: readonly Field[]
  readonly fieldCount: number
  readonly recordBytesMax: number
}

const VALUE_CHARACTERS_SHOWN = 40
/** Bytes that are looked at to show a value. */
const VALUE_BYTES_READ = 400
const CHARACTER_BYTES_MAX = 4

/** The sentence for a bad record, such as `column 'value': "abc" is not a number`. */
export function badReason(entry: BadEntry, input: BadRecordInput): string {
  const column = entry.reason >= R.REASON_NOT_NUMBER ? input.columns[entry.detail] : undefined
  if (column) return `column '${column.name}': ${valueAt(entry.position, input)} ${VALUE_TEXTS[entry.reason]!(column)}`
  return RECORD_TEXTS[entry.reason]!(foundAt(entry.position, input.record), entry, input)
}

const VALUE_TEXTS: Readonly<Record<number, (column: Field) => string>> = {
  [R.REASON_NOT_NUMBER]: () => 'is not a number',
  [R.REASON_NOT_WHOLE]: () => 'is not a whole number',
  [R.REASON_OUT_OF_RANGE]: column => `is out of the range of ${column.type}`,
  [R.REASON_NOT_TEXT]: () => 'is not text',
  [R.REASON_NOT_BOOL]: () => 'is not a bool',
  [R.REASON_NOT_TIMESTAMP]: () => 'is not a time (epoch milliseconds or ISO 8601)',
}

type RecordText = (found: string, entry: BadEntry, input: BadRecordInput) => string

const RECORD_TEXTS: Readonly<Record<number, RecordText>> = {
  [R.REASON_TOO_LONG]: (_found, _entry, { recordBytesMax }) => `record longer than ${recordBytesMax} bytes`,
  [R.REASON_UTF8]: () => 'not valid UTF-8',
  [R.REASON_NOT_OBJECT]: (found, _entry, { format }) =>
    `${format === 'json' ? 'an object or a list of objects' : 'an object'} is expected, not ${found}`,
  [R.REASON_OBJECT]: found => `an object is expected, not ${found}`,
  [R.REASON_KEY]: found => `a key in double quotes is expected, not ${found}`,
  [R.REASON_COLON]: found => `':' is expected behind a key, not ${found}`,
  [R.REASON_COMMA_OR_BRACE]: found => `',' or '}' is expected, not ${found}`,
  [R.REASON_COMMA_OR_BRACKET]: found => `',' or ']' is expected, not ${found}`,
  [R.REASON_VALUE]: found => `a value is expected, not ${found}`,
  [R.REASON_NUMBER]: found => `a number cannot go on with ${found}`,
  [R.REASON_ESCAPE]: found => `an escape cannot go on with ${found}`,
  [R.REASON_SURROGATE]: () => 'half of a surrogate pair without the other',
  [R.REASON_CONTROL]: found => `${found} is not allowed in a string; write an escape`,
  [R.REASON_STRING_END]: () => 'a string is not closed',
  [R.REASON_TRAILING]: found => `${found} behind the end`,
  [R.REASON_TOO_DEEP]: () => `nested deeper than ${R.NESTING_MAX} levels`,
  [R.REASON_QUOTE_INSIDE]: () => 'a quote inside a field that does not begin with one',
  [R.REASON_BEHIND_QUOTE]: (found, _entry, { delimiter }) =>
    `'${delimiter}' or the end of the line is expected behind a closing quote, not ${found}`,
  [R.REASON_QUOTE_END]: () => 'a quote is not closed',
  [R.REASON_FIELD_COUNT]: (_found, { detail }, { fieldCount }) =>
    `${detail} ${detail === 1 ? 'field' : 'fields'}, not ${fieldCount}`,
}

/** The character at a position, in words. */
function foundAt(position: number, record: Uint8Array): string {
  const byte = record[position]
  if (byte === undefined || byte === 0x0a) return 'the end of the record'
  const [character = ''] = textOf(record, position, CHARACTER_BYTES_MAX)
  if (byte < 0x20 || byte === 0x7f) return `the control character U+${byte.toString(16).toUpperCase().padStart(4, '0')}`
  return character === '\'' ? '"\'"' : `'${character}'`
}

/** Some bytes as text; a copy, as engines decode none that are shared between threads. */
function textOf(record: Uint8Array, position: number, length: number): string {
  return new TextDecoder().decode(record.slice(position, position + length))
}

/** The value at a position, as it is written, shortened. */
function valueAt(position: number, { format, record, delimiter }: BadRecordInput): string {
  const text = textOf(record, position, VALUE_BYTES_READ)
  if (format === 'csv') return shorten(JSON.stringify(csvField(text, delimiter)))
  if (text.startsWith('{')) return 'an object'
  if (text.startsWith('[')) return 'a list'
  return shorten(/^"(?:[^"\\\n]|\\.)*"?|^[^\s,\]}]*/.exec(text)![0])
}

function csvField(text: string, delimiter: string): string {
  const quoted = /^"((?:[^"]|"")*)/.exec(text)
  if (quoted) return quoted[1]!.replaceAll('""', '"')
  const ends = [text.indexOf(delimiter), text.indexOf('\n'), text.indexOf('\r\n')].filter(end => end >= 0)
  return text.slice(0, Math.min(text.length, ...ends))
}

function shorten(text: string): string {
  const characters = [...text]
  return characters.length <= VALUE_CHARACTERS_SHOWN ? text : `${characters.slice(0, VALUE_CHARACTERS_SHOWN).join('')}…`
}
