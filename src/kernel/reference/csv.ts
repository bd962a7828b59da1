/**
 * Twin of assembly/csv.ts: CSV to rows, as RFC 4180 has it, by a state machine over the bytes of one record.
 * Invariant: a quote opens only at the start of a field; a record ends at the first line feed outside quotes.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as R from '../../../assembly/portable/decode-reasons.js'
import type { Cell, DecodeTarget, Row } from './decode-target.js'
import { floatOf, isJsonNumber, latin1Text, skipSign, trimBlanks } from './number.js'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const QUOTE = 0x22

interface CsvField {
  readonly start: number
  readonly end: number
  readonly quoted: boolean
}

/** One record as it was cut: its fields, its line feed, and the first thing wrong with its quotes. */
export interface CsvRecord {
  readonly fields: readonly CsvField[]
  readonly end: number
  readonly problem: { readonly reason: number; readonly at: number } | null
}

/** Cuts the record at `start` into fields; `inputEnd` is the end of the whole input. */
export function splitCsv(u8: Uint8Array, start: number, inputEnd: number, delimiter: number): CsvRecord {
  const fields: CsvField[] = []
  let problem: CsvRecord['problem'] = null
  let at = start
  for (;;) {
    const first = at
    let field: CsvField
    if (u8[at] === QUOTE) {
      at++
      while (at < inputEnd && (u8[at] !== QUOTE || at + 1 < inputEnd && u8[at + 1] === QUOTE)) at += u8[at] === QUOTE ? 2 : 1
      if (at >= inputEnd) {
        problem ??= { reason: R.REASON_QUOTE_END, at: first }
        fields.push({ start: first + 1, end: inputEnd - 1, quoted: true })
        return { fields, end: inputEnd - 1, problem }
      }
      field = { start: first + 1, end: at, quoted: true }
      at++
      if (u8[at] === CARRIAGE_RETURN && u8[at + 1] === LINE_FEED) at++
      if (u8[at] !== delimiter && u8[at] !== LINE_FEED) problem ??= { reason: R.REASON_BEHIND_QUOTE, at }
      while (u8[at] !== delimiter && u8[at] !== LINE_FEED) at++
    } else {
      for (; u8[at] !== delimiter && u8[at] !== LINE_FEED; at++) {
        if (u8[at] === QUOTE) problem ??= { reason: R.REASON_QUOTE_INSIDE, at }
      }
      const endsLine = u8[at] === LINE_FEED && at > first && u8[at - 1] === CARRIAGE_RETURN
      field = { start: first, end: endsLine ? at - 1 : at, quoted: false }
    }
    fields.push(field)
    if (u8[at] === LINE_FEED) return { fields, end: at, problem }
    at++
  }
}

/** The row of a record whose fields fill `columns` (−1: none), or null. */
export function readCsvRow(target: DecodeTarget, record: CsvRecord, columns: readonly number[]): Row | null {
  const { fields, end, problem } = record
  if (problem) {
    target.fail(problem.reason, problem.at)
    return null
  }
  if (fields.length !== columns.length) {
    const extra = fields[columns.length]
    target.fail(R.REASON_FIELD_COUNT, extra ? extra.start - Number(extra.quoted) : end, fields.length)
    return null
  }
  const row: Row = []
  fields.forEach((field, i) => {
    const column = columns[i]!
    if (column >= 0) row[column] = readCell(target, target.typeOf(column), field)
  })
  return target.accepts(row) ? row : null
}

function readCell(target: DecodeTarget, type: number, { start, end, quoted }: CsvField): Cell {
  const length = quoted ? undoubleQuotes(target.memory.u8, start, end) : end - start
  if (type === L.DECODE_TYPE_UTF8) return length > 0 || quoted ? target.textCell(start, length) : null
  const at = start - Number(quoted)
  const text = trimBlanks(latin1Text(target.memory, start, length))
  if (text === '') return null
  if (type === L.DECODE_TYPE_BOOL) return BOOLS.get(text) ?? { reason: R.REASON_NOT_BOOL, at }
  const unsigned = skipSign(text)
  if (isJsonNumber(unsigned)) return target.numberCell(type, unsigned, at)
  if (type === L.DECODE_TYPE_TIMESTAMP) return target.timeCell(start, length, at)
  const special = type === L.DECODE_TYPE_F32 || type === L.DECODE_TYPE_F64 ? floatOf(unsigned) : null
  return special ?? { reason: R.REASON_NOT_NUMBER, at }
}

const BOOLS = new Map([['true', 1], ['1', 1], ['false', 0], ['0', 0]])

/** Turns doubled quotes into single ones, in place; returns the new length. */
function undoubleQuotes(u8: Uint8Array, start: number, end: number): number {
  let out = start
  for (let at = start; at < end; at += u8[at] === QUOTE ? 2 : 1) u8[out++] = u8[at]!
  return out - start
}
