/**
 * Sealed blocks that wait for a batch, first in first out, with their rows and bytes counted.
 * Invariant: `rows` and `bytes` are those of the blocks that `take` will give; rows dropped from the front are cut off when
 * their block is taken.
 */
import { sliceBlock } from '../data/block-slice.js'
import type { BytesBlock, SourceBlock } from '../data/block.js'
import type { HeldMemory } from '../data/block-memory.js'
import { recordScanner } from '../data/record-boundary.js'
import { blockBytes } from '../data/wire.js'

/** A block that waits for its batch, and where it stood in the source. */
export interface SealedBlock {
  readonly block: SourceBlock
  /** Rows of a ColumnBlock, records of a BytesBlock. */
  readonly rows: number
  /**
   * Ordinals since the source's start: rows for columns, bytes let in for text. The block covers `[firstOrdinal, endOrdinal)`.
   */
  readonly firstOrdinal: number
  readonly endOrdinal: number
  /** What the block lies in, to be let go once nobody reads it any more; null where that is the collector's affair. */
  readonly held: HeldMemory | null
}

export class IntakeQueue {
  #blocks: SealedBlock[] = []
  #rows = 0
  #bytes = 0
  /** Rows of the first block that were dropped. */
  #skippedRows = 0

  get rows(): number {
    return this.#rows
  }

  get bytes(): number {
    return this.#bytes
  }

  push(sealed: SealedBlock): void {
    this.#blocks.push(sealed)
    this.#rows += sealed.rows
    this.#bytes += blockBytes(sealed.block)
  }

  /** The first block, or its first `rowsMax` rows (a whole number from 1); undefined when none waits. */
  take(rowsMax = Infinity): SealedBlock | undefined {
    const first = this.#blocks[0]
    if (!first) return undefined
    const skipped = this.#skippedRows
    const waiting = first.rows - skipped
    if (waiting > rowsMax) {
      this.#skippedRows += rowsMax
      this.#rows -= rowsMax
      first.held?.hold()
      return partOf(first, skipped, skipped + rowsMax)
    }
    this.#blocks.shift()
    this.#skippedRows = 0
    this.#rows -= waiting
    this.#bytes -= blockBytes(first.block)
    return skipped === 0 ? first : partOf(first, skipped, first.rows)
  }

  /** Drops the oldest rows, at most `rows`; returns how many there were. */
  dropOldest(rows: number): number {
    const count = Math.min(rows, this.#rows)
    let left = count
    while (left > 0) {
      const waiting = this.#blocks[0]!.rows - this.#skippedRows
      if (waiting > left) {
        this.#skippedRows += left
        this.#rows -= left
        break
      }
      this.take()!.held?.letGo()
      left -= waiting
    }
    return count
  }

  /** Drops whole blocks from the front until at most `bytes` are held; returns the rows that went. */
  dropToBytes(bytes: number): number {
    const rowsBefore = this.#rows
    while (this.#bytes > bytes && this.#blocks.length > 0) this.take()!.held?.letGo()
    return rowsBefore - this.#rows
  }
}

/** Rows or records `[from, to)` of a block. */
function partOf(sealed: SealedBlock, from: number, to: number): SealedBlock {
  const { block, rows, firstOrdinal, held } = sealed
  const offsetOf = (row: number): number => (block.kind === 'columns' ? row : endOfRecord(block, row))
  const start = offsetOf(from)
  const end = to === rows ? sealed.endOrdinal - firstOrdinal : offsetOf(to)
  const slice = sliceBlock(block, start, end)
  return { block: slice, rows: to - from, firstOrdinal: firstOrdinal + start, endOrdinal: firstOrdinal + end, held }
}

/** Where the first `records` records of a block end. */
function endOfRecord(block: BytesBlock, records: number): number {
  const scanner = recordScanner(block.format, block.csv?.delimiter)
  let end = 0
  for (let k = 0; k < records; k++) end = scanner.next(block.bytes, end, block.bytes.length)
  return end
}
