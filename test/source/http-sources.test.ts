/** The sources over HTTP against real servers: server-sent events and streamed bodies. */
import { afterEach, describe, expect, it } from 'vitest'
import { eventSource, type EventSourceOptions } from '../../src/source/event-source.js'
import { fetchStream, type FetchStreamOptions } from '../../src/source/fetch-stream.js'
import { textOf } from '../support/blocks.js'
import { serveHttp } from '../support/http-server.js'
import { startSource, until, type OpenIntake } from '../support/intake.js'

const SCHEMA = { n: 'f64' } as const
const FAST = { initialDelayMs: 5, maxDelayMs: 20 }
const opened: { close(): unknown }[] = []
const start = (source: Parameters<typeof startSource>[0]): OpenIntake => {
  const started = startSource(source)
  opened.push(started.connection)
  return started
}
const events = (url: string, options: Partial<EventSourceOptions<typeof SCHEMA>> = {}): OpenIntake =>
  start(eventSource(url, { schema: SCHEMA, reconnect: FAST, ...options }))
const body = (url: string, options: Partial<FetchStreamOptions<typeof SCHEMA>> = {}): OpenIntake =>
  start(fetchStream(url, { schema: SCHEMA, ...options }))
const serve = async (...args: Parameters<typeof serveHttp>): Promise<string> => {
  const server = await serveHttp(...args)
  opened.push(server)
  return server.url
}
const SSE = { 'content-type': 'text/event-stream; charset=utf-8' }

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close()
})

describe('eventSource', () => {
  it('takes the data of events, of the types asked for', async () => {
    const url = await serve((request, response) => {
      expect(request.headers).toMatchObject({ accept: 'text/event-stream', authorization: 'Bearer t' })
      response.writeHead(200, SSE)
      response.write(': hello\n\ndata: {"n":1}\n\nevent: other\ndata: {"n":2}\n\nevent: reading\ndata: {"n":3,\ndata: "x":0}\n\n')
    })
    const all = events(url, { headers: { authorization: 'Bearer t' } })
    await until(() => all.intake.queuedRows === 3)
    expect(textOf(all.intake.takeBlocks())).toBe('{"n":1}\n{"n":2}\n{"n":3,\r"x":0}\n')
    const some = events(url, { headers: { authorization: 'Bearer t' }, events: ['message', 'reading'] })
    await until(() => some.intake.queuedRows === 2)
    expect(textOf(some.intake.takeBlocks())).toBe('{"n":1}\n{"n":3,\r"x":0}\n')
  })

  it('comes back behind the last event, at the pace the server sets, and ends when told to', async () => {
    const asked: unknown[] = []
    const url = await serve((request, response, index) => {
      asked.push(request.headers['last-event-id'])
      if (index === 1) return void response.writeHead(503).end()
      if (index === 3) return void response.writeHead(204).end()
      response.writeHead(200, SSE)
      response.write(`retry: 7\nid: ${index}a\ndata: {"n":${index}}\n\ndata: {"n":`)
      if (index === 0) setTimeout(() => response.destroy(), 20)
      else response.end()
    })
    const { intake, events: seen, calls } = events(url)
    await until(() => calls.end === 1)
    expect(textOf(intake.takeBlocks())).toBe('{"n":0}\n{"n":2}\n')
    expect(asked).toEqual([undefined, '0a', '0a', '2a'])
    const cuts = seen.flatMap(event => (event.kind === 'disconnected' ? [event] : []))
    expect(cuts.length).toBe(3)
    expect(cuts[1]!.reason).toContain('the server answered 503 Service Unavailable')
    expect(cuts[2]!.reason).toBe('the server ended the stream')
    expect(cuts[0]!.retryInMs).toBeLessThanOrEqual(7)
  })

  it('waits when the queue is full', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, SSE)
      response.write(Array.from({ length: 10 }, (__, n) => `data: ${n}\n\n`).join(''))
    })
    const { intake } = events(url, { queuedRowsMax: 4 })
    await until(() => intake.queuedRows === 4)
    await new Promise(resolve => setTimeout(resolve, 20))
    expect([intake.queuedRows, intake.droppedRows]).toEqual([4, 0])
    expect(textOf(intake.takeBlocks())).toBe('0\n1\n2\n3\n')
    await until(() => intake.queuedRows === 4)
  })

  it('says nothing more once it is closed', async () => {
    let hasLeft = false
    const url = await serve((_, response) => {
      response.writeHead(200, SSE).write('data: 1\n\n')
      response.on('close', () => { hasLeft = true })
    })
    const { intake, events: seen, calls, failures } = events(url)
    await until(() => intake.queuedRows === 1)
    await opened.pop()!.close()
    await until(() => hasLeft)
    await new Promise(resolve => setTimeout(resolve, 20))
    expect([seen, calls.end, failures]).toEqual([[{ kind: 'connected' }], 0, []])
  })

  it('fails for good where coming back cannot help', async () => {
    const missing = events(await serve((_, response) => void response.writeHead(404).end()))
    const html = events(await serve((_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')))
    await until(() => missing.failures.length + html.failures.length === 2)
    expect(missing.failures[0]!.message).toContain('the server answered 404 Not Found.')
    expect(html.failures[0]!.message).toContain(
      "the server answered with content type 'text/html'; it must be 'text/event-stream'.")
  })
})

describe('fetchStream', () => {
  it('takes lines as they come, cut anywhere, and ends with the body', async () => {
    const url = await serve(async (_, response) => {
      for (const part of ['{"n"', ':1}\n{"n":2}', '\n{"n":3}']) {
        response.write(part)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
      response.end()
    })
    const { intake, calls } = body(url)
    await until(() => calls.end === 1)
    expect(textOf(intake.takeBlocks())).toBe('{"n":1}\n{"n":2}\n{"n":3}\n')
  })

  it('takes CSV and whole documents', async () => {
    const url = await serve((request, response) => void response.end(request.url === '/csv' ? 'n\r\n1\r\n2' : '[\n{"n":1}]'))
    const csv = body(`${url}csv`, { format: 'csv' })
    const json = body(url, { format: 'json' })
    await until(() => csv.calls.end + json.calls.end === 2)
    const [block] = csv.intake.takeBlocks()
    expect([textOf([block!]), block!.block]).toMatchObject(['1\r\n2\n', { csv: { columns: ['n'], delimiter: ',' } }])
    expect(textOf(json.intake.takeBlocks())).toBe('[\r{"n":1}]\n')
  })

  it('gives lines to decode', async () => {
    const url = await serve((_, response) => void response.end('1\r\n\n2'))
    const seen: string[] = []
    const { calls } = body(url, { decode: line => (seen.push(line), { n: Number(line) }) })
    await until(() => calls.end === 1)
    expect(seen).toEqual(['1', '2'])
  })

  it('fails when it is cut, or goes on where it was when told how', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/?from=1') return void response.end('{"n":2}\n')
      response.write('{"n":1}\n{"n":')
      setTimeout(() => response.destroy(), 10)
    })
    const cut = body(url)
    const resumed = body(url, { reconnect: FAST, resume: lastOffset => `${url}?from=${lastOffset}` })
    await until(() => cut.failures.length + resumed.calls.end === 2)
    expect(cut.failures[0]).toMatchObject({ code: 'SOURCE_FAILED' })
    expect(cut.failures[0]!.message).toContain('the connection was lost (')
    expect(textOf(resumed.intake.takeBlocks())).toBe('{"n":1}\n{"n":2}\n')
  })

  it('holds the server up when the queue is full, and lets it go when closed', async () => {
    let written = 0
    let isClosed = false
    const url = await serve((_, response) => {
      const line = `{"n":1,"pad":"${'x'.repeat(1000)}"}\n`.repeat(64)
      const write = (): void => {
        while (!isClosed && response.write(line)) written += line.length
        written += line.length
      }
      response.on('drain', write).on('close', () => { isClosed = true })
      write()
    })
    const { intake } = body(url, { queuedRowsMax: 100 })
    await until(() => intake.queuedRows >= 100)
    let before = -1
    while (before !== written) {
      before = written
      await new Promise(resolve => setTimeout(resolve, 300))
    }
    const queued = intake.queuedRows
    expect(queued).toBeLessThan(1000)
    intake.takeBlocks()
    await until(() => intake.queuedRows > 0)
    await opened.pop()!.close()
    await until(() => isClosed)
  })
})
