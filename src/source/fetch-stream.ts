/**
 * A streamed HTTP answer: NDJSON or CSV lines as the body arrives, or one JSON document.
 * Invariant: the body is read only while the queue has room, so that back-pressure reaches the server.
 */
import { addressOf, openResponse, piecesOf, type RequestInput } from './http.js'
import { sourceParts, type DecodeOption, type SourceOptions } from './options.js'
import { pushDecoded } from './payload.js'
import { keepConnected, reconnectSettings, type Link, type Outcome, type ReconnectOptions } from './reconnect.js'
import type { Intake, Source, SourceSchema } from './source.js'

export interface FetchStreamOptions<S extends SourceSchema> extends SourceOptions<S>, DecodeOption<S, string> {
  /** Headers, method and so on, as for `fetch`; its signal is the source's own. */
  readonly init?: Omit<RequestInit, 'signal'>
  /** Back-off after a cut; default false: a cut fails the source. The body's end is the source's end either way. */
  readonly reconnect?: ReconnectOptions | false
  /** The request to go on with after a cut, given the number of records received; without it the same request is made again. */
  readonly resume?: (lastOffset: number) => RequestInput
}

/**
 * A source over the body of one request; it ends with the body. Default format `ndjson`; `decode` is given one line at a time.
 * @example
 * fetchStream('/export.csv', { format: 'csv', schema: { sensor: 'utf8', at: 'timestamp', value: 'f64' } })
 */
export function fetchStream<const S extends SourceSchema>(request: RequestInput, options: FetchStreamOptions<S>): Source<S> {
  const parts = sourceParts(options, {
    name: `fetchStream(${addressOf(request)})`, format: 'ndjson', canPause: true, takesTextOnly: true,
  })
  const settings = reconnectSettings(parts.name, options.reconnect ?? false)
  return {
    ...parts,
    start: intake => keepConnected(intake, parts.name, settings, link => {
      const resumed = link.isReconnect ? options.resume?.(intake.receivedRows) : undefined
      return read(parts.name, resumed ?? request, options, link, intake)
    }),
  }
}

async function read<S extends SourceSchema>(
  name: string, request: RequestInput, options: FetchStreamOptions<S>, link: Link, intake: Intake,
): Promise<Outcome> {
  const response = await openResponse(name, request, { ...options.init, signal: link.signal })
  link.connected()
  const { decode } = options
  const push = decode ? linePusher(intake, decode) : (bytes: Uint8Array | null) => bytes && intake.pushBytes(bytes)
  for await (const bytes of piecesOf(response)) {
    link.receivedData()
    await intake.ready()
    push(bytes)
  }
  push(null)
  return { kind: 'ended' }
}

/** Hands whole lines to the user's function; null ends the last line. Blank lines are nothing. */
function linePusher(intake: Intake, decode: (line: string) => unknown): (bytes: Uint8Array | null) => void {
  const decoder = new TextDecoder()
  let partial = ''
  return bytes => {
    const lines = (partial + (bytes ? decoder.decode(bytes, { stream: true }) : `${decoder.decode()}\n`)).split(/\r?\n/)
    partial = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') pushDecoded(intake, line, decode)
  }
}
