/**
 * Server-sent events from text cut anywhere (WHATWG HTML, 9.2.6 "Interpreting an event stream").
 * Invariant: the events are the same however the text was cut; an event that its blank line does not end is never given.
 */

export interface SseEvent {
  /** `message` unless the server named it. */
  readonly type: string
  readonly data: string
  /** The last event id in force, '' when there is none. */
  readonly lastEventId: string
}

export class SseParser {
  readonly #onRetry: (ms: number) => void
  #line = ''
  #skipsLineFeed = false
  #isFirstLine = true
  #type = ''
  #data: string[] = []
  #id: string

  /** `lastEventId`: the one in force from an earlier connection. */
  constructor(lastEventId: string, onRetry: (ms: number) => void) {
    this.#id = lastEventId
    this.#onRetry = onRetry
  }

  /** Events that `text` completes, in order. */
  push(text: string): SseEvent[] {
    const events: SseEvent[] = []
    let start = 0
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i)
      const skips = this.#skipsLineFeed && c === 10
      this.#skipsLineFeed = c === 13
      if (skips) {
        start = i + 1
      } else if (c === 10 || c === 13) {
        const event = this.#endLine(this.#line + text.slice(start, i))
        if (event) events.push(event)
        this.#line = ''
        start = i + 1
      }
    }
    this.#line += text.slice(start)
    return events
  }

  #endLine(raw: string): SseEvent | null {
    const line = this.#isFirstLine ? raw.replace(/^\ufeff/, '') : raw
    this.#isFirstLine = false
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return null
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#type = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.#onRetry(Number(value))
    return null
  }

  #dispatch(): SseEvent | null {
    const event = this.#data.length === 0 ? null
      : { type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n'), lastEventId: this.#id }
    this.#data = []
    this.#type = ''
    return event
  }
}
