/**
 * Stands for a column that no branch of the plan reads: its values are looked at, so that a row is bad or not whoever reads it,
 * and go nowhere.
 */
import { isValid, type NumericType } from './column.js'
import type { CheckedInput, ColumnTaker, OnBadValue, Rows } from './column-builder.js'
import { VALUE_ARRAYS } from './numeric-column-builder.js'
import { getProperty, siteOf } from './property-site.js'
import type { Field } from './schema.js'
import { noSuchCode } from './text-column-builder.js'
import { areTimestamps } from './timestamp-range.js'
import { refusal, VALUE_CHECKS, type ValueCheck } from './value-check.js'

export class ColumnChecker implements ColumnTaker {
  readonly field: Field
  readonly #site: number
  readonly #check: ValueCheck | null

  constructor(field: Field) {
    this.field = field
    this.#site = siteOf(field.name)
    this.#check = field.type === 'utf8' ? null : VALUE_CHECKS[field.type]
  }

  appendRows(rows: Rows, start: number, end: number, _at: number, onBad: OnBadValue): void {
    const { name } = this.field
    for (let i = start; i < end; i++) this.#look(getProperty(this.#site, rows[i]!, name), i - start, onBad)
  }

  appendValues({ values, validity, dictionary }: CheckedInput, start: number, end: number, _at: number, onBad: OnBadValue): void {
    if (this.#areRight(values, start, end)) return
    for (let i = start; i < end; i++) {
      if (!isValid(validity, i)) continue
      if (!dictionary) this.#look(values[i], i - start, onBad)
      else if (typeof dictionary[values[i] as number] !== 'string') {
        onBad(i - start, noSuchCode(this.field.name, values[i] as number, dictionary.length))
      }
    }
  }

  /** The array's type alone says that its values are right. */
  #areRight(values: ArrayLike<unknown>, start: number, end: number): boolean {
    const { type } = this.field
    if (type === 'utf8' || !(values instanceof VALUE_ARRAYS[type as NumericType])) return false
    return type !== 'timestamp' || areTimestamps(values as Float64Array, start, end)
  }

  #look(value: unknown, index: number, onBad: OnBadValue): void {
    if (value === null || value === undefined) return
    const isRight = this.#check ? this.#check(value) !== undefined : typeof value === 'string'
    if (!isRight) onBad(index, refusal(this.field.name, this.field.type, value))
  }
}
