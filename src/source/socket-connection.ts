/**
 * One connection of the WebSocket source, from the attempt to its end. A chunk of its own, which the source loads as it connects.
 * Invariant: after its end, or once the source is closed, a socket has no listener of ours that does anything.
 */
import { MillraceError } from '../base/errors.js'
import type { Link, Outcome } from './reconnect.js'
import type { SourceSchema } from './source.js'
import type { Opening, SocketLike, SocketMessage, WebSocketConstructor, WebSocketOptions } from './web-socket.js'

/** Events of a socket, as far as they are read. */
interface SocketEvents {
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onerror: ((event: { readonly message?: string }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string; readonly wasClean: boolean }) => void) | null
  send(message: SocketMessage): void
}

/** One connection, from the attempt to its end. */
export function listen<S extends SourceSchema>(
  Socket: WebSocketConstructor, opening: Opening, options: WebSocketOptions<S>, link: Link,
  push: (message: SocketMessage) => void,
): Promise<Outcome> {
  // Closed while this was loaded.
  if (link.signal.aborted) return Promise.resolve({ kind: 'ended' })
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
