/**
 * Column types and schemas: the shape of every block and every plan node.
 * Invariant: a schema is a frozen list of fields with distinct names; the order of the fields is the order of the columns.
 */

/**
 * JavaScript's side of a type: bool boolean, i32 f32 f64 number, i64 bigint, utf8 string, timestamp number (epoch ms, UTC).
 * Every column may hold nulls.
 */
export type ColumnType = 'bool' | 'i32' | 'i64' | 'f32' | 'f64' | 'utf8' | 'timestamp'

export interface Field {
  readonly name: string
  readonly type: ColumnType
  /**
   * Set on the two timestamp columns of a window: the field named `window.start` is part `start` of the user's column `window`.
   * Batches and typed rows show the pair as one value `{ start, end }`.
   */
  readonly part?: { readonly of: string; readonly as: 'start' | 'end' }
}

export type Schema = readonly Field[]

/** Bytes of one value in a block and in kernel memory; utf8 is a 4-byte code, timestamp an f64. */
export const VALUE_BYTES: Readonly<Record<ColumnType, number>> =
  Object.freeze({ bool: 1, i32: 4, i64: 8, f32: 4, f64: 8, utf8: 4, timestamp: 8 })

/** The two columns of a window named `name`. */
export function windowFields(name: string): readonly [Field, Field] {
  return [
    { name: `${name}.start`, type: 'timestamp', part: { of: name, as: 'start' } },
    { name: `${name}.end`, type: 'timestamp', part: { of: name, as: 'end' } },
  ]
}
