/**
 * One connection of the source of server-sent events: the request, and the events of its body. A chunk of its own, which the
 * source loads as it connects.
 * Invariant: what the server answers is an event stream, or the source fails.
 */
import { MillraceError } from '../base/errors.js'
import type { EventSourceOptions } from './event-source.js'
import { openResponse, piecesOf } from './http.js'
import type { Link, Outcome } from './reconnect.js'
import type { SourceSchema } from './source.js'
import { SseParser, type SseEvent } from './sse-parser.js'

/** Resolves when the connection has ended. */
export async function listen<S extends SourceSchema>(
  name: string, url: string | URL, options: EventSourceOptions<S>, link: Link, lastEventId: string,
  onEvent: (event: SseEvent) => Promise<void>,
): Promise<Outcome> {
  const headers = new Headers({ accept: 'text/event-stream', ...options.headers })
  if (lastEventId !== '') headers.set('last-event-id', lastEventId)
  const { method = 'GET', body = null, credentials = 'same-origin' } = options
  const response = await openResponse(name, url, { headers, method, body, credentials, cache: 'no-store', signal: link.signal })
  if (response.status === 204) return { kind: 'ended' }
  checkType(name, response)
  link.connected()
  const parser = new SseParser(lastEventId, ms => link.setRetryMs(ms))
  const decoder = new TextDecoder()
  for await (const bytes of piecesOf(response)) {
    for (const event of parser.push(decoder.decode(bytes, { stream: true }))) {
      link.receivedData()
      await onEvent(event)
    }
  }
  return options.reconnect === false ? { kind: 'ended' } : { kind: 'cut', reason: 'the server ended the stream' }
}

function checkType(name: string, response: Response): void {
  const type = response.headers.get('content-type')
  if (type?.split(';')[0]?.trim().toLowerCase() === 'text/event-stream') return
  throw new MillraceError('SOURCE_FAILED',
    `${name}: the server answered with content type '${type ?? ''}'; it must be 'text/event-stream'.`,
    { where: { source: name } })
}
