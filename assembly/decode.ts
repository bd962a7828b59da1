// Where decoding starts: text in one of the formats to columns. Cuts the text into records and decides what becomes of each.
// Invariant: whatever the bytes are, every record ends up as rows or as one bad record, and nothing is read beyond the padding.
import { decodeCsv } from './csv'
import { addBad, beginDecode, endDecode, fail, row, takeBackRows } from './decode-columns'
import { decodeJson } from './json'
import { findByte } from './find-byte'
import { beginTemplates, hasTemplates } from './json-templates'
import { skipBlanks } from './json-text'
import { decodeObjectLines } from './located-objects'
import { REASON_TOO_LONG, REASON_UTF8 } from './portable/decode-reasons'
import {
  DECODE_FORMAT, DECODE_FORMAT_CSV, DECODE_FORMAT_JSON, DECODE_INPUT, DECODE_INPUT_END, DECODE_RECORD_BYTES_MAX,
} from './portable/layout'
import { invalidUtf8 } from './utf8'

const LINE_FEED: u8 = 0x0a

/** Decodes the records of a decode descriptor (portable/layout.ts); rows are appended to its columns. */
export function decodeRecords(decode: usize): void {
  beginDecode(decode)
  if (load<u32>(decode, DECODE_FORMAT) == DECODE_FORMAT_CSV) decodeCsv(decode)
  else decodeLines(decode)
  endDecode()
}

function decodeLines(decode: usize): void {
  const allowList = load<u32>(decode, DECODE_FORMAT) == DECODE_FORMAT_JSON
  const recordBytesMax = load<u32>(decode, DECODE_RECORD_BYTES_MAX)
  const inputEnd = <usize>load<u32>(decode, DECODE_INPUT_END)
  beginTemplates(decode)
  let record = <usize>load<u32>(decode, DECODE_INPUT)
  while (true) {
    if (hasTemplates) record = decodeObjectLines(record, inputEnd, recordBytesMax)
    if (record >= inputEnd) return
    const end = findByte(record, LINE_FEED)
    const firstRow = row
    if (!decodeLine(record, end, recordBytesMax, allowList)) {
      takeBackRows(firstRow)
      addBad(record)
    }
    record = end + 1
  }
}

// @ts-ignore: decorator
@inline
function decodeLine(record: usize, end: usize, recordBytesMax: u32, allowList: bool): bool {
  if (end - record > <usize>recordBytesMax) return <bool>fail(REASON_TOO_LONG, record + recordBytesMax)
  const invalid = invalidUtf8(record, end)
  if (invalid) return <bool>fail(REASON_UTF8, invalid)
  const first = skipBlanks(record)
  return first == end || decodeJson(first, end, allowList)
}
