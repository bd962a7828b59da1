/**
 * Buffers in which blocks go to workers where memory is not shared: they come back with the answer and are used again.
 * Invariant: a buffer is on its way or here, never both; one whose worker was lost is the collector's.
 */
import { pieceBytes, SizePool } from '../data/size-pool.js'

const BUFFER_BYTES_MIN = 1024
/** Bytes that wait for their next use at most. */
const POOLED_BYTES_MAX = 32 * 1024 * 1024

export class TransferBuffers {
  readonly #pool = new SizePool<ArrayBuffer>(POOLED_BYTES_MAX)

  /** At least so many bytes, which hold whatever was in them. */
  take(bytes: number): ArrayBuffer {
    const size = pieceBytes(bytes, BUFFER_BYTES_MIN)
    return this.#pool.take(size) ?? new ArrayBuffer(size)
  }

  /** Takes buffers back that `take` has given. */
  giveBack(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) this.#pool.give(buffer)
  }
}
