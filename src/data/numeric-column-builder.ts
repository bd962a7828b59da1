/**
 * Takes the values of one column that is not text: typed arrays are copied as they are, everything else is checked value by
 * value.
 * Invariant: what is in the block is what `VALUE_CHECKS` says of each value, whichever way it came in.
 */
import { isValid, validityBytes, type Column, type NumericColumn, type NumericType, type ValuesOf } from './column.js'
import type { CheckedInput, ColumnBuilder, ColumnRoom, OnBadValue, Rows } from './column-builder.js'
import { getProperty, siteOf } from './property-site.js'
import type { Field } from './schema.js'
import { areTimestamps } from './timestamp-range.js'
import { VALUE_CHECKS, refusal, type ValueCheck } from './value-check.js'
import { ValidityBuilder } from './validity-builder.js'
import { TIMESTAMP_MS_MAX } from './timestamp-text.js'

/** The typed arrays of the types. */
export const VALUE_ARRAYS = Object.freeze({
  bool: Uint8Array, i32: Int32Array, i64: BigInt64Array, f32: Float32Array, f64: Float64Array, timestamp: Float64Array,
})

export class NumericColumnBuilder<T extends NumericType> implements ColumnBuilder {
  readonly field: Field
  readonly textBytes = 0
  readonly #type: T
  readonly #site: number
  readonly #check: ValueCheck
  #values: ValuesOf[NumericType]
  readonly #validity = new ValidityBuilder()

  constructor(field: Field, type: T) {
    this.field = field
    this.#type = type
    this.#site = siteOf(field.name)
    this.#check = VALUE_CHECKS[type]
    this.#values = new VALUE_ARRAYS[type](0)
  }

  open({ buffer, valuesOffset, validityOffset, capacity }: ColumnRoom): void {
    // The constructors take shared buffers too; their types do not say so in one signature.
    this.#values = new VALUE_ARRAYS[this.#type](buffer as ArrayBuffer, valuesOffset, capacity)
    this.#validity.open(new Uint8Array(buffer, validityOffset, validityBytes(capacity)))
  }

  appendRows(rows: Rows, start: number, end: number, at: number, onBad: OnBadValue): void {
    if (this.#type === 'i32') return this.#appendIntegers(rows, start, end, at, onBad)
    if (this.#type !== 'bool' && this.#type !== 'i64') return this.#appendNumbers(rows, start, end, at, onBad)
    const { name } = this.field
    for (let i = start; i < end; i++) this.#append(getProperty(this.#site, rows[i]!, name), at + i - start, i - start, onBad)
  }

  appendValues({ values, validity }: CheckedInput, start: number, end: number, at: number, onBad: OnBadValue): void {
    if (values instanceof VALUE_ARRAYS[this.#type] && this.#copy(values, start, end, at)) {
      if (validity) for (let i = start; i < end; i++) if (!isValid(validity, i)) this.#validity.setNull(at + i - start)
      return
    }
    // A typed array of bits is the one exact source of booleans that is not made of booleans.
    const bits = this.#type === 'bool' && values instanceof Uint8Array
    for (let i = start; i < end; i++) {
      const value = isValid(validity, i) ? values[i] : null
      this.#append(bits && value !== null ? value !== 0 : value, at + i - start, i - start, onBad)
    }
  }

  truncate(length: number): void {
    this.#validity.truncate(length)
  }

  seal(numRows: number): Column {
    const values = numRows === this.#values.length ? this.#values : this.#values.subarray(0, numRows)
    return { type: this.#type, values, validity: this.#validity.seal(numRows) } as NumericColumn as Column
  }

  /** Most numbers pass here without more than a comparison; NaN and what is no number take the long way. */
  #appendNumbers(rows: Rows, start: number, end: number, at: number, onBad: OnBadValue): void {
    const values = this.#values as Float64Array
    const { name } = this.field
    const site = this.#site
    const max = this.#type === 'timestamp' ? TIMESTAMP_MS_MAX : Infinity
    for (let i = start; i < end; i++) {
      const value = getProperty(site, rows[i]!, name)
      if (typeof value === 'number' && Math.abs(value) <= max) values[at + i - start] = value
      else this.#append(value, at + i - start, i - start, onBad)
    }
  }

  #appendIntegers(rows: Rows, start: number, end: number, at: number, onBad: OnBadValue): void {
    const values = this.#values as Int32Array
    const { name } = this.field
    const site = this.#site
    for (let i = start; i < end; i++) {
      const value = getProperty(site, rows[i]!, name)
      if (typeof value === 'number' && (value | 0) === value) values[at + i - start] = value
      else this.#append(value, at + i - start, i - start, onBad)
    }
  }

  #append(value: unknown, at: number, index: number, onBad: OnBadValue): void {
    if (value === null || value === undefined) return this.#appendNull(at)
    const stored = this.#check(value)
    if (stored === undefined) {
      onBad(index, refusal(this.field.name, this.field.type, value))
      return this.#appendNull(at)
    }
    this.#values[at] = stored as never
  }

  #appendNull(at: number): void {
    this.#validity.setNull(at)
    this.#values[at] = (this.#type === 'i64' ? 0n : 0) as never
  }

  /** Copies values of the column's own array type; false where one of them cannot be. */
  #copy(from: ArrayLike<unknown>, start: number, end: number, at: number): boolean {
    if (this.#type === 'timestamp' && !areTimestamps(from as Float64Array, start, end)) return false
    const values = from as Float64Array
    ;(this.#values as Float64Array).set(start === 0 && end === values.length ? values : values.subarray(start, end), at)
    if (this.#type === 'bool') toBits(this.#values as Uint8Array, at, at + end - start)
    return true
  }
}

/** Makes every value 0 or 1. */
export function toBits(values: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) if (values[i]! > 1) values[i] = 1
}
