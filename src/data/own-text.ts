/**
 * Text columns with a dictionary of just the strings of their rows, numbered by first appearance: what leaves its thread or the
 * kernels must not bring along what others hold.
 */
import type { Block } from './block.js'
import { isValid, type Column, type TextColumn } from './column.js'

/** By code: its new number + 1. Zeros between calls. */
let numbers = new Int32Array(1024)

/**
 * Numbers codes anew, from 0 by first appearance; nulls get 0.
 * @param codes below `count`
 * @returns the new numbers by row, and the codes that have them.
 */
export function renumberCodes(
  codes: Int32Array, validity: Uint8Array | null, numRows: number, count: number,
): { readonly values: Int32Array; readonly occurring: readonly number[] } {
  if (count > numbers.length) numbers = new Int32Array(count * 2)
  const values = new Int32Array(numRows)
  const occurring: number[] = []
  for (let i = 0; i < numRows; i++) {
    if (!isValid(validity, i)) continue
    const code = codes[i]!
    values[i] = (numbers[code] ||= occurring.push(code)) - 1
  }
  for (const code of occurring) numbers[code] = 0
  return { values, occurring }
}

/** The block with own dictionaries; itself where it has no other. */
export function withOwnText<B extends Block>(block: B): B
export function withOwnText(block: Block): Block {
  if (block.kind !== 'columns' || !block.columns.some(isShared)) return block
  return { ...block, columns: block.columns.map(column => isShared(column) ? ownText(column, block.numRows) : column) }
}

function isShared(column: Column): column is TextColumn {
  return column.type === 'utf8' && column.dictionary.id !== undefined
}

function ownText({ values: codes, validity, dictionary }: TextColumn, numRows: number): TextColumn {
  const { offsets, bytes } = dictionary
  const { values, occurring } = renumberCodes(codes, validity, numRows, offsets.length - 1)
  const ownOffsets = new Uint32Array(occurring.length + 1)
  occurring.forEach((code, i) => { ownOffsets[i + 1] = ownOffsets[i]! + offsets[code + 1]! - offsets[code]! })
  const ownBytes = new Uint8Array(ownOffsets.at(-1)!)
  occurring.forEach((code, i) => {
    let to = ownOffsets[i]!
    for (let from = offsets[code]!; from < offsets[code + 1]!; from++) ownBytes[to++] = bytes[from]!
  })
  return { type: 'utf8', values, validity, dictionary: { offsets: ownOffsets, bytes: ownBytes } }
}
