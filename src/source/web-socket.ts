/**
 * The WebSocket source: each message is one or several whole records, pushed as it comes, or turned into rows by the user's
 * `decode`.
 * Invariant: a socket cannot be made to wait, so the overflow policy drops, and counts, what does not fit.
 */
import { MillraceError } from '../base/errors.js'
import { invalid, sourceParts, type DecodeOption, type SourceOptions } from './options.js'
import { pushDecoded } from './payload.js'
import { keepConnected, reconnectSettings, type Link, type Outcome, type ReconnectOptions } from './reconnect.js'
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
      return keepConnected(intake, parts.name, settings, link => {
        const opening = openingOf(url, options, link.isReconnect ? intake.receivedRows : null)
        return listen(Socket, opening, options, link, message => push(intake, message))
      })
    },
  }
}

interface Opening {
  readonly url: string
  readonly messages: readonly SocketMessage[]
}

/** Where to connect to and what to send first. `lastOffset` null: the first connection. */
function openingOf<S extends SourceSchema>(url: string | URL, options: WebSocketOptions<S>, lastOffset: number | null): Opening {
  const { open = [] } = options
  const messages = typeof open === 'string' || open instanceof Uint8Array ? [open] : open
  const resume = lastOffset === null ? undefined : options.resume?.(lastOffset)
  if (resume === undefined) return { url: String(url), messages }
  if (typeof resume === 'string' || resume instanceof URL) return { url: String(resume), messages }
  return { url: String(resume.url ?? url), messages: resume.message === undefined ? messages : [...messages, resume.message] }
}

/** Events of a socket, as far as they are read. */
interface SocketEvents {
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onerror: ((event: { readonly message?: string }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string; readonly wasClean: boolean }) => void) | null
  send(message: SocketMessage): void
}

/** One connection, from the attempt to its end. */
function listen<S extends SourceSchema>(
  Socket: WebSocketConstructor, opening: Opening, options: WebSocketOptions<S>, link: Link,
  push: (message: SocketMessage) => void,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const made = openSocket(Socket, opening.url, options.protocols)
    const socket = made as unknown as SocketEvents
    let problem = ''
    const leave = (): void => {
      // The empty listener stays: closing a socket that is still connecting reports an error in some runtimes.
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.onerror = () => {}
      made.close(1000)
    }
    link.signal.addEventListener('abort', leave, { once: true })
    socket.onopen = () => {
      link.connected()
      for (const message of opening.messages) socket.send(message)
    }
    socket.onmessage = ({ data }) => {
      link.receivedData()
      try {
        push(typeof data === 'string' ? data : bytesOf(data))
      } catch (error) {
        leave()
        reject(error as Error)
      }
    }
    socket.onerror = event => { problem = event.message ?? '' }
    socket.onclose = ({ code, reason, wasClean }) => {
      link.signal.removeEventListener('abort', leave)
      const isEnd = options.reconnect === false && (code === 1000 || (code === 1005 && wasClean))
      const what = [`closed with code ${code}`, reason, problem].filter(Boolean).join(', ')
      resolve(isEnd ? { kind: 'ended' } : { kind: 'cut', reason: what })
    }
  })
}

function openSocket(Socket: WebSocketConstructor, url: string, protocols: string | readonly string[] | undefined): SocketLike {
  try {
    const socket = new Socket(url, protocols === undefined ? undefined : [protocols].flat() as string[])
    socket.binaryType = 'arraybuffer'
    return socket
  } catch (error) {
    throw new MillraceError('SOURCE_FAILED', `webSocket(${url}) cannot be opened.`, { cause: error })
  }
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  throw new MillraceError('SOURCE_FAILED', 'webSocket: the message is neither text nor an ArrayBuffer.')
}
