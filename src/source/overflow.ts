/**
 * What happens when more arrives than the queue may hold: decides row by row who is let in, and counts who is not.
 */
import { Prng } from '../base/prng.js'
import type { SourceLimits } from './source.js'

/** How full a queue is. */
export interface QueueLevel {
  readonly rows: number
  readonly bytes: number
}

export class Overflow {
  /** Rows that were not let in, or dropped later to make room. */
  droppedRows = 0
  readonly #limits: SourceLimits
  readonly #queuedBytesMax: number
  readonly #prng: Prng

  constructor(limits: SourceLimits, queuedBytesMax: number, seed: number) {
    this.#limits = limits
    this.#queuedBytesMax = queuedBytesMax
    this.#prng = new Prng(seed)
  }

  /** Whether all rows are let in when they come, whatever becomes of them or of older ones afterwards. */
  get letsAllIn(): boolean {
    return this.#limits.overflow === 'pause' || this.#limits.overflow === 'dropOldest'
  }

  isFull({ rows, bytes }: QueueLevel): boolean {
    return rows >= this.#limits.queuedRowsMax || bytes >= this.#queuedBytesMax
  }

  /** Whether who can wait is to wait. */
  holdsUp(level: QueueLevel): boolean {
    return this.#limits.overflow === 'pause' && this.isFull(level)
  }

  /**
   * Whether the next row is let in. `sample`: with a probability that falls from 1 when the queue is half full to 0 when it is
   * full (random early drop, Floyd and Jacobson 1993), so that what is left stands for the whole stretch.
   */
  admit(level: QueueLevel): boolean {
    const share = level.rows / this.#limits.queuedRowsMax
    const isDrawn = this.#limits.overflow !== 'sample' || share <= 0.5 || this.#prng.next() < 2 - 2 * share
    const isAdmitted = isDrawn && !this.isFull(level)
    if (!isAdmitted) this.droppedRows++
    return isAdmitted
  }
}
