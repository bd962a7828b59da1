/**
 * Rows with several matches in a table, one after the other: row by row in the order of the stream, the matches of each in the
 * order of the table.
 * Invariant: every column keeps its values and nulls; the last column holds the row of the table, null where there is none.
 */
import { validityBytes } from '../data/column.js'
import { VALUE_BYTES } from '../data/schema.js'
import type { ArenaScope } from '../kernel/arena.js'
import type { KernelColumn, KernelColumns } from '../kernel/kernel-columns.js'
import type { KernelMemory } from '../kernel/memory.js'

/** @param nextRow for each row of the table the next with the same keys + 1, or 0. */
export function expandMatches(scope: ArenaScope, input: KernelColumns, nextRow: Uint32Array): KernelColumns {
  const { memory } = scope.arena
  const found = input.columns.at(-1)!
  const { source, rows } = matchesOf(memory, found, input.numRows, nextRow)
  const columns = input.columns.map((column): KernelColumn => {
    const expanded = repeated(scope, column, source)
    if (column === found) memory.i32.set(rows, expanded.values >>> 2)
    return expanded
  })
  return { schema: input.schema, numRows: source.length, columns }
}

/** For each row that comes out the row that it is made of, and the row of the table. */
function matchesOf(
  memory: KernelMemory, { values, validity }: KernelColumn, numRows: number, nextRow: Uint32Array,
): { readonly source: Uint32Array; readonly rows: Int32Array } {
  const source: number[] = []
  const rows: number[] = []
  const { i32, u8 } = memory
  for (let i = 0; i < numRows; i++) {
    const isMatched = !validity || (u8[validity + (i >>> 3)]! >>> (i & 7)) & 1
    let row = i32[(values >>> 2) + i]!
    do {
      source.push(i)
      rows.push(row)
      row = isMatched ? nextRow[row]! - 1 : -1
    } while (row >= 0)
  }
  return { source: Uint32Array.from(source), rows: Int32Array.from(rows) }
}

function repeated(scope: ArenaScope, { type, values, validity }: KernelColumn, source: Uint32Array): KernelColumn {
  const width = VALUE_BYTES[type]
  const to = scope.allocate(source.length * width)
  const bits = validity ? scope.allocateZeroed(validityBytes(source.length)) : 0
  const { memory } = scope.arena
  const { u8, u32 } = memory
  const [from, first] = [values >>> 2, to >>> 2]
  if (width === 1) source.forEach((row, i) => { u8[to + i] = u8[values + row]! })
  else if (width === 4) source.forEach((row, i) => { u32[first + i] = u32[from + row]! })
  else source.forEach((row, i) => {
    u32[first + 2 * i] = u32[from + 2 * row]!
    u32[first + 2 * i + 1] = u32[from + 2 * row + 1]!
  })
  if (bits) source.forEach((row, i) => {
    if ((memory.u8[validity + (row >>> 3)]! >>> (row & 7)) & 1) memory.u8[bits + (i >>> 3)]! |= 1 << (i & 7)
  })
  return { type, values: to, validity: bits }
}
