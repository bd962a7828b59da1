// Which column a key of an object names.
import { columns, columnsEnd } from './decode-columns'
import { DECODE_COLUMN_BYTES, DECODE_COLUMN_NAME, DECODE_COLUMN_NAME_BYTES, DECODE_COLUMN_WORD } from './portable/layout'

/** The column that bears the name of `length` bytes at `name`, or 0; `expected` is looked at first. */
export function findColumn(name: usize, length: u32, expected: usize): usize {
  const word = length < 8 ? load<u64>(name) & ((<u64>1 << (length << 3)) - 1) : load<u64>(name)
  if (expected < columnsEnd && hasName(expected, word, name, length)) return expected
  for (let column = columns; column < columnsEnd; column += DECODE_COLUMN_BYTES) {
    if (hasName(column, word, name, length)) return column
  }
  return 0
}

// @ts-ignore: decorator
@inline
function hasName(column: usize, word: u64, name: usize, length: u32): bool {
  return load<u64>(column, DECODE_COLUMN_WORD) == word && load<u32>(column, DECODE_COLUMN_NAME_BYTES) == length &&
    (length <= 8 || equalTails(load<u32>(column, DECODE_COLUMN_NAME), name, length))
}

/** Whether two texts of equal length, longer than eight bytes, agree behind the first eight. */
function equalTails(a: usize, b: usize, length: usize): bool {
  const last = length - 8
  for (let i: usize = 8; i < last; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false
  }
  return load<u64>(a + last) == load<u64>(b + last)
}
