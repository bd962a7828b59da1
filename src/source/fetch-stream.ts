/**
 * A streamed HTTP answer: NDJSON or CSV lines as the body arrives, or one JSON document.
 * Invariant: the body is read only while the queue has room, so that back-pressure reaches the server.
 */
import { addressOf, type RequestInput } from './address.js'
import { sourceParts, type DecodeOption, type SourceOptions } from './options.js'
import { keepConnected, reconnectSettings, type ReconnectOptions } from './reconnect.js'
import type { Source, SourceSchema } from './source.js'

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
    start: intake => keepConnected(intake, parts.name, settings, async link => {
      const { read } = await import('./body-reading.js')
      const resumed = link.isReconnect ? options.resume?.(intake.receivedRows) : undefined
      return read(parts.name, resumed ?? request, options, link, intake)
    }),
  }
}
