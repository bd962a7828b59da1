/**
 * One running source of a query: its intake, its connection and its rate controller, and what the scheduler must know to tell
 * when it has ended.
 * Invariant: it holds no blocks; rows are in the intake until a batch takes them.
 */
import type { MillraceError } from '../base/errors.js'
import type { Clock } from '../base/ports.js'
import type { BlockMemory } from '../data/block-memory.js'
import type { BadRecord } from '../plan/task.js'
import type { SealedBlock } from '../source/intake-queue.js'
import { SourceIntake, type PauseLimit } from '../source/source-intake.js'
import type { BadRecordSource, Source, SourceConnection, SourceEvent } from '../source/source.js'
import type { RateController } from './rate-controller.js'

/** Refused records that are kept for the event of a batch; all are counted. */
const REFUSED_KEPT_MAX = 16

export interface SourceFeedOptions {
  readonly source: Source
  readonly sourceId: number
  readonly clock: Clock
  readonly memory: BlockMemory
  /** These two as in the intake's options. */
  readonly columnsRead: readonly number[]
  readonly pauseAt: PauseLimit
  readonly batchIntervalMs: number
  /** Back-pressure by rate. */
  readonly newController: (() => RateController) | null
  readonly onData: () => void
  readonly onEnd: () => void
  readonly onFail: (error: MillraceError) => void
  readonly onEvent: (event: SourceEvent) => void
}

/** Rows that did not get as far as a block since the last call. */
export interface IntakeLosses {
  readonly droppedRows: number
  readonly refusedRows: number
  readonly refused: readonly BadRecord[]
}

export class SourceFeed {
  readonly source: Source
  readonly sourceId: number
  readonly #intake: SourceIntake
  readonly #controller: RateController | null
  /** A rate says how many rows go into the batch of an interval. */
  readonly #isTimed: boolean
  #connection: SourceConnection | null = null
  #hasData = false
  #hasEnded = false
  #lastBatchId = -1
  #takenRows = 0
  #reportedDropped = 0
  #reportedRefused = 0
  #refused: BadRecord[] = []

  constructor(options: SourceFeedOptions) {
    const { source, sourceId, clock, memory, columnsRead, onFail, onEvent, batchIntervalMs, newController } = options
    this.source = source
    this.sourceId = sourceId
    this.#controller = newController?.() ?? null
    this.#isTimed = batchIntervalMs > 0 && (this.#controller !== null || source.limits.maxRate !== null)
    // What waits beyond a batch that stays in the caches only leaves them; a rate is a matter of intervals.
    const pause = this.#isTimed ? {} : { pauseAt: options.pauseAt }
    this.#intake = new SourceIntake({
      source, sourceId, clock, memory, columnsRead, onFail, onEvent, ...pause,
      onData: () => {
        this.#hasData = true
        options.onData()
      },
      onEnd: () => {
        this.#hasEnded = true
        options.onEnd()
      },
      onBadRecords: records => {
        this.#refused.push(...records.slice(0, REFUSED_KEPT_MAX - this.#refused.length))
      },
    })
  }

  open(): void {
    this.#connection = this.source.start(this.#intake)
  }

  /** Rows may be taken. */
  get hasData(): boolean {
    return this.#hasData
  }

  /** The source waits until a batch takes what is there, and nothing but the interval speaks against that batch. */
  get isFull(): boolean {
    return !this.#isTimed && !this.#intake.hasRoom
  }

  /** What waits is wanted now: it counts as data even where the source's own rate has held it back. */
  demand(): void {
    this.#hasData = this.#intake.queuedRows > 0
  }

  /** The source has said that no more will come; rows of it may still wait. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Rows that have left the queue, into batches or dropped as the oldest; and with them those that wait. */
  get passedRows(): number {
    return this.#takenRows + (this.source.limits.overflow === 'dropOldest' ? this.#intake.droppedRows : 0)
  }

  get receivedRows(): number {
    return this.passedRows + this.#intake.queuedRows
  }

  /** Gives the rows that wait to batch `batchId`. `isLimited`: no more than the rate controller allows. */
  take(batchId: number, isLimited: boolean): SealedBlock[] {
    this.#intake.limitRate(isLimited ? (this.#controller?.rowsPerSecond ?? null) : null)
    this.#hasData = false
    const blocks = this.#intake.takeBlocks()
    if (blocks.length > 0) this.#lastBatchId = batchId
    for (const { rows } of blocks) this.#takenRows += rows
    return blocks
  }

  /** The source has ended, and batch `completedBatchId` or an earlier one had its last row. */
  isDone(completedBatchId: number): boolean {
    return this.#intake.ended && this.#lastBatchId <= completedBatchId
  }

  /** It is fed by other sources, which decide when it ends. */
  get isFed(): boolean {
    return typeof (this.source as Partial<BadRecordSource>).deliver === 'function'
  }

  /** Ends a fed source. */
  end(): void {
    this.#intake.end()
  }

  learn(completedMs: number, numRows: number, processingMs: number, schedulingDelayMs: number): void {
    this.#controller?.update({ completedMs, numRows, processingMs, schedulingDelayMs })
  }

  takeLosses(): IntakeLosses {
    const { droppedRows, badRows } = this.#intake
    const losses = { droppedRows: droppedRows - this.#reportedDropped, refusedRows: badRows - this.#reportedRefused,
      refused: this.#refused }
    this.#reportedDropped = droppedRows
    this.#reportedRefused = badRows
    this.#refused = []
    return losses
  }

  /** Nothing comes in any more; what was received can still be taken. Errors of closing are the source's own affair. */
  async close(): Promise<void> {
    const connection = this.#connection
    this.#connection = null
    try {
      await connection?.close()
    } catch {
      // The data that was received is not in doubt, and nobody waits for this connection any more.
    }
    this.#intake.close()
  }
}
