/**
 * The validity bitmap of a column that grows: written once there is a null, into room that the block has for it.
 * Invariant: while there is no null the room is not touched; bits from `length` on count as there.
 */
import { validityBytes } from './column.js'

export class ValidityBuilder {
  #room: Uint8Array = new Uint8Array(0)
  #hasNulls = false

  /** Begins a block whose bits go to `room`. */
  open(room: Uint8Array): void {
    this.#room = room
    this.#hasNulls = false
  }

  setNull(i: number): void {
    if (!this.#hasNulls) {
      this.#room.fill(0xff)
      this.#hasNulls = true
    }
    this.#room[i >>> 3]! &= ~(1 << (i & 7))
  }

  /** Every row from `length` on counts as there again. */
  truncate(length: number): void {
    if (!this.#hasNulls) return
    if ((length & 7) !== 0) this.#room[length >>> 3]! |= 0xff << (length & 7)
    this.#room.fill(0xff, validityBytes(length))
    this.#hasNulls = length > 0
  }

  /** The bits of `length` rows, the ones beyond being 0; null when all rows are there. */
  seal(length: number): Uint8Array | null {
    if (!this.#hasNulls) return null
    const bits = this.#room.subarray(0, validityBytes(length))
    const lastFull = (length & 7) === 0 ? 0xff : (1 << (length & 7)) - 1
    bits[bits.length - 1]! &= lastFull
    const isFull = bits.every((byte, i) => byte === (i === bits.length - 1 ? lastFull : 0xff))
    return isFull ? null : bits
  }
}
