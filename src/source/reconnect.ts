/**
 * Connections that are cut and come back: what the network sources are told about it, and its beginning and end. The loop itself
 * is loaded when the first of them starts.
 * Invariant: at most one connection and one timer exist at a time, and none after `close`.
 */
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
  import('./connection-loop.js').then(({ runConnections }) => runConnections(intake, name, settings, connect, controller.signal))
    .catch((error: unknown) => intake.fail(error))
  return { close: () => controller.abort() }
}
