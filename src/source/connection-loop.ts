/**
 * One loop for all network sources: connects, waits with jittered exponential back-off, connects again. A chunk of its own, which
 * sources load as they start.
 * Invariant: once `signal` is aborted nothing is begun any more.
 */
import { MillraceError, messageOf } from '../base/errors.js'
import { Prng } from '../base/prng.js'
import { pauseFor } from './pause.js'
import type { Link, Outcome, ReconnectSettings } from './reconnect.js'
import type { Intake } from './source.js'

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

/** As `keepConnected` says; rejects where the source is to fail. */
export async function runConnections(
  intake: Intake, name: string, settings: ReconnectSettings | null, connect: (link: Link) => Promise<Outcome>,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(settings ?? NO_RECONNECT, intake.clock.now())
  const link = (isReconnect: boolean): Link => ({
    signal,
    isReconnect,
    connected: () => intake.note({ kind: 'connected' }),
    receivedData: () => backoff.reset(),
    setRetryMs: ms => backoff.setInitialDelayMs(ms),
  })
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
