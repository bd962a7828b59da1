/**
 * Growing columns: the inside of the block builder, one per field. Values are appended column by column, so that each loop sees
 * one type.
 * Invariant: a bad value leaves a null in its place and is reported; the caller then takes the rows back by `truncate` and
 * appends the good ones.
 */
import { isValid, validityBytes, type Column, type NumericColumn, type NumericType, type TextColumn } from './column.js'
import type { Field } from './schema.js'
import { VALUE_CHECKS, refusal, isTimestamp, type ValueCheck } from './value-check.js'

/** Called for each value that is not of the column's type; `index` counts from the first value of the append. */
export type OnBadValue = (index: number, reason: string) => void

/** Text in codes: `dictionary[values[i]]`. */
export interface CodedText {
  readonly values: Int32Array
  readonly dictionary: readonly string[]
}

export interface ColumnBuilder {
  readonly field: Field
  readonly length: number
  /** Bytes of text held in the dictionary so far; 0 for other types. */
  readonly textBytes: number
  /** Appends `value` of each row; null, undefined and missing keys are nulls. */
  appendRows(rows: readonly Readonly<Record<string, unknown>>[], start: number, end: number, onBad: OnBadValue): void
  /**
   * Appends `values[start … end)`; a null bit in `validity` (whose bit i belongs to `values[i]`) is a null whatever the value.
   */
  appendValues(values: ArrayLike<unknown>, validity: Uint8Array | null, start: number, end: number, onBad: OnBadValue): void
  /** Takes back the last values down to `length`, dictionary entries included. */
  truncate(length: number): void
  /** The column as views on the builder's memory, good until the next append or `reset`. */
  view(): Column
  reset(): void
}

export function columnBuilder(field: Field): ColumnBuilder {
  return field.type === 'utf8' ? new TextColumnBuilder(field) : new NumericColumnBuilder(field, field.type)
}

const VALUES = {
  bool: Uint8Array, i32: Int32Array, i64: BigInt64Array, f32: Float32Array, f64: Float64Array, timestamp: Float64Array,
} as const

const ROWS_AT_FIRST = 256

/** A bitmap that exists only once there is a null. */
class ValidityBuilder {
  #bits: Uint8Array | null = null

  setNull(i: number, capacity: number): void {
    this.#bits ??= new Uint8Array(validityBytes(capacity)).fill(0xff)
    this.#bits[i >>> 3]! &= ~(1 << (i & 7))
  }

  grow(capacity: number): void {
    if (!this.#bits) return
    const bits = new Uint8Array(validityBytes(capacity)).fill(0xff)
    bits.set(this.#bits)
    this.#bits = bits
  }

  /** Every row from `length` on counts as there again. */
  truncate(length: number): void {
    const bits = this.#bits
    if (!bits) return
    if ((length & 7) !== 0) bits[length >>> 3]! |= 0xff << (length & 7)
    bits.fill(0xff, validityBytes(length))
    if (length === 0) this.#bits = null
  }

  /** The bits of `length` rows, the ones beyond being 0; null when all rows are there. */
  view(length: number): Uint8Array | null {
    if (!this.#bits) return null
    const bits = this.#bits.slice(0, validityBytes(length))
    if ((length & 7) !== 0) bits[bits.length - 1]! &= (1 << (length & 7)) - 1
    for (let i = 0; i < length >>> 3; i++) if (bits[i] !== 0xff) return bits
    return (length & 7) !== 0 && bits[bits.length - 1] !== (1 << (length & 7)) - 1 ? bits : null
  }
}

class NumericColumnBuilder<T extends NumericType> implements ColumnBuilder {
  readonly field: Field
  readonly textBytes = 0
  readonly #type: T
  readonly #check: ValueCheck
  #values: InstanceType<(typeof VALUES)[NumericType]>
  #length = 0
  readonly #validity = new ValidityBuilder()

  constructor(field: Field, type: T) {
    this.field = field
    this.#type = type
    this.#check = VALUE_CHECKS[type]
    this.#values = new VALUES[type](ROWS_AT_FIRST)
  }

  get length(): number {
    return this.#length
  }

  appendRows(rows: readonly Readonly<Record<string, unknown>>[], start: number, end: number, onBad: OnBadValue): void {
    this.#reserve(end - start)
    const name = this.field.name
    for (let i = start; i < end; i++) this.#append(rows[i]![name], i - start, onBad)
  }

  appendValues(values: ArrayLike<unknown>, validity: Uint8Array | null, start: number, end: number, onBad: OnBadValue): void {
    this.#reserve(end - start)
    const isTyped = values instanceof VALUES[this.#type]
    if (isTyped && (this.#type !== 'timestamp' || areTimestamps(values as Float64Array, start, end))) {
      this.#appendTyped(values as Float64Array, validity, start, end)
      return
    }
    // A typed array of bits is the one exact source of booleans that is not made of booleans.
    const bits = this.#type === 'bool' && values instanceof Uint8Array
    for (let i = start; i < end; i++) {
      const value = isValid(validity, i) ? values[i] : null
      this.#append(bits && value !== null ? value !== 0 : value, i - start, onBad)
    }
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length)
    this.#validity.truncate(this.#length)
  }

  view(): Column {
    const values = this.#values.subarray(0, this.#length)
    return { type: this.#type, values, validity: this.#validity.view(this.#length) } as NumericColumn as Column
  }

  reset(): void {
    this.truncate(0)
  }

  #append(value: unknown, index: number, onBad: OnBadValue): void {
    if (value === null || value === undefined) return this.#appendNull()
    const stored = this.#check(value)
    if (stored === undefined) {
      onBad(index, refusal(this.field.name, this.field.type, value))
      return this.#appendNull()
    }
    this.#values[this.#length++] = stored as never
  }

  #appendNull(): void {
    this.#validity.setNull(this.#length, this.#values.length)
    this.#values[this.#length++] = (this.#type === 'i64' ? 0n : 0) as never
  }

  #appendTyped(values: Float64Array, validity: Uint8Array | null, start: number, end: number): void {
    const first = this.#length
    ;(this.#values as Float64Array).set(values.subarray(start, end), first)
    if (this.#type === 'bool') toBits(this.#values as Uint8Array, first, first + end - start)
    this.#length += end - start
    if (!validity) return
    for (let i = start; i < end; i++) if (!isValid(validity, i)) this.#validity.setNull(first + i - start, this.#values.length)
  }

  #reserve(rows: number): void {
    if (this.#length + rows <= this.#values.length) return
    const grown = new VALUES[this.#type](Math.max(this.#length + rows, this.#values.length * 2))
    ;(grown as Float64Array).set(this.#values.subarray(0, this.#length) as Float64Array)
    this.#values = grown
    this.#validity.grow(grown.length)
  }
}

/** Makes every value 0 or 1. */
export function toBits(values: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) if (values[i]! > 1) values[i] = 1
}

function areTimestamps(values: Float64Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isTimestamp(values[i]!)) return false
  return true
}

const encoder = new TextEncoder()
const LONE_SURROGATES = /\p{Surrogate}/gu

/** Text by codes into a dictionary, numbered by first appearance. */
export class TextColumnBuilder implements ColumnBuilder {
  readonly field: Field
  #codes = new Int32Array(ROWS_AT_FIRST)
  #length = 0
  readonly #validity = new ValidityBuilder()
  /** Code by text; texts with lone surrogates have the code of what UTF-8 makes of them. */
  readonly #codeOf = new Map<string, number>()
  /** By code: the text's keys in `#codeOf`, its bytes' end, and the row that brought it. */
  #texts: string[] = []
  #ends: number[] = []
  #firstRows: number[] = []
  #bytes = new Uint8Array(1024)

  constructor(field: Field) {
    this.field = field
  }

  get length(): number {
    return this.#length
  }

  get textBytes(): number {
    return this.#ends.at(-1) ?? 0
  }

  appendRows(rows: readonly Readonly<Record<string, unknown>>[], start: number, end: number, onBad: OnBadValue): void {
    this.#reserve(end - start)
    const name = this.field.name
    for (let i = start; i < end; i++) this.#append(rows[i]![name], i - start, onBad)
  }

  appendValues(values: ArrayLike<unknown>, validity: Uint8Array | null, start: number, end: number, onBad: OnBadValue): void {
    this.#reserve(end - start)
    for (let i = start; i < end; i++) this.#append(isValid(validity, i) ? values[i] : null, i - start, onBad)
  }

  /** Appends coded text without looking each row's string up. */
  appendCoded(coded: CodedText, validity: Uint8Array | null, start: number, end: number, onBad: OnBadValue): void {
    this.#reserve(end - start)
    const codes = new Int32Array(coded.dictionary.length).fill(-1)
    for (let i = start; i < end; i++) {
      const code = coded.values[i]!
      if (!isValid(validity, i)) {
        this.#append(null, i - start, onBad)
      } else if (code < 0 || code >= codes.length || typeof coded.dictionary[code] !== 'string') {
        onBad(i - start, `column '${this.field.name}' (utf8): code ${code} is not in the dictionary of ${codes.length} strings`)
        this.#append(null, i - start, onBad)
      } else {
        if (codes[code] === -1) codes[code] = this.#codeFor(coded.dictionary[code])
        this.#codes[this.#length++] = codes[code]!
      }
    }
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length)
    this.#validity.truncate(this.#length)
    let entries = this.#texts.length
    while (entries > 0 && this.#firstRows[entries - 1]! >= this.#length) entries--
    if (entries === this.#texts.length) return
    for (const [text, code] of this.#codeOf) if (code >= entries) this.#codeOf.delete(text)
    this.#texts.length = this.#ends.length = this.#firstRows.length = entries
  }

  view(): Column {
    const offsets = new Uint32Array(this.#ends.length + 1)
    offsets.set(this.#ends, 1)
    const dictionary = { offsets, bytes: this.#bytes.subarray(0, this.textBytes) }
    const values = this.#codes.subarray(0, this.#length)
    return { type: 'utf8', values, validity: this.#validity.view(this.#length), dictionary } satisfies TextColumn
  }

  reset(): void {
    this.#length = 0
    this.#validity.truncate(0)
    this.#codeOf.clear()
    this.#texts.length = this.#ends.length = this.#firstRows.length = 0
  }

  #append(value: unknown, index: number, onBad: OnBadValue): void {
    if (typeof value === 'string') {
      this.#codes[this.#length] = this.#codeOf.get(value) ?? this.#codeFor(value)
    } else {
      if (value !== null && value !== undefined) onBad(index, refusal(this.field.name, 'utf8', value))
      this.#validity.setNull(this.#length, this.#codes.length)
      this.#codes[this.#length] = 0
    }
    this.#length++
  }

  #codeFor(text: string): number {
    const known = this.#codeOf.get(text)
    if (known !== undefined) return known
    const wellFormed = text.replace(LONE_SURROGATES, '\ufffd')
    let code = this.#codeOf.get(wellFormed)
    if (code === undefined) {
      code = this.#texts.length
      this.#texts.push(wellFormed)
      this.#ends.push(this.#write(wellFormed))
      this.#firstRows.push(this.#length)
      this.#codeOf.set(wellFormed, code)
    }
    if (text !== wellFormed) this.#codeOf.set(text, code)
    return code
  }

  /** Writes the text behind the others; returns where it ends. */
  #write(text: string): number {
    const start = this.textBytes
    const bytesMax = start + text.length * 3
    if (bytesMax > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(bytesMax, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, start))
      this.#bytes = grown
    }
    return start + encoder.encodeInto(text, this.#bytes.subarray(start)).written
  }

  #reserve(rows: number): void {
    if (this.#length + rows <= this.#codes.length) return
    const grown = new Int32Array(Math.max(this.#length + rows, this.#codes.length * 2))
    grown.set(this.#codes.subarray(0, this.#length))
    this.#codes = grown
    this.#validity.grow(grown.length)
  }
}

