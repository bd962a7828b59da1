/**
 * The source of server-sent events, over fetch: unlike the browser's EventSource it can send headers, wait when the engine is
 * behind, and runs where there is none.
 * Invariant: after a cut it goes on behind the last event id that was pushed.
 */
import { addressOf } from './address.js'
import { sourceParts, type DecodeOption, type SourceOptions } from './options.js'
import { pushDecoded } from './payload.js'
import { keepConnected, reconnectSettings, type ReconnectOptions } from './reconnect.js'
import type { Intake, Source, SourceSchema } from './source.js'
import type { SseEvent } from './sse-parser.js'

export type { SseEvent }

export interface EventSourceOptions<S extends SourceSchema> extends SourceOptions<S>, DecodeOption<S, SseEvent> {
  /** Types of events that are taken; default: all. Events without a type are `message`. */
  readonly events?: string | readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly body?: string
  readonly credentials?: RequestCredentials
  /**
   * Back-off after a cut or the stream's end; false: the stream's end is the source's. A `retry` of the server sets the first
   * wait.
   */
  readonly reconnect?: ReconnectOptions | false
}

/**
 * A source that listens to server-sent events. Default format `json`: the data of an event is a document. A server that answers
 * 204 ends it.
 * @example
 * eventSource('/readings', { schema: { sensor: 'utf8', value: 'f64' }, events: 'reading', headers: { authorization } })
 */
export function eventSource<const S extends SourceSchema>(url: string | URL, options: EventSourceOptions<S>): Source<S> {
  const name = `eventSource(${addressOf(url)})`
  const parts = sourceParts(options, { name, format: 'json', canPause: true, takesTextOnly: true })
  const settings = reconnectSettings(parts.name, options.reconnect ?? {})
  const types = options.events === undefined ? null : new Set([options.events].flat())
  const { decode } = options
  const push = (intake: Intake, event: SseEvent): void => {
    if (decode) pushDecoded(intake, event, decode)
    else intake.pushMessage(event.data)
  }
  return {
    ...parts,
    start(intake) {
      let lastEventId = ''
      const onEvent = async (event: SseEvent): Promise<void> => {
        await intake.ready()
        if (types === null || types.has(event.type)) push(intake, event)
        lastEventId = event.lastEventId
      }
      return keepConnected(intake, parts.name, settings, async link => {
        const { listen } = await import('./event-connection.js')
        return listen(parts.name, url, options, link, lastEventId, onEvent)
      })
    },
  }
}
