/**
 * Twin of assembly/decode.ts: cuts text into records and decides what becomes of each.
 * Invariant: the same rows, and the same bad records with the same positions and reasons, as from the wasm kernels.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as R from '../../../assembly/portable/decode-reasons.js'
import type { Kernels } from '../kernel-set.js'
import type { ReferenceContext } from './context.js'
import { readCsvRow, splitCsv } from './csv.js'
import { DecodeTarget, type Row } from './decode-target.js'
import { JsonReader } from './json.js'
import { invalidUtf8 } from './utf8.js'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

export function decodeKernels(context: ReferenceContext): Pick<Kernels, 'decodeRecords' | 'countBytes'> {
  const { memory } = context
  return {
    decodeRecords(decode) {
      if (memory.read(decode + L.DECODE_FORMAT) === L.DECODE_FORMAT_CSV) decodeCsv(context, decode)
      else decodeLines(context, decode)
    },
    countBytes(ptr, length, byte) {
      let count = 0
      const bytes = memory.u8.subarray(ptr, ptr + length)
      for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count++
      return count
    },
  }
}

/** Whether a record is of a length and of bytes that can be decoded at all. */
function isSound(target: DecodeTarget, record: number, end: number, recordBytesMax: number): boolean {
  if (end - record > recordBytesMax) return target.fail(R.REASON_TOO_LONG, record + recordBytesMax) > 0
  const invalid = invalidUtf8(target.memory.u8, record, end)
  return invalid < 0 || target.fail(R.REASON_UTF8, invalid) > 0
}

function decodeLines(context: ReferenceContext, decode: number): void {
  const { memory } = context
  const target = new DecodeTarget(context, decode)
  const reader = new JsonReader(target)
  const allowList = memory.read(decode + L.DECODE_FORMAT) === L.DECODE_FORMAT_JSON
  const recordBytesMax = memory.read(decode + L.DECODE_RECORD_BYTES_MAX)
  const inputEnd = memory.read(decode + L.DECODE_INPUT_END)
  let end: number
  for (let record = memory.read(decode + L.DECODE_INPUT); record < inputEnd; record = end + 1) {
    end = memory.u8.indexOf(LINE_FEED, record)
    let rows: Row[] | null = null
    if (isSound(target, record, end, recordBytesMax)) {
      const first = reader.skipBlanks(record)
      rows = first === end ? [] : reader.readRecord(first, end, allowList)
    }
    if (rows) for (const row of rows) target.append(row)
    else target.addBad(record)
  }
}

function decodeCsv(context: ReferenceContext, decode: number): void {
  const { memory } = context
  const target = new DecodeTarget(context, decode)
  const delimiter = memory.read(decode + L.DECODE_DELIMITER)
  const recordBytesMax = memory.read(decode + L.DECODE_RECORD_BYTES_MAX)
  const inputEnd = memory.read(decode + L.DECODE_INPUT_END)
  const columns = Array.from({ length: memory.read(decode + L.DECODE_FIELD_COUNT) }, (_, i) => {
    const column = memory.read(memory.read(decode + L.DECODE_FIELDS) + i * L.DECODE_FIELD_BYTES + L.DECODE_FIELD_COLUMN)
    return target.columnAt(column)
  })
  let end: number
  for (let record = memory.read(decode + L.DECODE_INPUT); record < inputEnd; record = end + 1) {
    const split = splitCsv(memory.u8, record, inputEnd, delimiter)
    end = split.end
    if (end === record || end === record + 1 && memory.u8[record] === CARRIAGE_RETURN) continue
    const row = isSound(target, record, end, recordBytesMax) ? readCsvRow(target, split, columns) : null
    if (row) target.append(row)
    else target.addBad(record)
  }
}
