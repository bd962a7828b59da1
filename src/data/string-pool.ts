/**
 * The distinct strings of a text column, numbered by first appearance: one dictionary that grows from block to block, so that a
 * string is encoded once, on whichever block it comes, and entered once by whoever reads them.
 * Invariant: what a block was given of it stays as it is; strings are only added behind, until all are forgotten.
 */
import { HeldMemory, type BlockMemory } from './block-memory.js'
import type { TextDictionary } from './column.js'

const FIRST_BYTES = 4096
const LONE_SURROGATES = /\p{Surrogate}/gu

const encoder = new TextEncoder()
let lastId = 0

/** A piece of memory that is replaced by a larger one; blocks that lie in the smaller one hold it. */
interface Piece {
  readonly bytes: Uint8Array
  readonly held: HeldMemory
}

export class StringPool {
  readonly #memory: BlockMemory
  readonly #ids = new Map<string, number>()
  #dictionaryId = 0
  #text!: Piece
  #ends!: Piece
  /** Where each string begins, and where the last one ends. */
  #offsets!: Uint32Array
  #count = 0

  constructor(memory: BlockMemory) {
    this.#memory = memory
    this.#begin()
  }

  /** The numbers of strings that are known. */
  get ids(): ReadonlyMap<string, number> {
    return this.#ids
  }

  get count(): number {
    return this.#count
  }

  get usedBytes(): number {
    return this.#offsets[this.#count]!
  }

  /** The number of a string; entered if it is new. Lone surrogates are what UTF-8 makes of them. */
  idOf(text: string): number {
    return this.#ids.get(text) ?? this.#add(text)
  }

  /** The strings so far. @param holds gets what must be held as long as somebody reads them. */
  dictionary(holds: HeldMemory[]): TextDictionary {
    holds.push(this.#text.held.hold(), this.#ends.held.hold())
    return {
      offsets: this.#offsets.subarray(0, this.#count + 1), bytes: this.#text.bytes.subarray(0, this.usedBytes),
      id: this.#dictionaryId,
    }
  }

  /** Forgets all strings: the next ones make another dictionary. */
  clear(): void {
    this.#text.held.letGo()
    this.#ends.held.letGo()
    this.#ids.clear()
    this.#begin()
  }

  #begin(): void {
    this.#dictionaryId = ++lastId
    this.#text = this.#piece(FIRST_BYTES)
    this.#setEnds(this.#piece(FIRST_BYTES))
    this.#offsets[0] = this.#count = 0
  }

  #add(text: string): number {
    const wellFormed = text.replace(LONE_SURROGATES, '\ufffd')
    const id = this.#ids.get(wellFormed) ?? this.#addWellFormed(wellFormed)
    if (text !== wellFormed) this.#ids.set(text, id)
    return id
  }

  #addWellFormed(text: string): number {
    const start = this.usedBytes
    const utf8 = encoder.encode(text)
    const end = start + utf8.length
    if (end > this.#text.bytes.length) this.#text = this.#larger(this.#text, end, start)
    this.#text.bytes.set(utf8, start)
    const id = this.#count++
    if (id + 2 > this.#offsets.length) this.#setEnds(this.#larger(this.#ends, 0, this.#offsets.byteLength))
    this.#offsets[id + 1] = end
    this.#ids.set(text, id)
    return id
  }

  #setEnds(ends: Piece): void {
    const { buffer, byteOffset, length } = ends.bytes
    this.#ends = ends
    this.#offsets = new Uint32Array(buffer, byteOffset, length >>> 2)
  }

  #piece(bytes: number): Piece {
    const piece = this.#memory.allocate(bytes)
    return { bytes: piece, held: new HeldMemory(this.#memory, [piece]) }
  }

  /** A piece of at least `bytes`, twice as large as the one given, with its first `used` bytes in place of it. */
  #larger(piece: Piece, bytes: number, used: number): Piece {
    const larger = this.#piece(Math.max(bytes, piece.bytes.length * 2))
    larger.bytes.set(piece.bytes.subarray(0, used))
    piece.held.letGo()
    return larger
  }
}
