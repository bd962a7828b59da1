/**
 * The index of a table's rows by some of its columns, in kernel memory: one level per column. Small integers and text codes are
 * looked up by place, everything else by hash. Layout: LEVEL_… in assembly/portable/layout.ts. The last level may lead to the
 * values of a column instead of to rows: then nothing has to be taken from the rows any more.
 * Invariants: rows with a null among the keys are not in it; the first row of each key is, and the others follow by `nextRow` in
 * the order of the table.
 */
import * as L from '../../assembly/portable/layout.js'
import { isValid } from '../data/column.js'
import type { ArenaScope } from './arena.js'
import { keyWords, type KeyColumn, type KeyWords } from './key-words.js'
import type { KernelMemory } from './memory.js'
import { hashWord, mixHash } from './reference/hash.js'
import type { TableKey } from './program.js'

/** By place if that takes no more than so many places for each row, or is small anyway. */
const PLACES_PER_ROW = 16
const PLACES_ALWAYS = 4096

export class TableIndex {
  /** Addresses of the levels. */
  readonly levels: readonly number[]
  /** Row + 1 of the next row with the same keys, or 0; null where no keys repeat. */
  readonly nextRow: Uint32Array | null
  /** Whether it leads to values. */
  readonly isOfValues: boolean

  /** @param leadsTo a column of i32 or text codes that it leads to, if no value of it is null or less than 0. */
  constructor(scope: ArenaScope, numRows: number, keys: readonly (KeyColumn & TableKey)[], leadsTo: KeyColumn | null = null) {
    const values = leadsTo && !leadsTo.validity && (leadsTo.values as Int32Array).every(value => value >= 0)
      ? leadsTo.values as Int32Array : null
    const entries = new LevelBuilder(scope, numRows, values)
    this.levels = keys.map((key, level) => entries.add(keyWords(key), key, level === keys.length - 1))
    this.nextRow = entries.nextRow
    this.isOfValues = values !== null
  }
}

class LevelBuilder {
  nextRow: Uint32Array | null = null
  readonly #scope: ArenaScope
  readonly #memory: KernelMemory
  readonly #numRows: number
  /** What the keys so far led each row to; −1: a null among them. */
  readonly #numbers: Int32Array
  /** Numbers given by the last level. */
  #count = 1
  /** By row: what the last level leads to; null: the row. */
  readonly #values: Int32Array | null

  constructor(scope: ArenaScope, numRows: number, values: Int32Array | null) {
    this.#scope = scope
    this.#memory = scope.arena.memory
    this.#numRows = numRows
    this.#numbers = new Int32Array(numRows)
    this.#values = values
  }

  /** Adds a level; gives its address. */
  add(words: KeyWords, { validity }: KeyColumn, isLast: boolean): number {
    const level = this.#scope.allocateZeroed(L.LEVEL_BYTES)
    for (let row = 0; row < this.#numRows; row++) {
      if (!isValid(validity, row) || !words.isComparable(row)) this.#numbers[row] = -1
    }
    const places = words.isSmall ? this.#placesFor(words) : null
    const slotOf = places ? this.#directSlots(level, words, places) : this.#hashedSlots(level, words)
    this.#number(slotOf, isLast)
    return level
  }

  /** Gives every row the number of its slot, or the next if the slot is free: the row itself on the last level. */
  #number(slotOf: (row: number) => number, isLast: boolean): void {
    const { u32 } = this.#memory
    const last = isLast ? new Uint32Array(this.#numRows) : null
    const taken: number[] = []
    let count = 0
    for (let row = 0; row < this.#numRows; row++) {
      if (this.#numbers[row]! < 0) continue
      const slot = slotOf(row)
      if (u32[slot] === 0) {
        u32[slot] = (isLast ? row : count) + 1
        count++
        if (isLast && this.#values) taken.push(slot)
      } else if (last) this.#append(u32[slot]! - 1, row, last)
      if (last) last[u32[slot]! - 1] = row
      this.#numbers[row] = u32[slot]! - 1
    }
    for (const slot of taken) u32[slot] = this.#values![u32[slot]! - 1]! + 1
    this.#count = count
  }

  #append(first: number, row: number, last: Uint32Array): void {
    this.nextRow ??= new Uint32Array(this.#numRows)
    this.nextRow[last[first]!] = row + 1
  }

  #placesFor({ low }: KeyWords): { readonly base: number; readonly range: number } | null {
    let [least, greatest] = [Infinity, -Infinity]
    for (let row = 0; row < this.#numRows; row++) {
      if (this.#numbers[row]! < 0) continue
      least = Math.min(least, low(row))
      greatest = Math.max(greatest, low(row))
    }
    const [base, range] = least <= greatest ? [least, greatest - least + 1] : [0, 1]
    return range * this.#count <= Math.max(PLACES_ALWAYS, PLACES_PER_ROW * this.#numRows) ? { base, range } : null
  }

  #directSlots(level: number, { low }: KeyWords, { base, range }: { base: number; range: number }): (row: number) => number {
    const memory = this.#memory
    const places = range * this.#count
    const slots = this.#scope.allocateZeroed((places + 1) * 4)
    memory.write(level + L.LEVEL_RANGE, range)
    memory.write(level + L.LEVEL_BASE, base)
    memory.write(level + L.LEVEL_SLOTS, slots)
    memory.write(level + L.LEVEL_MISSING, places)
    return row => (slots >>> 2) + this.#numbers[row]! * range + low(row) - base
  }

  #hashedSlots(level: number, { low, high }: KeyWords): (row: number) => number {
    const memory = this.#memory
    const size = 2 ** Math.ceil(Math.log2(Math.max(this.#numRows, 1))) * 2
    const slots = this.#scope.allocateZeroed(size * L.LEVEL_SLOT_BYTES)
    memory.write(level + L.LEVEL_SLOTS, slots)
    memory.write(level + L.LEVEL_SLOT_MASK, size - 1)
    const { i32 } = memory
    return row => {
      const [a, b, before] = [low(row), high(row), this.#numbers[row]!]
      for (let slot = mixHash(hashWord(a, b) ^ before) & (size - 1); ; slot = (slot + 1) & (size - 1)) {
        const at = (slots + slot * L.LEVEL_SLOT_BYTES) >>> 2
        const number = at + (L.LEVEL_SLOT_NUMBER >>> 2)
        if (i32[number] === 0) i32.set([a, b, before], at)
        else if (i32[at] !== a || i32[at + 1] !== b || i32[at + 2] !== before) continue
        return number
      }
    }
  }
}
