/**
 * A replay that runs: every tick it moves on by the time that has passed, times the speed, and emits what fell due.
 * Invariant: after a stall (a sleeping laptop, a blocked receiver) it goes on where it was; it never floods the receiver to
 * catch up.
 */
import { HOUR_MS } from '../sensors.js'
import { Replay, type RecordedReading } from './replay.js'

const TICK_MS = 40
const CATCH_UP_MAX_MS = 250

export interface ReplaySettings {
  /** Event time of the first reading, epoch ms. */
  readonly fromMs: number
  /** Event time at which the replay stands still; Infinity: never. */
  readonly untilMs: number
  readonly hoursPerSecond: number
  readonly isPaused: boolean
}

export interface ReplayReceiver {
  /** False while the receiver is behind: the replay waits. */
  isReady(): boolean
  receive(ndjson: string): void
}

export class ReplayPlayer {
  positionMs: number
  hoursPerSecond: number
  isPaused: boolean
  readonly #untilMs: number
  readonly #replay: Replay
  readonly #timer: ReturnType<typeof setInterval>
  #tickedAtMs = performance.now()

  constructor(week: readonly RecordedReading[], settings: ReplaySettings, receiver: ReplayReceiver) {
    this.positionMs = settings.fromMs
    this.#untilMs = settings.untilMs
    this.hoursPerSecond = settings.hoursPerSecond
    this.isPaused = settings.isPaused
    this.#replay = new Replay(week, settings.fromMs)
    this.#timer = setInterval(() => this.#tick(receiver), TICK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(receiver: ReplayReceiver): void {
    const nowMs = performance.now()
    const passedMs = Math.min(nowMs - this.#tickedAtMs, CATCH_UP_MAX_MS)
    this.#tickedAtMs = nowMs
    if (this.isPaused || !receiver.isReady()) return
    this.positionMs = Math.min(this.positionMs + passedMs / 1_000 * this.hoursPerSecond * HOUR_MS, this.#untilMs)
    const ndjson = this.#replay.advanceTo(this.positionMs)
    if (ndjson !== '') receiver.receive(ndjson)
  }
}
