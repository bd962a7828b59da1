/**
 * What the rows of an aggregation look like, for the kernels that pack, merge and number them (layout:
 * assembly/portable/group-rows.ts).
 * Invariant: a function of the aggregation's layout alone; its scratch serves one kernel call at a time.
 */
import * as R from '../../assembly/portable/group-rows.js'
import type { AggregateLayout } from './aggregate-layout.js'
import type { KernelSet } from './kernel-set.js'
import { mergesOf } from './merge-list.js'

const WORD_BYTES = 8
const BITS_PER_BYTE = 8

/** A word of a row that holds text. */
interface TextWord {
  readonly offset: number
  readonly bit: number
  readonly isKey: boolean
}

export class RowShape {
  readonly ptr: number
  readonly layout: AggregateLayout
  readonly keyBytes: number
  readonly rowBytes: number
  readonly hasText: boolean
  readonly numTextWords: number
  readonly #set: KernelSet
  readonly #ptrs: number[] = []

  constructor(set: KernelSet, layout: AggregateLayout) {
    this.#set = set
    this.layout = layout
    this.keyBytes = keyRowBytes(layout)
    this.rowBytes = this.keyBytes + layout.stateBytes
    const texts = this.#textWords()
    const merges = mergesOf(layout)
    this.numTextWords = texts.length
    this.hasText = texts.length > 0
    this.ptr = this.#allocate(R.SHAPE_BYTES)
    const fields: readonly (readonly [number, number])[] = [
      [R.SHAPE_KEY_BYTES, this.keyBytes], [R.SHAPE_ROW_BYTES, this.rowBytes], [R.SHAPE_HAS_PANE, layout.hasPane ? 1 : 0],
      [R.SHAPE_MERGES, this.#allocate(merges.length * R.MERGE_BYTES)], [R.SHAPE_MERGE_COUNT, merges.length],
      [R.SHAPE_TEXTS, this.#allocate(texts.length * R.WORD_BYTES)], [R.SHAPE_TEXT_COUNT, texts.length],
      [R.SHAPE_SCRATCH, this.#allocate(R.MERGE_SCRATCH_BYTES)],
    ]
    const { memory } = set
    for (const [offset, value] of fields) memory.write(this.ptr + offset, value)
    merges.forEach(({ op, offset, bit }, i) => {
      const merge = memory.read(this.ptr + R.SHAPE_MERGES) + i * R.MERGE_BYTES
      memory.write(merge + R.MERGE_OP, op)
      memory.write(merge + R.MERGE_OFFSET, this.keyBytes + offset)
      memory.write(merge + R.MERGE_BIT, this.keyBytes * BITS_PER_BYTE + bit)
    })
    texts.forEach(({ offset, bit, isKey }, i) => {
      const word = memory.read(this.ptr + R.SHAPE_TEXTS) + i * R.WORD_BYTES
      memory.write(word + R.WORD_OFFSET, offset)
      memory.write(word + R.WORD_BIT, bit)
      memory.write(word + R.WORD_IS_KEY, isKey ? 1 : 0)
    })
  }

  /** Bytes of kernel memory that it holds. */
  get usedBytes(): number { return this.#ptrs.reduce((sum, ptr) => sum + this.#set.arena.sizeOf(ptr), 0) }

  free(): void {
    for (const ptr of this.#ptrs) this.#set.arena.free(ptr)
    this.#ptrs.length = 0
  }

  #textWords(): TextWord[] {
    const { keyTypes, states } = this.layout
    const keys = keyTypes.flatMap((type, index): TextWord[] =>
      type === 'utf8' ? [{ offset: (1 + index) * WORD_BYTES, bit: index, isKey: true }] : [])
    const words = states.flatMap(({ wordTypes, offset, bit }) => wordTypes.flatMap((type, word): TextWord[] => type === 'utf8'
      ? [{ offset: this.keyBytes + offset + word * WORD_BYTES, bit: this.keyBytes * BITS_PER_BYTE + bit, isKey: false }] : []))
    return [...keys, ...words]
  }

  #allocate(bytes: number): number {
    const ptr = this.#set.arena.allocateZeroed(Math.max(bytes, 1))
    this.#ptrs.push(ptr)
    return ptr
  }
}

/** A word of null bits, a word per key, and the pane. */
function keyRowBytes({ keyTypes, hasPane }: AggregateLayout): number {
  return (1 + keyTypes.length + (hasPane ? 1 : 0)) * WORD_BYTES
}
