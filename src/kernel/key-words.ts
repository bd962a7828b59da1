/**
 * Values of a table's column as the words that stream values are compared with: of the stream's type, if they can be told in it
 * exactly. What cannot equals no value of the stream.
 * Invariant: two words are equal iff the values are: integers by value, floats by their bits as f64, −0 as 0, every NaN as one.
 */
import type { ColumnType } from '../data/schema.js'

/** Values of a column as they lie in memory: text as codes. */
export interface KeyColumn {
  /** The column's own type. */
  readonly columnType: ColumnType
  readonly values: ArrayLike<number | bigint>
  readonly validity: Uint8Array | null
}

export interface KeyWords {
  /** Whether the words are the 32 bits of small integers, so that they can be places. */
  readonly isSmall: boolean
  isComparable(row: number): boolean
  low(row: number): number
  high(row: number): number
}

/** @param type of the stream's values. */
export function keyWords({ columnType, values, type }: KeyColumn & { readonly type: ColumnType }): KeyWords {
  if (type === 'i64') return integerWords(values, columnType)
  if (type === 'f64' || type === 'f32' || type === 'timestamp') return floatWords(values)
  return {
    isSmall: true,
    isComparable: row => Number(values[row]) === (Number(values[row]) | 0),
    low: row => Number(values[row]) | 0,
    high: row => Number(values[row]) >> 31,
  }
}

function integerWords(values: KeyColumn['values'], columnType: ColumnType): KeyWords {
  const isWhole = columnType === 'i64' || columnType === 'i32'
  const word = (row: number): bigint => BigInt(values[row]!)
  return {
    isSmall: false,
    isComparable: row => isWhole || (Number.isInteger(values[row]) && BigInt.asIntN(64, word(row)) === word(row)),
    low: row => Number(BigInt.asIntN(32, word(row))),
    high: row => Number(BigInt.asIntN(32, word(row) >> 32n)),
  }
}

function floatWords(values: KeyColumn['values']): KeyWords {
  const float = new Float64Array(1)
  const halves = new Int32Array(float.buffer)
  const half = (row: number, index: 0 | 1): number => {
    const value = Number(values[row])
    float[0] = value === 0 ? 0 : Number.isNaN(value) ? NaN : value
    return Number.isNaN(value) ? index === 0 ? 0 : 0x7ff80000 : halves[index]!
  }
  return {
    isSmall: false,
    isComparable: row => typeof values[row] !== 'bigint' || BigInt(Number(values[row])) === values[row],
    low: row => half(row, 0),
    high: row => half(row, 1),
  }
}
