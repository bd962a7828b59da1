/**
 * Options that all sources share: checked once, when the source is made, and turned into the fields of the contract.
 * Invariant: a wrong option throws INVALID_OPTION naming the value that was given, at the user's line.
 */
import { MillraceError, quoteNames } from '../base/errors.js'
import { VALUE_BYTES, type ColumnType, type Field } from '../data/schema.js'
import { describeValue } from '../data/value-check.js'
import type { BadRecordPolicy, Format, InputRow, OverflowPolicy, Source, SourceSchema } from './source.js'

export interface SourceOptions<S extends SourceSchema> {
  /** Columns and their types: `{ sensor: 'utf8', at: 'timestamp', value: 'f64' }`. */
  readonly schema: S
  /** What comes in; each source says its default. */
  readonly format?: Format
  /** Default `drop`: bad records are left out and counted. */
  readonly onBadRecord?: BadRecordPolicy
  /** Rows per second that are taken in at most. */
  readonly maxRate?: number
  /** What happens when more arrives than is taken; default `pause`, and `dropOldest` for sources that cannot wait. */
  readonly overflow?: OverflowPolicy
  /** Rows that may wait for a batch; default 1,000,000. */
  readonly queuedRowsMax?: number
  /** What `explain`, progress and errors call the source. */
  readonly name?: string
  /**
   * `header` (default true): each stream begins with a line of column names. `delimiter` (default `,`): one ASCII character.
   */
  readonly csv?: { readonly header?: boolean; readonly delimiter?: string }
}

/** Sources that receive payloads can turn them into rows by a function of the user's, on the scheduler's thread. */
export interface DecodeOption<S extends SourceSchema, Payload> {
  /** Rows of one payload. A throw makes the payload a bad record. With `decode`, `format` is not given. */
  readonly decode?: (payload: Payload) => InputRow<S> | Iterable<InputRow<S>>
}

/** The fields of a Source that come from options. */
export type SourceParts<S extends SourceSchema> = Omit<Source<S>, 'start'>

export const QUEUED_ROWS_MAX = 1_000_000

const FORMATS: readonly Format[] = ['rows', 'columns', 'json', 'ndjson', 'csv']
const OVERFLOWS: readonly OverflowPolicy[] = ['pause', 'dropOldest', 'dropNewest', 'sample']

export interface SourceDefaults {
  /** Such as `memory()` or `webSocket(wss://…)`. */
  readonly name: string
  readonly format: Format
  /** What comes in is text and bytes alone; rows take a `decode`. */
  readonly takesTextOnly?: boolean
  /** Whether the source can stop reading when the queue is full. */
  readonly canPause: boolean
}

/** Checks the options and fills in the defaults. @throws MillraceError INVALID_OPTION naming the value. */
export function sourceParts<const S extends SourceSchema>(
  options: SourceOptions<S> & DecodeOption<S, never>, defaults: SourceDefaults): SourceParts<S> {
  const name = options.name ?? defaults.name
  const fields = fieldsOf(options.schema, name)
  if (options.decode !== undefined && options.format !== undefined && options.format !== 'rows') {
    throw invalid(name, `decode gives rows, so format: '${options.format}' has no meaning beside it. Leave one of the two out`)
  }
  const format = options.decode ? 'rows' : oneOf(name, 'format', options.format ?? defaults.format, FORMATS)
  if (defaults.takesTextOnly && !options.decode && (format === 'rows' || format === 'columns')) {
    throw invalid(name, `format: '${format}' is not text. Use 'json', 'ndjson' or 'csv', or give decode`)
  }
  const overflow = oneOf(name, 'overflow', options.overflow ?? (defaults.canPause ? 'pause' : 'dropOldest'), OVERFLOWS)
  if (overflow === 'pause' && !defaults.canPause) {
    throw invalid(name, `overflow: 'pause' is not possible, as who sends cannot wait. Use 'dropOldest', 'dropNewest' or 'sample'`)
  }
  const blockFormat = format === 'rows' || format === 'columns' ? 'columns' : format
  const limits = Object.freeze({
    onBadRecord: badRecordPolicy(name, options.onBadRecord ?? 'drop'),
    overflow,
    maxRate: options.maxRate === undefined ? null : positive(name, 'maxRate', options.maxRate, 'rows per second'),
    queuedRowsMax: positive(name, 'queuedRowsMax', options.queuedRowsMax ?? QUEUED_ROWS_MAX, 'rows'),
  })
  const parts = { name, schema: options.schema, fields, blockFormat, limits } as const
  return blockFormat === 'csv' ? { ...parts, csv: csvOptions(name, options.csv) } : parts
}

/** The error for an option that cannot be. */
export function invalid(source: string, what: string): MillraceError {
  return new MillraceError('INVALID_OPTION', `${source}: ${what}.`)
}

/** A number above 0. */
export function positive(source: string, option: string, value: unknown, unit: string): number {
  if (typeof value === 'number' && value > 0) return value
  throw invalid(source, `${option}: ${describeValue(value)} is not a number of ${unit} above 0`)
}

function oneOf<T extends string>(source: string, option: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value
  if (option === 'format' && (value as string) === 'arrow') {
    throw new MillraceError('UNSUPPORTED', `${source}: format 'arrow' is not there yet. Use ${quoteNames(allowed)}.`)
  }
  throw invalid(source, `${option}: ${describeValue(value)} is not one of ${quoteNames(allowed)}`)
}

function fieldsOf(schema: unknown, source: string): readonly Field[] {
  const entries = typeof schema === 'object' && schema !== null ? Object.entries(schema) : []
  if (entries.length === 0) {
    const example = "{ sensor: 'utf8', at: 'timestamp', value: 'f64' }"
    throw invalid(source, `schema: ${describeValue(schema)} has no columns. Give their types, such as ${example}`)
  }
  return Object.freeze(entries.map(([name, type]) => {
    if (!Object.hasOwn(VALUE_BYTES, String(type))) {
      const types = quoteNames(Object.keys(VALUE_BYTES))
      throw invalid(source, `schema: column '${name}' has type ${describeValue(type)}; types are ${types}`)
    }
    return Object.freeze({ name, type: type as ColumnType })
  }))
}

function badRecordPolicy(source: string, policy: unknown): BadRecordPolicy {
  const isSource = typeof (policy as { deliver?: unknown } | null | undefined)?.deliver === 'function'
  if (policy === 'fail' || policy === 'drop' || isSource) return policy as BadRecordPolicy
  throw invalid(source, `onBadRecord: ${describeValue(policy)} is not 'fail', 'drop' or a source made by badRecords()`)
}

function csvOptions(source: string, csv: SourceOptions<SourceSchema>['csv']): { header: boolean; delimiter: string } {
  const { header = true, delimiter = ',' } = csv ?? {}
  if (!/^[\t\x20-\x7e]$/.test(delimiter) || delimiter === '"') {
    throw invalid(source, `csv.delimiter: ${describeValue(delimiter)} is not one ASCII character other than a quote`)
  }
  return Object.freeze({ header, delimiter })
}
