/**
 * Takes the values of one text column: codes into the block's dictionary, numbered by first appearance. The strings themselves
 * are kept from block to block, encoded once, because the same ones tend to come again.
 * Invariant: a block's dictionary holds just the strings of its rows; texts with lone surrogates have the code of what UTF-8
 * makes of them.
 */
import { isValid, validityBytes, type TextColumn } from './column.js'
import type { CheckedInput, ColumnBuilder, ColumnRoom, OnBadValue, Rows } from './column-builder.js'
import { getProperty, siteOf } from './property-site.js'
import type { Field } from './schema.js'
import { refusal } from './value-check.js'
import { ValidityBuilder } from './validity-builder.js'

/** Strings, and bytes of them, that are kept beyond their block at most; where they do come again, eight times as many. */
const KEPT_STRINGS_MAX = 65_536
const KEPT_BYTES_MAX = 4 * 1024 * 1024
const KEPT_WHERE_USED = 8
/** They come again where at least one in so many of a block's strings was there before. */
const USED_AGAIN = 4

const encoder = new TextEncoder()
const LONE_SURROGATES = /\p{Surrogate}/gu
const NOT_IN_BLOCK = -1
const NOT_IN_POOL = -1

/** Distinct strings with a number each, and their bytes one after the other. */
class StringPool {
  readonly #idOf = new Map<string, number>()
  #ends = new Uint32Array(256)
  #count = 0
  bytes = new Uint8Array(4096)

  get count(): number {
    return this.#count
  }

  get usedBytes(): number {
    return this.endOf(this.#count - 1)
  }

  endOf(id: number): number {
    return id < 0 ? 0 : this.#ends[id]!
  }

  get(text: string): number | undefined {
    return this.#idOf.get(text)
  }

  add(text: string): number {
    const wellFormed = text.replace(LONE_SURROGATES, '\ufffd')
    const id = this.#idOf.get(wellFormed) ?? this.#addWellFormed(wellFormed)
    if (text !== wellFormed) this.#idOf.set(text, id)
    return id
  }

  clear(): void {
    this.#idOf.clear()
    this.#count = 0
  }

  #addWellFormed(text: string): number {
    const start = this.usedBytes
    const bytesMax = start + text.length * 3
    if (bytesMax > this.bytes.length) this.bytes = grown(this.bytes, bytesMax)
    if (this.#count === this.#ends.length) this.#ends = grown(this.#ends, this.#count + 1)
    const id = this.#count++
    this.#ends[id] = start + encoder.encodeInto(text, this.bytes.subarray(start)).written
    this.#idOf.set(text, id)
    return id
  }
}

export class TextColumnBuilder implements ColumnBuilder {
  readonly field: Field
  readonly #site: number
  readonly #validity = new ValidityBuilder()
  readonly #pool = new StringPool()
  #codes: Int32Array = new Int32Array(0)
  /** By string of the pool: its code in the open block. */
  #codeOf = new Int32Array(256).fill(NOT_IN_BLOCK)
  /** By code: the string of the pool, and the row that brought it. */
  #strings: number[] = []
  #firstRows: number[] = []
  #textBytes = 0
  /** Strings of the pool when the block was opened. */
  #knownStrings = 0
  /** By code of what is pushed coded: the text that it was last, and its string of the pool, or −1. */
  readonly #pushedTexts: string[] = []
  #pushedStrings = new Int32Array(256).fill(NOT_IN_POOL)

  constructor(field: Field) {
    this.field = field
    this.#site = siteOf(field.name)
  }

  get textBytes(): number {
    return this.#textBytes
  }

  open({ buffer, valuesOffset, validityOffset, capacity }: ColumnRoom): void {
    this.#codes = new Int32Array(buffer, valuesOffset, capacity)
    this.#validity.open(new Uint8Array(buffer, validityOffset, validityBytes(capacity)))
  }

  appendRows(rows: Rows, start: number, end: number, at: number, onBad: OnBadValue): void {
    const { name } = this.field
    const site = this.#site
    for (let i = start; i < end; i++) this.#append(getProperty(site, rows[i]!, name), at + i - start, i - start, onBad)
  }

  appendValues(input: CheckedInput, start: number, end: number, at: number, onBad: OnBadValue): void {
    const { values, validity, dictionary } = input
    if (dictionary) return this.#appendCoded(input, dictionary, start, end, at, onBad)
    for (let i = start; i < end; i++) this.#append(isValid(validity, i) ? values[i] : null, at + i - start, i - start, onBad)
  }

  truncate(length: number): void {
    this.#validity.truncate(length)
    while (this.#firstRows.length > 0 && this.#firstRows.at(-1)! >= length) {
      const string = this.#strings.pop()!
      this.#firstRows.pop()
      this.#codeOf[string] = NOT_IN_BLOCK
      this.#textBytes -= this.#pool.endOf(string) - this.#pool.endOf(string - 1)
    }
  }

  seal(numRows: number, allocate: (bytes: number) => Uint8Array): TextColumn {
    const dictionary = this.#writeDictionary(allocate)
    let known = 0
    for (const string of this.#strings) {
      this.#codeOf[string] = NOT_IN_BLOCK
      if (string < this.#knownStrings) known++
    }
    this.#limitPool(known * USED_AGAIN >= this.#strings.length ? KEPT_WHERE_USED : 1)
    this.#knownStrings = this.#pool.count
    this.#strings.length = this.#firstRows.length = 0
    this.#textBytes = 0
    return { type: 'utf8', values: this.#codes.subarray(0, numRows), validity: this.#validity.seal(numRows), dictionary }
  }

  #append(value: unknown, at: number, index: number, onBad: OnBadValue): void {
    if (typeof value === 'string') {
      const string = this.#pool.get(value) ?? this.#addString(value)
      const code = this.#codeOf[string]!
      this.#codes[at] = code !== NOT_IN_BLOCK ? code : this.#addToBlock(string, at)
      return
    }
    if (value !== null && value !== undefined) onBad(index, refusal(this.field.name, 'utf8', value))
    this.#validity.setNull(at)
    this.#codes[at] = 0
  }

  /** Appends coded text without looking strings up that the codes meant before. */
  #appendCoded({ values, validity }: CheckedInput, dictionary: readonly string[],
    start: number, end: number, at: number, onBad: OnBadValue): void {
    for (let i = start; i < end; i++) {
      const code = values[i] as number
      const row = at + i - start
      const text = dictionary[code]
      if (!isValid(validity, i)) {
        this.#append(null, row, i - start, onBad)
      } else if (typeof text !== 'string') {
        onBad(i - start, noSuchCode(this.field.name, code, dictionary.length))
        this.#append(null, row, i - start, onBad)
      } else {
        const known = this.#pushedTexts[code] === text ? this.#pushedStrings[code]! : NOT_IN_POOL
        const string = known !== NOT_IN_POOL ? known : this.#stringOfPushed(text, code)
        const blockCode = this.#codeOf[string]!
        this.#codes[row] = blockCode !== NOT_IN_BLOCK ? blockCode : this.#addToBlock(string, row)
      }
    }
  }

  #stringOfPushed(text: string, code: number): number {
    const string = this.#pool.get(text) ?? this.#addString(text)
    if (code >= KEPT_STRINGS_MAX * KEPT_WHERE_USED) return string
    if (code >= this.#pushedStrings.length) {
      const length = this.#pushedStrings.length
      this.#pushedStrings = grown(this.#pushedStrings, code + 1).fill(NOT_IN_POOL, length)
    }
    // No holes: arrays with holes are slow.
    while (this.#pushedTexts.length < code) this.#pushedTexts.push('')
    this.#pushedTexts[code] = text
    this.#pushedStrings[code] = string
    return string
  }

  /** Forgets all strings where they have become more than `times` what is kept of every column. */
  #limitPool(times: number): void {
    if (this.#pool.count <= KEPT_STRINGS_MAX * times && this.#pool.usedBytes <= KEPT_BYTES_MAX * times) return
    this.#pool.clear()
    this.#pushedTexts.length = 0
    this.#pushedStrings.fill(NOT_IN_POOL)
  }

  #addString(text: string): number {
    const string = this.#pool.add(text)
    if (string >= this.#codeOf.length) {
      const known = this.#codeOf.length
      this.#codeOf = grown(this.#codeOf, string + 1).fill(NOT_IN_BLOCK, known)
    }
    return string
  }

  #addToBlock(string: number, row: number): number {
    const code = this.#strings.length
    this.#codeOf[string] = code
    this.#strings.push(string)
    this.#firstRows.push(row)
    this.#textBytes += this.#pool.endOf(string) - this.#pool.endOf(string - 1)
    return code
  }

  #writeDictionary(allocate: (bytes: number) => Uint8Array): TextColumn['dictionary'] {
    const count = this.#strings.length
    const offsetBytes = (count + 1) * Uint32Array.BYTES_PER_ELEMENT
    const memory = allocate(offsetBytes + this.#textBytes)
    const offsets = new Uint32Array(memory.buffer, memory.byteOffset, count + 1)
    const bytes = new Uint8Array(memory.buffer, memory.byteOffset + offsetBytes, this.#textBytes)
    const { bytes: pooled } = this.#pool
    let to = 0
    offsets[0] = 0
    for (let code = 0; code < count; code++) {
      const string = this.#strings[code]!
      const end = this.#pool.endOf(string)
      for (let from = this.#pool.endOf(string - 1); from < end; from++) bytes[to++] = pooled[from]!
      offsets[code + 1] = to
    }
    return { offsets, bytes }
  }
}

/** Why coded text was refused. */
export function noSuchCode(name: string, code: number, strings: number): string {
  return `column '${name}' (utf8): code ${code} is not in the dictionary of ${strings} strings`
}

/** The array with room for `length` values, at least twice what it has. */
function grown<A extends Uint8Array | Uint32Array | Int32Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(Math.max(length, array.length * 2))
  larger.set(array)
  return larger
}
