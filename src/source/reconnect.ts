/**
 * Connections that are cut and come back: one loop for all network sources, with jittered exponential back-off.
 * Invariant: at most one connection and one timer exist at a time, and none after `close`.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import type { Clock } from '../base/ports.js'
import { Prng } from '../base/prng.js'
import { invalid } from './options.js'
import type { Intake, SourceConnection } from './source.js'

export interface ReconnectOptions {
  /** Wait before the first attempt, in ms; default 500. */
  readonly initialDelayMs?: number
  /** Longest wait; default 30,000. */
  readonly maxDelayMs?: number
  /** By what each wait is longer than the one before; default 2. */
  readonly factor?: number
  /** Share of each wait that is random, 0 to 1, so that many clients do not come back at once; default 0.5. */
  readonly jitter?: number
  /** Failed attempts in a row after which the source fails; default: never. */
  readonly attemptsMax?: number
}

export type ReconnectSettings = Required<ReconnectOptions>

/** Defaults filled in; null when `options` is false. @throws MillraceError INVALID_OPTION. */
export function reconnectSettings(source: string, options: ReconnectOptions | false): ReconnectSettings | null {
  if (options === false) return null
  const settings = { initialDelayMs: 500, maxDelayMs: 30_000, factor: 2, jitter: 0.5, attemptsMax: Infinity, ...options }
  const check = (option: keyof ReconnectSettings, min: number, max: number): void => {
    const value: unknown = settings[option]
    if (typeof value === 'number' && value >= min && value <= max) return
    throw invalid(source, `reconnect.${option}: ${String(value)} is not a number from ${min} to ${max}`)
  }
  check('initialDelayMs', 0, Infinity)
  check('maxDelayMs', settings.initialDelayMs, Infinity)
  check('factor', 1, Infinity)
  check('jitter', 0, 1)
  check('attemptsMax', 0, Infinity)
  return Object.freeze(settings)
}

/** The waits between attempts. */
export class Backoff {
  readonly #settings: ReconnectSettings
  readonly #prng: Prng
  #attempts = 0
  #initialDelayMs: number

  constructor(settings: ReconnectSettings, seed: number) {
    this.#settings = settings
    this.#prng = new Prng(seed)
    this.#initialDelayMs = settings.initialDelayMs
  }

  /** How long to wait before the next attempt, in ms; null when there have been enough. */
  nextDelayMs(): number | null {
    const { maxDelayMs, factor, jitter, attemptsMax } = this.#settings
    if (this.#attempts >= attemptsMax) return null
    const delayMs = Math.min(maxDelayMs, this.#initialDelayMs * factor ** this.#attempts++)
    return delayMs * (1 - jitter * this.#prng.next())
  }

  /** A connection stood: the next wait is the first again. */
  reset(): void {
    this.#attempts = 0
  }

  /** The server said how long to wait first. */
  setInitialDelayMs(ms: number): void {
    this.#initialDelayMs = Math.min(ms, this.#settings.maxDelayMs)
  }
}

const NO_RECONNECT: ReconnectSettings = { initialDelayMs: 0, maxDelayMs: 0, factor: 1, jitter: 0, attemptsMax: 0 }

/** How a connection ended: for good, or in a way that another one may cure. */
export type Outcome = { readonly kind: 'ended' } | { readonly kind: 'cut'; readonly reason: string }

/** What a connection is given. */
export interface Link {
  /** Aborted when the source is closed. */
  readonly signal: AbortSignal
  /** Whether this is not the first connection. */
  readonly isReconnect: boolean
  /** To be called when the connection stands. */
  connected(): void
  /** To be called when data came: the back-off starts anew. */
  receivedData(): void
  setRetryMs(ms: number): void
}

/**
 * Connects, and connects again when a connection is cut. `connect` resolves when its connection has ended; a throw counts as a
 * cut, a thrown MillraceError fails the source. Without `settings` the first cut fails it.
 */
export function keepConnected(
  intake: Intake, name: string, settings: ReconnectSettings | null, connect: (link: Link) => Promise<Outcome>,
): SourceConnection {
  const controller = new AbortController()
  const { signal } = controller
  const backoff = new Backoff(settings ?? NO_RECONNECT, intake.clock.now())
  const link = (isReconnect: boolean): Link => ({
    signal,
    isReconnect,
    connected: () => intake.note({ kind: 'connected' }),
    receivedData: () => backoff.reset(),
    setRetryMs: ms => backoff.setInitialDelayMs(ms),
  })
  const run = async (): Promise<void> => {
    for (let isReconnect = false; !signal.aborted; isReconnect = true) {
      const outcome = await settle(connect(link(isReconnect)))
      if (signal.aborted) return
      if (outcome.kind === 'ended') return intake.end()
      const retryInMs = backoff.nextDelayMs()
      if (retryInMs === null) throw cutError(name, outcome.reason, settings)
      intake.resetPartialRecord()
      intake.note({ kind: 'disconnected', reason: outcome.reason, retryInMs })
      await pauseFor(intake.clock, retryInMs, signal)
    }
  }
  run().catch((error: unknown) => intake.fail(error))
  return { close: () => controller.abort() }
}

async function settle(outcome: Promise<Outcome>): Promise<Outcome> {
  try {
    return await outcome
  } catch (error) {
    if (error instanceof MillraceError) throw error
    return { kind: 'cut', reason: reasonOf(error) }
  }
}

/** What fetch throws says little; its cause says what happened. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`
}

function cutError(name: string, reason: string, settings: ReconnectSettings | null): MillraceError {
  const attempts = settings && settings.attemptsMax > 0 ? `; ${settings.attemptsMax} attempts to reconnect have failed` : ''
  const message = `${name}: the connection was lost (${reason})${attempts}.`
  return new MillraceError('SOURCE_FAILED', message, { where: { source: name } })
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function pauseFor(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const onAbort = (): void => {
      timer.cancel()
      resolve()
    }
    const timer = clock.setTimer(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
