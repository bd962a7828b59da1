// Which column a key of an object names.
import { columns, columnsEnd } from './decode-columns'
import { equalTails } from './equal-bytes'
import { DECODE_COLUMN_BYTES, DECODE_COLUMN_NAME, DECODE_COLUMN_NAME_BYTES, DECODE_COLUMN_WORD } from './portable/layout'

/** The column that bears the name of `length` bytes at `name`, or 0; `expected` is looked at first. */
export function findColumn(name: usize, length: u32, expected: usize): usize {
  const word = length < 8 ? load<u64>(name) & ((<u64>1 << (length << 3)) - 1) : load<u64>(name)
  let column = expected
  for (let tried = columns; tried < columnsEnd; tried += DECODE_COLUMN_BYTES) {
    if (column >= columnsEnd) column = columns
    if (load<u64>(column, DECODE_COLUMN_WORD) == word && load<u32>(column, DECODE_COLUMN_NAME_BYTES) == length &&
      (length <= 8 || equalTails(load<u32>(column, DECODE_COLUMN_NAME), name, length))) return column
    column += DECODE_COLUMN_BYTES
  }
  return 0
}
