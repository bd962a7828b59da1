/**
 * Buffers in which blocks go to workers where memory is not shared: they come back with the answer and are used again, since
 * fresh memory costs more than the copy into it.
 * Invariant: a buffer is on its way or here, never both; one whose worker was lost is the collector's.
 */
const BUFFER_BYTES_MIN = 1024
/** Bytes that wait for their next use at most. */
const POOLED_BYTES_MAX = 32 * 1024 * 1024

export class TransferBuffers {
  /** By size, a power of two. */
  readonly #free = new Map<number, ArrayBuffer[]>()
  #pooledBytes = 0

  /** At least so many bytes, which hold whatever was in them. */
  take(bytes: number): ArrayBuffer {
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, BUFFER_BYTES_MIN)))
    const pooled = this.#free.get(size)?.pop()
    if (!pooled) return new ArrayBuffer(size)
    this.#pooledBytes -= size
    return pooled
  }

  /** Takes buffers back that `take` has given. */
  giveBack(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      const size = buffer.byteLength
      if (this.#pooledBytes + size > POOLED_BYTES_MAX) continue
      const free = this.#free.get(size)
      if (free) free.push(buffer)
      else this.#free.set(size, [buffer])
      this.#pooledBytes += size
    }
  }
}
