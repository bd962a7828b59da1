// Where decoding starts: text in one of the formats to columns. Cuts the text into records and decides what becomes of each.
// Invariant: whatever the bytes are, every record ends up as rows or as one bad record, and nothing is read beyond the padding.
import { decodeCsv } from './csv'
import { addBad, beginDecode, endDecode, fail, row, takeBackRows } from './decode-columns'
import { decodeJson } from './json'
import { beginTemplates, hasTemplates } from './json-templates'
import { skipBlanks } from './json-text'
import { decodeObjects } from './located-objects'
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
    if (hasTemplates) record = decodeObjects(record, inputEnd, LINE_FEED, recordBytesMax)
    if (record >= inputEnd) return
    const end = findLineEnd(record)
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
  if (isNotAscii) {
    const invalid = invalidUtf8(record, end)
    if (invalid) return <bool>fail(REASON_UTF8, invalid)
  }
  const first = skipBlanks(record)
  return first == end || decodeJson(first, end, allowList)
}

/** Whether the line found last holds bytes that are not ASCII. */
let isNotAscii = false

/** Address of the first line feed from `p`; there is one. */
// @ts-ignore: decorator
@inline
function findLineEnd(p: usize): usize {
  if (ASC_FEATURE_SIMD) {
    let others: i32 = 0
    while (true) {
      const v = v128.load(p)
      const marks = i8x16.bitmask(i8x16.eq(v, i8x16.splat(0x0a)))
      if (marks) {
        // Only the bytes before the line feed count.
        isNotAscii = (others | i8x16.bitmask(v) & (marks ^ marks - 1)) != 0
        return p + ctz(marks)
      }
      others |= i8x16.bitmask(v)
      p += 16
    }
  } else {
    let others: u64 = 0
    while (true) {
      const v = load<u64>(p)
      const feeds = v ^ 0x0a0a0a0a0a0a0a0a
      const marks = feeds - 0x0101010101010101 & ~feeds & 0x8080808080808080
      if (marks) {
        isNotAscii = ((others | v & (marks ^ marks - 1)) & 0x8080808080808080) != 0
        return p + (<usize>ctz(marks) >> 3)
      }
      others |= v
      p += 8
    }
  }
}

/** How many of `length` bytes are `byte`: an upper bound of the rows they can give. */
export function countBytes(ptr: usize, length: i32, byte: i32): i32 {
  let count = 0
  const end = ptr + length
  if (ASC_FEATURE_SIMD) {
    const wanted = i8x16.splat(<i8>byte)
    for (; ptr + 16 <= end; ptr += 16) count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(ptr), wanted)))
  }
  for (; ptr < end; ptr++) count += <i32>(load<u8>(ptr) == <u8>byte)
  return count
}
