/**
 * Takes the values of one text column: codes into a dictionary that goes on from block to block, because the same strings tend to
 * come again.
 * Invariant: a block's dictionary holds the strings of its rows, and others; texts with lone surrogates have the code of what
 * UTF-8 makes of them.
 */
import type { BlockMemory, HeldMemory } from './block-memory.js'
import { isValid, validityBytes, type TextColumn } from './column.js'
import type { CheckedInput, ColumnBuilder, ColumnRoom, OnBadValue, Rows } from './column-builder.js'
import { getProperty, siteOf } from './property-site.js'
import type { Field } from './schema.js'
import { StringPool } from './string-pool.js'
import { ValidityBuilder } from './validity-builder.js'
import { refusal } from './value-check.js'

/** Strings, and bytes of them, that are kept beyond their block at most; where they do come again, eight times as many. */
const KEPT_STRINGS_MAX = 65_536
const KEPT_BYTES_MAX = 4 * 1024 * 1024
const KEPT_WHERE_USED = 8
/** They come again where there are at least so many rows to a string. */
const ROWS_PER_STRING = 1.5
/** A pushed dictionary is compared with the last one, as a whole, unless it has more strings than so many times the rows. */
const STRINGS_PER_ROW = 4
const NOT_IN_POOL = -1

export class TextColumnBuilder implements ColumnBuilder {
  readonly field: Field
  readonly #site: number
  readonly #validity = new ValidityBuilder()
  readonly #pool: StringPool
  #codes: Int32Array = new Int32Array(0)
  /** Bytes of the pool's strings when the block was opened. */
  #knownBytes = 0
  /** Rows since the pool was empty. */
  #pooledRows = 0
  /** What is pushed coded, and by code: what it was last, and that text's string of the pool, or −1. */
  #pushed: CheckedInput | null = null
  readonly #pushedTexts: unknown[] = []
  #pushedStrings = new Int32Array(0)

  constructor(field: Field, memory: BlockMemory) {
    this.field = field
    this.#site = siteOf(field.name)
    this.#pool = new StringPool(memory)
  }

  get textBytes(): number {
    return this.#pool.usedBytes - this.#knownBytes
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
    const { ids } = this.#pool
    const codes = this.#codes
    for (let i = start; i < end; i++) {
      const value = isValid(validity, i) ? values[i] : null
      const string = typeof value === 'string' ? ids.get(value) : undefined
      if (string !== undefined) codes[at + i - start] = string
      else this.#append(value, at + i - start, i - start, onBad)
    }
  }

  truncate(length: number): void {
    this.#validity.truncate(length)
  }

  seal(numRows: number, holds: HeldMemory[]): TextColumn {
    const values = this.#codes.subarray(0, numRows)
    const column: TextColumn = {
      type: 'utf8', values, validity: this.#validity.seal(numRows), dictionary: this.#pool.dictionary(holds),
    }
    this.#pooledRows += numRows
    this.#limitPool(this.#pooledRows >= this.#pool.count * ROWS_PER_STRING ? KEPT_WHERE_USED : 1)
    this.#knownBytes = this.#pool.usedBytes
    this.#pushed = null
    return column
  }

  #append(value: unknown, at: number, index: number, onBad: OnBadValue): void {
    if (typeof value === 'string') {
      this.#codes[at] = this.#pool.idOf(value)
      return
    }
    if (value !== null && value !== undefined) onBad(index, refusal(this.field.name, 'utf8', value))
    this.#validity.setNull(at)
    this.#codes[at] = 0
  }

  /** Appends coded text without looking strings up that the codes meant before. */
  #appendCoded(
    input: CheckedInput, dictionary: readonly string[], start: number, end: number, at: number, onBad: OnBadValue,
  ): void {
    const { validity } = input
    const values = input.values as Int32Array
    const isCompared = dictionary.length <= values.length * STRINGS_PER_ROW
    if (isCompared && this.#pushed !== input) this.#compare(input, dictionary)
    const strings = this.#pushedStrings
    const count = isCompared ? dictionary.length : 0
    const codes = this.#codes
    for (let i = start; i < end; i++) {
      const code = values[i]!
      const string = code >= 0 && code < count && isValid(validity, i) ? strings[code]! : NOT_IN_POOL
      if (string !== NOT_IN_POOL) codes[at + i - start] = string
      else this.#appendCode(dictionary, isValid(validity, i) ? code : null, at + i - start, i - start, onBad)
    }
  }

  /** One that is null, that this push has not brought before, or that is not compared. */
  #appendCode(dictionary: readonly string[], code: number | null, at: number, index: number, onBad: OnBadValue): void {
    const text: unknown = code === null ? null : dictionary[code]
    const isText = typeof text === 'string'
    if (!isText && code !== null) onBad(index, noSuchCode(this.field.name, code, dictionary.length))
    this.#append(isText ? text : null, at, index, onBad)
    if (isText && this.#pushedTexts[code!] === text) this.#pushedStrings[code!] = this.#codes[at]!
  }

  /** Takes over the texts of a dictionary, and forgets the strings of codes that meant another one. */
  #compare(input: CheckedInput, dictionary: readonly string[]): void {
    this.#pushed = input
    const texts = this.#pushedTexts
    const count = dictionary.length
    if (count > this.#pushedStrings.length) {
      const strings = new Int32Array(count).fill(NOT_IN_POOL)
      strings.set(this.#pushedStrings)
      this.#pushedStrings = strings
    }
    for (let code = 0; code < count; code++) {
      const text = dictionary[code]
      if (texts[code] === text) continue
      texts[code] = text
      this.#pushedStrings[code] = NOT_IN_POOL
    }
  }

  /** Forgets all strings where they have become more than `times` what is kept of every column. */
  #limitPool(times: number): void {
    if (this.#pool.count <= KEPT_STRINGS_MAX * times && this.#pool.usedBytes <= KEPT_BYTES_MAX * times) return
    this.#pool.clear()
    this.#pooledRows = 0
    this.#pushedStrings.fill(NOT_IN_POOL)
  }
}

/** Why coded text was refused. */
export function noSuchCode(name: string, code: number, strings: number): string {
  return `column '${name}' (utf8): code ${code} is not in the dictionary of ${strings} strings`
}
