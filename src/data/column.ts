/**
 * One column of a block, in Arrow's layout: values, and a validity bitmap (bit i of byte i>>3, least significant first; 1 =
 * there).
 * Invariant: `validity === null` means no nulls; under a null bit the value is unspecified, and for utf8 it is 0.
 */
import type { ColumnType } from './schema.js'

export type NumericType = Exclude<ColumnType, 'utf8'>

export interface ValuesOf {
  readonly bool: Uint8Array
  readonly i32: Int32Array
  readonly i64: BigInt64Array
  readonly f32: Float32Array
  readonly f64: Float64Array
  readonly timestamp: Float64Array
}

export interface NumericColumn<T extends NumericType = NumericType> {
  readonly type: T
  readonly values: ValuesOf[T]
  readonly validity: Uint8Array | null
}

/** Distinct strings: entry c is `bytes[offsets[c] … offsets[c + 1])`, UTF-8; distinct entries have distinct bytes. */
export interface TextDictionary {
  readonly offsets: Uint32Array
  readonly bytes: Uint8Array
  /**
   * Of a dictionary that goes on from block to block: a code of it means the same in all blocks, the later ones just have more.
   * Absent where it is the block's own.
   */
  readonly id?: number
}

/** Text is dictionary-encoded; a dictionary of a block's own is numbered by first appearance in it. */
export interface TextColumn {
  readonly type: 'utf8'
  readonly values: Int32Array
  readonly validity: Uint8Array | null
  readonly dictionary: TextDictionary
}

export type Column = { [T in NumericType]: NumericColumn<T> }[NumericType] | TextColumn

/** Bytes of a validity bitmap over `numRows` rows. */
export function validityBytes(numRows: number): number {
  return (numRows + 7) >>> 3
}

/** Whether row `i` holds a value. */
export function isValid(validity: Uint8Array | null, i: number): boolean {
  return validity === null || (validity[i >>> 3]! & (1 << (i & 7))) !== 0
}
