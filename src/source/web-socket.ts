/**
 * The WebSocket source: each message is one or several whole records, pushed as it comes, or turned into rows by the user's
 * `decode`.
 * Invariant: a socket cannot be made to wait, so the overflow policy drops, and counts, what does not fit.
 */
import { MillraceError } from '../base/errors.js'
import { invalid, sourceParts, type DecodeOption, type SourceOptions } from './options.js'
import { pushDecoded } from './payload.js'
import { keepConnected, reconnectSettings, type ReconnectOptions } from './reconnect.js'
import type { Intake, Source, SourceSchema } from './source.js'

/** What a server sends, and what it is sent. */
export type SocketMessage = string | Uint8Array

/** How to go on after a cut: another address, a message to send first, or both. */
export type Resume = string | URL | { readonly url?: string | URL; readonly message?: SocketMessage }

export interface WebSocketOptions<S extends SourceSchema> extends SourceOptions<S>, DecodeOption<S, SocketMessage> {
  readonly protocols?: string | readonly string[]
  /** Sent each time the connection opens, such as a subscription. */
  readonly open?: SocketMessage | readonly SocketMessage[]
  /** Back-off after a cut; false: a clean close ends the source, any other fails it. Default: for ever. */
  readonly reconnect?: ReconnectOptions | false
  /** Called before each reconnect with the number of records received so far; without it, what was sent meanwhile is lost. */
  readonly resume?: (lastOffset: number) => Resume
  /** The WebSocket class, for runtimes without a global one, such as `ws` in Node 20. */
  readonly WebSocket?: WebSocketConstructor
}

/** What the source needs of a WebSocket class; the browser's and the `ws` package's both fit. */
export type WebSocketConstructor = new (url: string, protocols?: string[]) => SocketLike

export interface SocketLike {
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(message: never): void
  close(code?: number): void
}

/**
 * A source that listens to a WebSocket. Default format `json`: a message is a document, an object or an array of objects.
 * @example
 * webSocket('wss://plant.example/readings', { format: 'ndjson', schema: { sensor: 'utf8', at: 'timestamp', value: 'f64' } })
 */
export function webSocket<const S extends SourceSchema>(url: string | URL, options: WebSocketOptions<S>): Source<S> {
  const parts = sourceParts(options, { name: `webSocket(${String(url)})`, format: 'json', canPause: false, takesTextOnly: true })
  if (!URL.canParse(String(url), 'ws://page.example')) throw invalid(parts.name, `'${String(url)}' is not a URL`)
  const settings = reconnectSettings(parts.name, options.reconnect ?? {})
  const { decode } = options
  const push = decode
    ? (intake: Intake, message: SocketMessage) => pushDecoded(intake, message, decode)
    : (intake: Intake, message: SocketMessage) => intake.pushMessage(message)
  return {
    ...parts,
    start(intake) {
      const Socket = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket
      if (!Socket) {
        intake.fail(new MillraceError('UNSUPPORTED',
          `${parts.name}: this runtime has no WebSocket. Give a class by the option WebSocket, such as that of the package ws.`))
        return { close() {} }
      }
      return keepConnected(intake, parts.name, settings, async link => {
        const { listen } = await import('./socket-connection.js')
        const opening = openingOf(url, options, link.isReconnect ? intake.receivedRows : null)
        return listen(Socket, opening, options, link, message => push(intake, message))
      })
    },
  }
}

/** Where to connect to and what to send first. */
export interface Opening {
  readonly url: string
  readonly messages: readonly SocketMessage[]
}

/** @param lastOffset null: the first connection. */
function openingOf<S extends SourceSchema>(url: string | URL, options: WebSocketOptions<S>, lastOffset: number | null): Opening {
  const { open = [] } = options
  const messages = typeof open === 'string' || open instanceof Uint8Array ? [open] : open
  const resume = lastOffset === null ? undefined : options.resume?.(lastOffset)
  if (resume === undefined) return { url: String(url), messages }
  if (typeof resume === 'string' || resume instanceof URL) return { url: String(resume), messages }
  return { url: String(resume.url ?? url), messages: resume.message === undefined ? messages : [...messages, resume.message] }
}
