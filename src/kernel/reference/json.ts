/**
 * Twin of assembly/json.ts and json-text.ts: JSON documents to rows by recursive descent, over bytes, by the grammar of RFC 8259.
 * Invariant: a record ends with a line feed, which the grammar has no place for, so nothing here looks for the end; what fails
 * returns −1 (or null) and has told the target why.
 */
import * as L from '../../../assembly/portable/layout.js'
import * as R from '../../../assembly/portable/decode-reasons.js'
import type { Cell, DecodeTarget, Row } from './decode-target.js'
import { latin1Text } from './number.js'

const code = (character: string): number => character.charCodeAt(0)
const LINE_FEED = code('\n')
const QUOTE = code('"')
const BACKSLASH = code('\\')
const ESCAPES = new Map([...'"\\/bfnrt'].map((letter, i) => [code(letter), code('"\\/\b\f\n\r\t'[i]!)]))

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

export class JsonReader {
  readonly #target: DecodeTarget
  // The string read last, without quotes and escapes.
  #stringStart = 0
  #stringEnd = 0

  constructor(target: DecodeTarget) {
    this.#target = target
  }

  /** The rows of the record whose first byte that is no blank is at `at` and whose line feed at `end`, or null. */
  readRecord(at: number, end: number, allowList: boolean): Row[] | null {
    const rows: Row[] = []
    const first = this.#byte(at)
    let rest: number
    if (first === code('{')) rest = this.#readObject(at, rows)
    else if (first === code('[') && allowList) rest = this.#readList(at, rows)
    else rest = this.#target.fail(R.REASON_NOT_OBJECT, at)
    if (rest < 0) return null
    rest = this.skipBlanks(rest)
    if (rest === end) return rows
    this.#target.fail(R.REASON_TRAILING, rest)
    return null
  }

  skipBlanks(at: number): number {
    while (this.#byte(at) === 0x20 || this.#byte(at) === 0x09 || this.#byte(at) === 0x0d) at++
    return at
  }

  #byte(at: number): number {
    return this.#target.memory.u8[at]!
  }

  #readList(at: number, rows: Row[]): number {
    at = this.skipBlanks(at + 1)
    if (this.#byte(at) === code(']')) return at + 1
    for (;;) {
      if (this.#byte(at) !== code('{')) return this.#target.fail(R.REASON_OBJECT, at)
      at = this.#readObject(at, rows)
      if (at < 0) return at
      at = this.skipBlanks(at)
      if (this.#byte(at) === code(']')) return at + 1
      if (this.#byte(at) !== code(',')) return this.#target.fail(R.REASON_COMMA_OR_BRACKET, at)
      at = this.skipBlanks(at + 1)
    }
  }

  #readObject(at: number, rows: Row[]): number {
    const row: Row = []
    at = this.#readMembers(at, value => {
      const column = this.#target.columnByName.get(this.#lastString())
      if (column === undefined) return this.#skipValue(value, 0)
      const { cell, end } = this.#readCell(this.#target.typeOf(column), value)
      row[column] = cell
      return end
    })
    if (at < 0 || !this.#target.accepts(row)) return -1
    rows.push(row)
    return at
  }

  #lastString(): string {
    return latin1Text(this.#target.memory, this.#stringStart, this.#stringEnd - this.#stringStart)
  }

  /** Reads an object; `readValue` is called at each value, its key being the string read last. */
  #readMembers(at: number, readValue: (at: number) => number): number {
    at = this.skipBlanks(at + 1)
    if (this.#byte(at) === code('}')) return at + 1
    for (;;) {
      if (this.#byte(at) !== QUOTE) return this.#target.fail(R.REASON_KEY, at)
      at = this.#readString(at)
      if (at < 0) return at
      at = this.skipBlanks(at)
      if (this.#byte(at) !== code(':')) return this.#target.fail(R.REASON_COLON, at)
      at = readValue(this.skipBlanks(at + 1))
      if (at < 0) return at
      at = this.skipBlanks(at)
      if (this.#byte(at) === code('}')) return at + 1
      if (this.#byte(at) !== code(',')) return this.#target.fail(R.REASON_COMMA_OR_BRACE, at)
      at = this.skipBlanks(at + 1)
    }
  }

  /** Reads the value at `at` for a column of some type. */
  #readCell(type: number, at: number): { cell: Cell; end: number } {
    const first = this.#byte(at)
    if (first === code('n')) return { cell: null, end: this.#readWord(at, 'null') }
    if (type === L.DECODE_TYPE_BOOL) {
      if (first === code('t')) return { cell: 1, end: this.#readWord(at, 'true') }
      if (first === code('f')) return { cell: 0, end: this.#readWord(at, 'false') }
    } else if (type === L.DECODE_TYPE_UTF8 || type === L.DECODE_TYPE_TIMESTAMP && first === QUOTE) {
      if (first === QUOTE) return this.#readTextCell(type, at)
    } else if (first === code('-') || isDigit(first)) {
      const end = this.#readNumber(at)
      const cell = end < 0 ? null : this.#target.numberCell(type, latin1Text(this.#target.memory, at, end - at), at)
      return { cell, end }
    }
    return { cell: { reason: REASON_OF_TYPE[type]!, at }, end: this.#skipValue(at, 0) }
  }

  #readTextCell(type: number, at: number): { cell: Cell; end: number } {
    const end = this.#readString(at)
    if (end < 0) return { cell: null, end }
    const length = this.#stringEnd - this.#stringStart
    const cell = type === L.DECODE_TYPE_UTF8
      ? this.#target.textCell(this.#stringStart, length) : this.#target.timeCell(this.#stringStart, length, at)
    return { cell, end }
  }

  /** Checks a value that no column takes; `depth` objects and lists are open around it. */
  #skipValue(at: number, depth: number): number {
    const first = this.#byte(at)
    if (first === code('{') || first === code('[')) {
      if (depth === R.NESTING_MAX) return this.#target.fail(R.REASON_TOO_DEEP, at)
      return first === code('{') ? this.#readMembers(at, value => this.#skipValue(value, depth + 1)) : this.#skipList(at, depth)
    }
    if (first === QUOTE) return this.#readString(at)
    if (first === code('n')) return this.#readWord(at, 'null')
    if (first === code('t')) return this.#readWord(at, 'true')
    if (first === code('f')) return this.#readWord(at, 'false')
    if (first === code('-') || isDigit(first)) return this.#readNumber(at)
    return this.#target.fail(R.REASON_VALUE, at)
  }

  #skipList(at: number, depth: number): number {
    at = this.skipBlanks(at + 1)
    if (this.#byte(at) === code(']')) return at + 1
    for (;;) {
      at = this.#skipValue(at, depth + 1)
      if (at < 0) return at
      at = this.skipBlanks(at)
      if (this.#byte(at) === code(']')) return at + 1
      if (this.#byte(at) !== code(',')) return this.#target.fail(R.REASON_COMMA_OR_BRACKET, at)
      at = this.skipBlanks(at + 1)
    }
  }

  #readWord(at: number, word: string): number {
    for (let i = 0; i < word.length; i++) {
      if (this.#byte(at + i) !== code(word[i]!)) return this.#target.fail(R.REASON_VALUE, at + i)
    }
    return at + word.length
  }

  #readNumber(at: number): number {
    if (this.#byte(at) === code('-')) at++
    if (!isDigit(this.#byte(at))) return this.#target.fail(R.REASON_NUMBER, at)
    if (this.#byte(at) === code('0') && isDigit(this.#byte(at + 1))) return this.#target.fail(R.REASON_NUMBER, at + 1)
    at = this.#skipDigits(at)
    if (this.#byte(at) === code('.')) {
      if (!isDigit(this.#byte(at + 1))) return this.#target.fail(R.REASON_NUMBER, at + 1)
      at = this.#skipDigits(at + 1)
    }
    if (this.#byte(at) !== code('e') && this.#byte(at) !== code('E')) return at
    at++
    if (this.#byte(at) === code('+') || this.#byte(at) === code('-')) at++
    return isDigit(this.#byte(at)) ? this.#skipDigits(at) : this.#target.fail(R.REASON_NUMBER, at)
  }

  #skipDigits(at: number): number {
    while (isDigit(this.#byte(at))) at++
    return at
  }

  /**
   * Reads the string whose opening quote is at `at`; escapes are resolved in place. Returns the index behind the closing quote.
   */
  #readString(at: number): number {
    const { u8 } = this.#target.memory
    this.#stringStart = at + 1
    let out = at + 1
    for (at++; ;) {
      const byte = u8[at]!
      if (byte === QUOTE) {
        this.#stringEnd = out
        return at + 1
      }
      if (byte < 0x20) return this.#target.fail(byte === LINE_FEED ? R.REASON_STRING_END : R.REASON_CONTROL, at)
      if (byte !== BACKSLASH) {
        u8[out++] = byte
        at++
      } else if (u8[at + 1] === code('u')) {
        const text = this.#readUnicodeEscape(at)
        if (text === null) return -1
        for (const utf8 of new TextEncoder().encode(text)) u8[out++] = utf8
        at += text.length * 6
      } else {
        const plain = ESCAPES.get(u8[at + 1]!)
        if (plain === undefined) return this.#target.fail(R.REASON_ESCAPE, at + 1)
        u8[out++] = plain
        at += 2
      }
    }
  }

  /** The character of the `\u` escape at `at`, or of two that are a surrogate pair. */
  #readUnicodeEscape(at: number): string | null {
    const first = this.#readHex(at + 2)
    if (first === null || first < 0xd800 || first > 0xdfff) return first === null ? null : String.fromCharCode(first)
    const pairs = first < 0xdc00 && this.#byte(at + 6) === BACKSLASH && this.#byte(at + 7) === code('u')
    const second = pairs ? this.#readHex(at + 8) : 0
    if (second === null) return null
    if (second >= 0xdc00 && second <= 0xdfff) return String.fromCharCode(first, second)
    this.#target.fail(R.REASON_SURROGATE, at)
    return null
  }

  #readHex(at: number): number | null {
    for (let i = 0; i < 4; i++) {
      if (/[0-9a-fA-F]/.test(String.fromCharCode(this.#byte(at + i)))) continue
      this.#target.fail(R.REASON_ESCAPE, at + i)
      return null
    }
    return parseInt(latin1Text(this.#target.memory, at, 4), 16)
  }
}

const REASON_OF_TYPE: Readonly<Record<number, number>> = {
  [L.DECODE_TYPE_BOOL]: R.REASON_NOT_BOOL,
  [L.DECODE_TYPE_I32]: R.REASON_NOT_NUMBER,
  [L.DECODE_TYPE_I64]: R.REASON_NOT_NUMBER,
  [L.DECODE_TYPE_F32]: R.REASON_NOT_NUMBER,
  [L.DECODE_TYPE_F64]: R.REASON_NOT_NUMBER,
  [L.DECODE_TYPE_UTF8]: R.REASON_NOT_TEXT,
  [L.DECODE_TYPE_TIMESTAMP]: R.REASON_NOT_TIMESTAMP,
}
