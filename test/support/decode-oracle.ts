/**
 * What decoding has to give, by other means: JSON.parse and the rules of the schema for JSON, regular expressions for CSV.
 * A record is accepted exactly when these accept it, with exactly these values.
 */
import { NESTING_MAX } from '../../assembly/portable/decode-reasons.js'
import { recordScanner } from '../../src/data/record-boundary.js'
import type { ColumnType } from '../../src/data/schema.js'
import { parseTimestampText } from '../../src/data/timestamp-text.js'
import type { DecodeOptions, Value } from './decode.js'

export interface Expected {
  readonly rows: readonly (readonly Value[])[]
  /** Offsets of the records that are bad. */
  readonly bad: readonly number[]
}

const BAD = Symbol('bad')
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Rows and bad records of some bytes, cut into records as the engine cuts them. */
export function expectedRows(bytes: Uint8Array, options: DecodeOptions): Expected {
  const rows: (readonly Value[])[] = []
  const bad: number[] = []
  const scanner = recordScanner(options.format, options.csv?.delimiter)
  for (let start = 0; start < bytes.length;) {
    const next = scanner.next(bytes, start, bytes.length)
    const end = next < 0 ? bytes.length : next
    const record = bytes.subarray(start, next < 0 ? end : end - 1)
    const got = recordRows(record, options)
    if (got === BAD) bad.push(start)
    else rows.push(...got)
    start = end
  }
  return { rows, bad }
}

function recordRows(record: Uint8Array, options: DecodeOptions): readonly (readonly Value[])[] | typeof BAD {
  if (options.format === 'csv' && (record.length === 0 || record.length === 1 && record[0] === 13)) return []
  if (record.length > (options.recordBytesMax ?? Infinity)) return BAD
  let text: string
  try {
    text = decoder.decode(record)
  } catch {
    return BAD
  }
  if (options.format === 'csv') return csvRow(text, options)
  return /^[ \t\r]*$/.test(text) ? [] : jsonRows(text, options)
}

function jsonRows(text: string, { format, schema }: DecodeOptions): readonly (readonly Value[])[] | typeof BAD {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return BAD
  }
  const isObject = (one: unknown): boolean => typeof one === 'object' && one !== null && !Array.isArray(one)
  const isList = format === 'json' && Array.isArray(value)
  if (!(isList ? (value as unknown[]).every(isObject) : isObject(value))) return BAD
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/gs)!
  const strings = tokens.filter(token => token.startsWith('"')).map(token => JSON.parse(token) as string)
  if (strings.some(string => !(string as string & { isWellFormed(): boolean }).isWellFormed())) return BAD
  const objects = membersOf(tokens, isList ? 2 : 1)
  if (objects === BAD) return BAD
  const rows = objects.map(members => Object.entries(schema).map(([name, type]) => jsonValue(members.get(name), type)))
  return rows.some(row => row.includes(BAD)) ? BAD : rows as Value[][]
}

/** Of each object at a level of valid JSON: what is written behind each key, `{` or `[` for an object or list. */
function membersOf(tokens: readonly string[], level: number): Map<string, string>[] | typeof BAD {
  const objects: Map<string, string>[] = []
  let depth = 0
  tokens.forEach((token, i) => {
    if (token === '{' && depth === level - 1) objects.push(new Map())
    if (depth === level && tokens[i + 1] === ':') objects.at(-1)!.set(JSON.parse(token) as string, tokens[i + 2]!)
    if (token === '{' || token === '[') depth++
    if (depth > level + NESTING_MAX) depth = Infinity
    if (token === '}' || token === ']') depth--
  })
  return depth === 0 ? objects : BAD
}

function jsonValue(token: string | undefined, type: ColumnType): Value | typeof BAD {
  if (token === undefined || token === 'null') return null
  if (token === 'true' || token === 'false') return type === 'bool' ? token === 'true' : BAD
  if (token === '{' || token === '[' || type === 'bool') return BAD
  if (!token.startsWith('"')) return type === 'utf8' ? BAD : numberValue(token, type)
  const text = JSON.parse(token) as string
  if (type === 'timestamp') return parseTimestampText(text) ?? BAD
  return type === 'utf8' ? text : BAD
}

function numberValue(token: string, type: ColumnType): Value | typeof BAD {
  const value = Number(token)
  if (type === 'f32') return Math.fround(value)
  if (type === 'timestamp') return Math.abs(value) <= 8.64e15 ? value : BAD
  if (type === 'f64') return value
  const limit = type === 'i32' ? 2n ** 31n : 2n ** 63n
  const whole = exactInteger(token)
  if (whole === null || whole < -limit || whole >= limit) return BAD
  return type === 'i32' ? Number(whole) : whole
}

/** A JSON number as an integer, or null for a fraction or one beyond any integer type. */
function exactInteger(token: string): bigint | null {
  const [, sign, whole, fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token)!
  const digits = BigInt(whole! + fraction)
  if (digits === 0n) return 0n
  const exponent = Number(power) - fraction.length
  if (Math.abs(exponent) > 1000) return null
  const scale = 10n ** BigInt(Math.abs(exponent))
  if (exponent < 0 && digits % scale !== 0n) return null
  const value = exponent < 0 ? digits / scale : digits * scale
  return sign === '-' ? -value : value
}

const FIELD = '(?:"(?:[^"]|"")*"|[^",]*)'
const RECORD = new RegExp(`^${FIELD}(?:,${FIELD})*$`)

/** CSV with commas whose fields are the columns of the schema in order. */
function csvRow(text: string, { schema }: DecodeOptions): readonly (readonly Value[])[] | typeof BAD {
  const record = text.replace(/\r$/, '')
  if (!RECORD.test(record)) return BAD
  const columns = Object.values(schema)
  const fields = splitFields(record)
  if (fields.length !== columns.length) return BAD
  const row = columns.map((type, i) => csvValue(fields[i]!, type))
  return row.includes(BAD) ? BAD : [row as Value[]]
}

/** The fields of a record that is known to be well-formed. */
function splitFields(record: string): string[] {
  const fields: string[] = []
  const field = new RegExp(FIELD, 'y')
  for (let at = 0; at <= record.length; at = field.lastIndex + 1) {
    field.lastIndex = at
    fields.push(field.exec(record)![0])
  }
  return fields
}

function csvValue(field: string, type: ColumnType): Value | typeof BAD {
  const quoted = field.startsWith('"')
  const content = quoted ? field.slice(1, -1).replaceAll('""', '"') : field
  if (type === 'utf8') return quoted || content !== '' ? content : null
  const text = content.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
  if (text === '') return null
  if (type === 'bool') return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : BAD
  const number = text.replace(/^\+(?=[^-])/s, '')
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(number)) return numberValue(number, type)
  if (type === 'timestamp') return parseTimestampText(text) ?? BAD
  if ((type === 'f64' || type === 'f32') && /^(?:NaN|-?Infinity)$/.test(number)) return Number(number)
  return BAD
}
