/** The WebSocket source against real servers: frames, subscriptions, cuts and coming back. */
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { webSocket, type WebSocketConstructor, type WebSocketOptions } from '../../src/source/web-socket.js'
import { rowsTaken, textOf } from '../support/blocks.js'
import { serveSockets, type TestServer } from '../support/http-server.js'
import { openIntake, startSource, until, type OpenIntake } from '../support/intake.js'

const SCHEMA = { n: 'f64' } as const
const FAST = { initialDelayMs: 5, maxDelayMs: 20 }
const opened: { close(): unknown }[] = []
const listen = (url: string, options: Partial<WebSocketOptions<typeof SCHEMA>> = {}): OpenIntake => {
  const started = startSource(webSocket(url, {
    schema: SCHEMA, format: 'ndjson', reconnect: FAST, WebSocket: WebSocket as unknown as WebSocketConstructor, ...options,
  }))
  opened.push(started.connection)
  return started
}
const serve = async (...args: Parameters<typeof serveSockets>): Promise<TestServer & { port: number }> => {
  const server = await serveSockets(...args)
  opened.push(server)
  return server
}

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close()
})

describe('webSocket', () => {
  it('takes text and binary frames, whole or with a line feed at the end', async () => {
    const { url } = await serve(socket => {
      socket.send('{"n":1}\n{"n":2}')
      socket.send(Buffer.from('{"n":3}\n'))
      socket.send('')
      socket.send('{"n":4}')
    })
    const { intake, events } = listen(url)
    await until(() => intake.queuedRows === 4)
    expect(textOf(intake.takeBlocks())).toBe('{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n')
    expect(events).toEqual([{ kind: 'connected' }])
  })

  it('opens nothing once it is closed', async () => {
    let opened = 0
    class Counted { constructor() { opened++ } }
    const { connection } = startSource(webSocket('ws://127.0.0.1:9', {
      schema: SCHEMA, WebSocket: Counted as unknown as WebSocketConstructor,
    }))
    void connection.close()
    await Promise.all([import('../../src/source/connection-loop.js'), import('../../src/source/socket-connection.js')])
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(opened).toBe(0)
  })

  it('takes json documents, one a frame', async () => {
    const { url } = await serve(socket => {
      socket.send('[\n{"n":1},{"n":2}\n]')
      socket.send('{"n":3}')
    })
    const { intake } = listen(url, { format: 'json' })
    await until(() => intake.queuedRows === 2)
    expect(textOf(intake.takeBlocks())).toBe('[\r{"n":1},{"n":2}\r]\n{"n":3}\n')
  })

  it('sends what is to be said on opening, with the protocols asked for', async () => {
    const heard: string[] = []
    const { url } = await serve((socket, request) => {
      socket.on('message', (data, isBinary) =>
        heard.push(`${isBinary ? 'binary' : 'text'} ${String(data)} ${request.headers['sec-websocket-protocol']}`))
    })
    listen(url, { open: ['subscribe', new TextEncoder().encode('now')], protocols: ['readings.v1'] })
    await until(() => heard.length === 2)
    expect(heard).toEqual(['text subscribe readings.v1', 'binary now readings.v1'])
  })

  it('gives payloads to decode, and makes bad records of those it throws at', async () => {
    const { url } = await serve(socket => {
      for (const frame of ['1', 'x', Buffer.of(7, 8), '2']) socket.send(frame)
    })
    const { intake, badReasons } = listen(url, {
      format: 'rows',
      decode: payload => {
        if (payload instanceof Uint8Array) return [...payload].map(n => ({ n }))
        if (payload === 'x') throw new Error('not a number')
        return { n: Number(payload) }
      },
    })
    await until(() => intake.receivedRows === 5)
    expect(rowsTaken([{ name: 'n', type: 'f64' }], intake.takeBlocks())).toEqual([{ n: 1 }, { n: 7 }, { n: 8 }, { n: 2 }])
    expect(badReasons).toEqual(['1: decode threw: not a number'])
  })

  it('comes back after the server went away and came back, and goes on where it was', async () => {
    const asked: string[] = []
    const first = await serve(socket => socket.send('{"n":0}\n{"n":1}'))
    const { intake, events } = listen(first.url, { resume: lastOffset => `${first.url}?from=${lastOffset}` })
    await until(() => intake.queuedRows === 2)
    await first.close()
    await until(() => events.filter(event => event.kind === 'disconnected').length >= 2)
    await serve((socket, request) => {
      asked.push(String(request.url))
      const from = Number(new URL(String(request.url), 'ws://x').searchParams.get('from'))
      socket.send(`{"n":${from}}`)
      if (asked.length === 1) socket.close(1001, 'restart')
    }, first.port)
    await until(() => intake.queuedRows === 4)
    expect(textOf(intake.takeBlocks())).toBe('{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n')
    expect(asked).toEqual(['/?from=2', '/?from=3'])
    const cuts = events.flatMap(event => (event.kind === 'disconnected' ? [event] : []))
    expect(cuts[0]!.reason).toBe('closed with code 1006')
    expect(cuts[1]!.reason).toContain('ECONNREFUSED')
    expect(cuts.at(-1)!.reason).toBe('closed with code 1001, restart')
    expect(cuts.every(cut => cut.retryInMs > 0 && cut.retryInMs <= 20)).toBe(true)
  })

  it('resumes by a message too', async () => {
    const heard: string[][] = []
    const { url } = await serve((socket, _, index) => {
      heard.push([])
      socket.on('message', data => {
        heard[index]!.push(String(data))
        if (index === 0) socket.terminate()
      })
    })
    listen(url, { open: 'hello', resume: lastOffset => ({ message: `from ${lastOffset}` }) })
    await until(() => heard[1]?.length === 2)
    expect(heard).toEqual([['hello'], ['hello', 'from 0']])
  })

  it('gives up after as many attempts as allowed, saying why', async () => {
    const server = await serve(() => {})
    await server.close()
    const { failures, events } = listen(server.url, { reconnect: { ...FAST, attemptsMax: 2 } })
    await until(() => failures.length > 0)
    expect(events.length).toBe(2)
    expect(failures[0]).toMatchObject({ code: 'SOURCE_FAILED' })
    expect(failures[0]!.message).toContain(`webSocket(${server.url}): the connection was lost (closed with code 1006`)
    expect(failures[0]!.message).toContain('2 attempts to reconnect have failed.')
  })

  it('without reconnect, ends when the server closes cleanly and fails when it does not', async () => {
    const clean = await serve(socket => {
      socket.send('{"n":1}')
      socket.close(1000)
    })
    const ended = listen(clean.url, { reconnect: false })
    await until(() => ended.calls.end === 1)
    expect([ended.intake.queuedRows, ended.failures]).toEqual([1, []])
    const rude = await serve(socket => socket.terminate())
    const cut = listen(rude.url, { reconnect: false })
    await until(() => cut.failures.length === 1)
    expect(cut.failures[0]!.message).toContain('the connection was lost (closed with code 1006)')
  })

  it('drops the oldest rows when nobody takes them, and counts them', async () => {
    const { url } = await serve(socket => {
      for (let n = 0; n < 50; n++) socket.send(`{"n":${n}}`)
    })
    const { intake } = listen(url, { queuedRowsMax: 3 })
    await until(() => intake.receivedRows === 50)
    expect([intake.droppedRows, textOf(intake.takeBlocks())]).toEqual([47, '{"n":47}\n{"n":48}\n{"n":49}\n'])
  })

  it('lets go of the socket when it is closed', async () => {
    let left = 0
    const server = await serve(socket => socket.on('close', () => left++))
    const { events } = listen(server.url)
    await until(() => events.length === 1)
    await opened.pop()!.close()
    await until(() => left === 1)
    expect(events).toEqual([{ kind: 'connected' }])
  })

  it('names wrong options', () => {
    const make = (options: object) => () => webSocket('ws://x', { schema: SCHEMA, ...options })
    expect(make({ overflow: 'pause' })).toThrow("webSocket(ws://x): overflow: 'pause' is not possible, as who sends cannot wait.")
    expect(make({ format: 'rows' })).toThrow(
      "webSocket(ws://x): format: 'rows' is not text. Use 'json', 'ndjson' or 'csv', or give decode.")
    expect(make({ reconnect: { jitter: 2 } })).toThrow('webSocket(ws://x): reconnect.jitter: 2 is not a number from 0 to 1.')
    expect(make({ format: 'csv', decode: () => [] })).toThrow("decode gives rows, so format: 'csv' has no meaning beside it")
    expect(() => webSocket('http://', { schema: SCHEMA })).toThrow("'http://' is not a URL")
  })

  it('fails where there is no WebSocket', () => {
    const global = globalThis as { WebSocket?: unknown }
    const before = global.WebSocket
    delete global.WebSocket
    try {
      const source = webSocket('ws://x', { schema: SCHEMA })
      const { intake, failures } = openIntake(source)
      source.start(intake)
      expect(failures).toMatchObject([{ code: 'UNSUPPORTED' }])
    } finally {
      if (before) global.WebSocket = before
    }
  })
})
